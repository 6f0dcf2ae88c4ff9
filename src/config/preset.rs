//! What brokers allow, by kind: the defaults of `[mqtt]` that `preset` chooses. Each can be set by itself.
//!
//! Sources: the public quotas of AWS IoT Core (100 publishes and 512 KB a second on a connection, 128 KiB a message,
//! 100 in flight, keep-alive from 30 s) and of Azure Event Grid's MQTT broker (1 MB a second in a session, 512 KiB a
//! message, keep-alive up to 1160 s, a rate that all gateways of a namespace share), and HiveMQ's defaults (10 in
//! flight, as its CONNACK also says). Rates stay a fifth below, because whoever counts does not begin its second when
//! we do.

use std::time::Duration;

use crate::limits::{MQTT_PACKET_BYTES, MQTT_WINDOW};

/// A kind of broker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Any broker; Mosquitto.
    #[default]
    Generic,
    /// AWS IoT Core.
    Aws,
    /// The MQTT broker of an Azure Event Grid namespace.
    EventGrid,
    /// HiveMQ, also in its cloud.
    HiveMq,
}

/// What may be handed to a broker. It may allow less in its CONNACK.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The kind that the other numbers are of, unless they were set.
    pub preset: Preset,
    /// Messages on their way at once.
    pub in_flight: u16,
    /// Messages a second; `None` for as many as go.
    pub messages_per_s: Option<u32>,
    /// Bytes a second; `None` for as many as go.
    pub bytes_per_s: Option<u32>,
    /// Bytes of a packet.
    pub packet_bytes: usize,
    /// Whether `…/state` may be retained.
    pub retain: bool,
}

impl Default for Allowance {
    fn default() -> Self {
        Preset::Generic.allowance()
    }
}

impl Preset {
    /// Names in the configuration.
    pub const NAMES: [(&str, Self); 4] = [
        ("generic", Self::Generic),
        ("aws", Self::Aws),
        ("eventgrid", Self::EventGrid),
        ("hivemq", Self::HiveMq),
    ];

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        let named = Self::NAMES.into_iter().find(|(_, preset)| *preset == self);
        named.map_or("generic", |(name, _)| name)
    }

    /// What this kind of broker allows.
    #[must_use]
    pub fn allowance(self) -> Allowance {
        let generic = Allowance {
            preset: self,
            in_flight: MQTT_WINDOW,
            messages_per_s: None,
            bytes_per_s: None,
            packet_bytes: MQTT_PACKET_BYTES,
            retain: true,
        };
        match self {
            Self::Generic => generic,
            Self::Aws => Allowance {
                messages_per_s: Some(80),
                bytes_per_s: Some(400_000),
                packet_bytes: 128 * 1024,
                ..generic
            },
            Self::EventGrid => Allowance {
                messages_per_s: Some(80),
                bytes_per_s: Some(800_000),
                retain: false,
                ..generic
            },
            Self::HiveMq => Allowance { in_flight: 10, ..generic },
        }
    }

    /// The keep-alive where none is set.
    #[must_use]
    pub fn keep_alive(self) -> Duration {
        Duration::from_secs(match self {
            // Each ping is a billed message there.
            Self::Aws | Self::EventGrid => 60,
            Self::Generic | Self::HiveMq => 30,
        })
    }

    /// Seconds of keep-alive that this kind of broker takes.
    #[must_use]
    pub fn keep_alives(self) -> (u64, u64) {
        match self {
            Self::Aws => (30, 1200),
            Self::EventGrid => (5, 1160),
            Self::Generic | Self::HiveMq => (5, 1200),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::BATCH_BYTES;

    #[test]
    fn every_preset_takes_a_whole_batch_and_its_own_keep_alive() {
        for (name, preset) in Preset::NAMES {
            let allowance = preset.allowance();
            assert_eq!(preset.name(), name);
            assert!(allowance.packet_bytes >= BATCH_BYTES + 4096, "{name}");
            assert!((1..=MQTT_WINDOW).contains(&allowance.in_flight), "{name}");
            let (least, most) = preset.keep_alives();
            assert!((least..=most).contains(&preset.keep_alive().as_secs()), "{name}");
        }
    }
}
