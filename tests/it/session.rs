//! The MQTT task against real and rude brokers.
