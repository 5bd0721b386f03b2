//! What is held back, what leaves, and what a block leaves behind.
