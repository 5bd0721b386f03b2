//! Who may come in, asked of a running service.
