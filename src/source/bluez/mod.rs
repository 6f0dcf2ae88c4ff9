//! Bluetooth
