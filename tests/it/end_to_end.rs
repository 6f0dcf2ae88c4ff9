//! The built binary between ptys and a real broker.
