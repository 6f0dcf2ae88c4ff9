//! Facts of a till to receipts, with their cross-checks.
