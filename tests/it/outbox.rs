//! The store from outside: reopened, killed, full.
