//! The whole service in this process, over real databases.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

mod second_server;
