//! The configuration: one TOML file, parsed raw, then checked; every mistake is told at once.

mod model;

pub use model::{
    BufferConfig, Config, Confirm, DoorConfig, DoorKind, Encoding, GatewayConfig, LineFormat,
    MqttConfig, Parity, Product, ReceiverConfig, ReceiverKind, SerialConfig, SerialLine, TagClass,
    TagConfig,
};
