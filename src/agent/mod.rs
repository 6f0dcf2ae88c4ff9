//! The only wiring: channels, threads, shutdown order.
