//! The gateway of the simulated store: its configuration, its catalogue, and the dialect of its back office.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::day::{Device, STORE, TRUCKS as TRUCK_MAJOR, goods, sensor};
use crate::demo::uuid;
use crate::store::TAG_UUID;

/// Numbers of the trucks that are enrolled.
pub const TRUCKS: std::ops::RangeInclusive<u16> = 11..=16;

/// Slips of the back office: what its lines mean, upon what every plain text journal says.
const OFFICE: &str = r#"schema = 1
id = "back-office"
extends = "text-generic"

[[rule]]
event = "number"
re = '^slip no: (?P<number>\S+)$'

[[rule]]
event = "skip"
re = '^goods in$'
goto = "goods_in"

[[rule]]
event = "skip"
re = '^damaged goods$'
goto = "damaged"

[[rule]]
event = "skip"
re = '^stock count$'
goto = "count"

[[rule]]
event = "stock"
in = ["goods_in"]
set = { reason = "restock" }
re = '^(?P<sku>\d{8})\s+(?P<desc>\S.*?)\s+%{qty:qty}$'

[[rule]]
event = "stock"
in = ["damaged"]
set = { reason = "damage" }
re = '^(?P<sku>\d{8})\s+(?P<desc>\S.*?)\s+%{qty:qty}$'

[[rule]]
event = "stock"
in = ["count"]
set = { reason = "count" }
re = '^(?P<sku>\d{8})\s+(?P<desc>\S.*?)\s+%{qty:qty}$'

[[rule]]
event = "order"
set = { mode = "pick_up" }
re = '^pick up order (?P<number>\S+)$'
goto = "order"

[[rule]]
event = "order"
set = { mode = "ship_from_store" }
re = '^ship order (?P<number>\S+)$'
goto = "order"

[[rule]]
event = "order_item"
in = ["order"]
re = '^%{int:qty} x (?P<sku>\d{8}) (?P<desc>.+)$'
"#;

/// Where the port of a device is found: a link, so that it can be plugged into another one.
pub fn port(folder: &Path, device: Device) -> PathBuf {
    folder.join("ports").join(device.name())
}

/// Writes everything that the agent reads; the configuration's path.
pub fn write(folder: &Path, broker: u16) -> io::Result<PathBuf> {
    fs::create_dir_all(folder.join("data"))?;
    fs::create_dir_all(folder.join("ports"))?;
    fs::write(folder.join("catalog.csv"), goods::catalogue())?;
    fs::write(folder.join("back-office.toml"), OFFICE)?;
    let config = folder.join("tillgate.toml");
    fs::write(&config, toml(folder, broker))?;
    Ok(config)
}

fn toml(folder: &Path, broker: u16) -> String {
    let at = folder.display();
    let mut toml = format!(
        "catalog = \"{at}/catalog.csv\"\n\n[gateway]\nid = \"gw-day\"\ntenant = \"demo\"\nstore_id = {STORE}\n\
         timezone = \"UTC\"\ncurrency = \"EUR\"\ndata_dir = \"{at}/data\"\n\n\
         [mqtt]\nurl = \"mqtt://127.0.0.1:{broker}\"\nconfirm = \"broker\"\n\n\
         [buffer]\nmax_bytes = \"64MiB\"\n"
    );
    for device in Device::ALL {
        let (table, keys) = table(device, folder);
        // Writing to a string cannot fail.
        let _infallible = write!(
            toml,
            "\n[[{table}]]\nname = \"{}\"\nport = \"{}\"\n{keys}",
            device.name(),
            port(folder, device).display(),
        );
    }
    tags(&mut toml);
    toml
}

fn table(device: Device, folder: &Path) -> (&'static str, String) {
    let radio =
        |zone: &str| ("receiver", format!("kind = \"serial\"\nzone = \"{zone}\"\nsilence_s = 0\n"));
    let door = || ("door", "kind = \"serial-counter\"\nzone = \"ENTRANCE\"\n".to_owned());
    let till = |dialect: &str| ("serial", format!("dialect = \"{dialect}\"\n"));
    match device {
        Device::Till1 | Device::Till2 => till("escpos-generic"),
        Device::Till3 => till("text-generic"),
        Device::Office => till(&folder.join("back-office.toml").display().to_string()),
        Device::MainDoor | Device::CarParkDoor => door(),
        Device::EntranceRadio => radio("ENTRANCE"),
        Device::GroceryRadio => radio("GROCERY"),
        Device::HouseholdRadio => radio("HOUSEHOLD"),
        Device::CheckoutRadio => radio("CHECKOUT"),
        Device::DockRadio => radio("DOCK"),
        Device::Screen => ("screen", "zone = \"ENTRANCE\"\n".to_owned()),
    }
}

fn tags(toml: &mut String) {
    let uuid = uuid(TAG_UUID);
    let mut tag = |id: &str, class: &str, known: &str| {
        let _infallible =
            write!(toml, "\n[[tag]]\nid = \"{id}\"\nclass = \"{class}\"\nmatch = {{ {known} }}\n");
    };
    tag("loyalty", "customer", &format!("ibeacon = \"{uuid}\", major = {STORE}"));
    for number in TRUCKS {
        let known = format!("ibeacon = \"{uuid}\", major = {TRUCK_MAJOR}, minor = {number}");
        tag(&format!("truck-{number}"), "truck", &known);
        let address: Vec<String> =
            sensor(number).iter().map(|byte| format!("{byte:02X}")).collect();
        tag(&format!("reefer-{number}"), "asset", &format!("mac = \"{}\"", address.join(":")));
    }
}
