//! Serial sources on ptys.
