//! What a till prints, and the records that follow.
