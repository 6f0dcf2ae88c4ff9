//! The figures of the README: run with `make bench`, which prints a table. Nothing here passes or fails.
