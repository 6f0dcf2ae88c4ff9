//! Dialects: what a brand of receipts looks like, in TOML, and the grammar that reads it.
