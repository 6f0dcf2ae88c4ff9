//! `tillgate replay` and `tillgate decode` as processes.
