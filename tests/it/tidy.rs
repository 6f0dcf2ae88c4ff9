//! The style and the import rules of the repository.
