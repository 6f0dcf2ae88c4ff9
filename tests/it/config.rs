//! Configuration files and what is said of their mistakes.
