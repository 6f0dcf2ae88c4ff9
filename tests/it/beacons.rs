//! BlueZ receivers against a fake daemon on a private bus.
