//! Pure: records to batches, when and how large.
