//! Which devices the demo's store has, and the gateway's configuration for them.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::civil::DateTime;

use crate::store::{self, Device, Door, Receiver, Style, Till};

/// Tags that are enrolled.
const TAGS: u16 = 4;
/// The store's number, also on the tags.
const STORE: u16 = 7;

/// A device and how it is attached.
pub struct Planned {
    pub name: String,
    pub kind: &'static str,
    pub baud: u32,
    /// Lines of TOML beside the name and the line's settings.
    table: &'static str,
    keys: String,
    pub device: Box<dyn Device>,
}

/// All devices of the store.
pub fn devices(tills: usize, opened: DateTime, seed: u64) -> Vec<Planned> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut devices = Vec::new();
    for n in 0..tills {
        let (style, kind, dialect) = match n % 3 {
            0 => (Style::Columns, "ESC/POS till", "escpos-generic"),
            1 => (Style::Positioned, "ESC/POS till", "escpos-generic"),
            _ => (Style::Plain, "text till", "text-generic"),
        };
        let name = format!("till-{}", n + 1);
        let device = Box::new(Till::new(&name, style, opened, rng.u64(..)));
        let keys = format!("dialect = \"{dialect}\"\n");
        devices.push(Planned { name, kind, baud: 9600, table: "serial", keys, device });
    }
    for name in ["main-entrance", "car-park-entrance"] {
        let device = Box::new(Door::new(name, rng.u64(..)));
        let keys = "kind = \"serial-counter\"\nzone = \"ENTRANCE\"\n".to_owned();
        let name = name.to_owned();
        devices.push(Planned {
            name,
            kind: "door counter",
            baud: 9600,
            table: "door",
            keys,
            device,
        });
    }
    for (zone, name) in [(0, "grocery"), (1, "checkout")] {
        let device = Box::new(Receiver::new(name, zone, TAGS, STORE, rng.u64(..)));
        let keys = format!("kind = \"serial\"\nzone = \"{}\"\n", name.to_uppercase());
        let (name, kind) = (name.to_owned(), "beacon receiver");
        devices.push(Planned { name, kind, baud: 115_200, table: "receiver", keys, device });
    }
    devices
}

/// The gateway's TOML. `ports` are the devices' paths, in their order.
pub fn gateway_toml(
    broker: u16,
    data_dir: &Path,
    devices: &[Planned],
    ports: &[PathBuf],
) -> String {
    let mut toml = format!(
        "[gateway]\nid = \"gw-demo\"\ntenant = \"demo\"\nstore_id = {STORE}\ntimezone = \"UTC\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n\
         [mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\nencoding = \"postcard\"\nconfirm = \"broker\"\n\n\
         [buffer]\nmax_bytes = \"64MiB\"\ncommit_interval_ms = 100\n",
        data_dir.display()
    );
    for (device, port) in devices.iter().zip(ports) {
        let Planned { name, table, keys, baud, .. } = device;
        // Writing to a string cannot fail.
        let _infallible = write!(
            toml,
            "\n[[{table}]]\nname = \"{name}\"\nport = \"{}\"\nbaud = {baud}\nformat = \"8N1\"\n{keys}",
            port.display()
        );
    }
    let uuid = uuid(store::TAG_UUID);
    for minor in 1..=TAGS {
        let _infallible = write!(
            toml,
            "\n[[tag]]\nid = \"customer-{minor}\"\nclass = \"customer\"\n\
             match = {{ ibeacon = \"{uuid}\", major = {STORE}, minor = {minor} }}\n"
        );
    }
    toml
}

/// As it is written.
pub fn uuid(bytes: [u8; 16]) -> String {
    let hex = format!("{:032x}", u128::from_be_bytes(bytes));
    let mut out = String::new();
    for (n, digit) in hex.chars().enumerate() {
        if matches!(n, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(digit);
    }
    out
}

/// When the broker is away: from the middle of the run, for an eighth of it, but 2 to 10 seconds.
pub fn outage(run: Duration) -> std::ops::Range<Duration> {
    let length = (run / 8).clamp(Duration::from_secs(2), Duration::from_secs(10));
    run / 2..run / 2 + length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_device_and_tag_is_in_the_configuration() {
        let devices = devices(3, DateTime::default(), 1);
        let ports: Vec<PathBuf> =
            (0..devices.len()).map(|n| format!("/dev/pts/{n}").into()).collect();
        let toml = gateway_toml(1883, Path::new("/tmp/data"), &devices, &ports);
        for device in &devices {
            assert!(toml.contains(&format!("name = \"{}\"", device.name)), "{toml}");
        }
        assert_eq!(toml.matches("[[tag]]").count(), usize::from(TAGS));
        assert!(
            toml.contains(
                "ibeacon = \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\", major = 7, minor = 4"
            )
        );
    }

    #[test]
    fn the_outage_lies_inside_the_run() {
        for (run, from, to) in [(120, 60, 70), (20, 10, 12), (60, 30, 37)] {
            let outage = outage(Duration::from_secs(run));
            assert_eq!((outage.start.as_secs(), outage.end.as_secs()), (from, to));
        }
    }
}
