//! The ledger seen from outside.
