//! What the fake bluetoothd tells on the bus: its adapter and its devices, as BlueZ's interfaces have them.

use std::collections::HashMap;

use dbus::arg::{PropMap, RefArg, Variant};

pub const ADAPTER: &str = "org.bluez.Adapter1";
pub const DEVICE: &str = "org.bluez.Device1";
/// The address of its own adapter.
pub const ADAPTER_ADDRESS: &str = "00:1A:7D:DA:71:13";
/// The other adapter, which it only lists.
pub const OTHER_PATH: &str = "/org/bluez/hci9";
/// The address of the other adapter.
pub const OTHER_ADDRESS: &str = "00:1A:7D:DA:71:99";

/// Properties by interface.
pub type Interfaces = HashMap<String, PropMap>;
/// Interfaces by object.
pub type Objects = HashMap<dbus::Path<'static>, Interfaces>;

/// One advertisement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertisement {
    /// As displayed, most significant byte first.
    pub address: [u8; 6],
    /// The address is a random one.
    pub random: bool,
    /// dBm.
    pub rssi: i16,
    /// (company id, data).
    pub manufacturer: Vec<(u16, Vec<u8>)>,
    /// (UUID, data).
    pub service: Vec<(String, Vec<u8>)>,
}

impl Advertisement {
    /// An advertisement without a payload.
    #[must_use]
    pub fn new(address: [u8; 6], rssi: i16) -> Self {
        Self { address, random: false, rssi, manufacturer: Vec::new(), service: Vec::new() }
    }

    /// Adds manufacturer data.
    #[must_use]
    pub fn with_manufacturer(mut self, company: u16, data: &[u8]) -> Self {
        self.manufacturer.push((company, data.to_vec()));
        self
    }

    /// Adds the data of a service with a 16-bit UUID.
    #[must_use]
    pub fn with_service(mut self, uuid: u16, data: &[u8]) -> Self {
        self.service.push((format!("0000{uuid:04x}-0000-1000-8000-00805f9b34fb"), data.to_vec()));
        self
    }
}

/// A device that was heard; `None` for one that lacks what every device has.
#[derive(Debug)]
pub struct Device(Option<Advertisement>);

impl Device {
    /// A device whose first advertisement this is.
    #[must_use]
    pub fn heard(advert: &Advertisement) -> Self {
        Self(Some(advert.clone()))
    }

    /// A device without properties.
    #[must_use]
    pub fn nameless() -> Self {
        Self(None)
    }

    /// Keeps the newest advertisement; returns the strength before.
    pub fn hear(&mut self, advert: &Advertisement) -> Option<i16> {
        self.0.replace(advert.clone()).map(|before| before.rssi)
    }

    /// All its properties.
    #[must_use]
    pub fn properties(&self, adapter: &str) -> PropMap {
        let Some(advert) = &self.0 else { return PropMap::new() };
        let mut all = changes(advert, None);
        let address = advert.address.map(|byte| format!("{byte:02X}")).join(":");
        let kind = if advert.random { "random" } else { "public" };
        put(&mut all, "Alias", address.replace(':', "-"));
        put(&mut all, "Address", address);
        put(&mut all, "AddressType", kind.to_owned());
        put(&mut all, "Adapter", dbus::Path::from(adapter.to_owned()));
        for flag in
            ["Paired", "Connected", "ServicesResolved", "Trusted", "Blocked", "LegacyPairing"]
        {
            put(&mut all, flag, false);
        }
        all
    }
}

/// What an advertisement changes. The strength is left out when it is the one `before`.
#[must_use]
pub fn changes(advert: &Advertisement, before: Option<i16>) -> PropMap {
    let mut changes = PropMap::new();
    if before != Some(advert.rssi) {
        put(&mut changes, "RSSI", advert.rssi);
    }
    if !advert.manufacturer.is_empty() {
        put(&mut changes, "ManufacturerData", data(&advert.manufacturer));
    }
    if !advert.service.is_empty() {
        put(&mut changes, "ServiceData", data(&advert.service));
    }
    changes
}

/// Properties of the right names and the wrong types.
#[must_use]
pub fn wrong_types() -> PropMap {
    let mut wrong = PropMap::new();
    put(&mut wrong, "RSSI", "loud".to_owned());
    put(&mut wrong, "ManufacturerData", vec![1_u8, 2, 3]);
    let not_bytes: HashMap<String, Variant<Box<dyn RefArg>>> =
        [("no uuid".to_owned(), Variant(Box::new(true) as Box<dyn RefArg>))].into();
    put(&mut wrong, "ServiceData", not_bytes);
    wrong
}

/// The adapter's properties.
#[must_use]
pub fn adapter(address: &str, powered: bool, discovering: bool) -> PropMap {
    let mut all = PropMap::new();
    put(&mut all, "Address", address.to_owned());
    put(&mut all, "AddressType", "public".to_owned());
    put(&mut all, "Name", "gateway".to_owned());
    put(&mut all, "Alias", "gateway".to_owned());
    put(&mut all, "Modalias", "usb:v1D6Bp0246d0542".to_owned());
    put(&mut all, "Powered", powered);
    put(&mut all, "Discovering", discovering);
    all
}

/// One property.
#[must_use]
pub fn property(name: &str, value: bool) -> PropMap {
    let mut properties = PropMap::new();
    put(&mut properties, name, value);
    properties
}

/// The object of an adapter.
#[must_use]
pub fn adapter_path(index: u8) -> String {
    format!("/org/bluez/hci{index}")
}

/// The object of a device.
#[must_use]
pub fn path(adapter: &str, address: [u8; 6]) -> String {
    let address = address.map(|byte| format!("{byte:02X}")).join("_");
    format!("{adapter}/dev_{address}")
}

/// The address in `/dev_AA_BB_CC_00_00_01`, what follows an adapter's object.
#[must_use]
pub fn address(rest: &str) -> Option<[u8; 6]> {
    let mut parts = rest.strip_prefix("/dev_")?.split('_');
    let mut address = [0; 6];
    for byte in &mut address {
        *byte = u8::from_str_radix(parts.next()?, 16).ok()?;
    }
    parts.next().is_none().then_some(address)
}

/// A plain value as text.
#[must_use]
pub fn show(value: &dyn RefArg) -> String {
    match (value.as_str(), value.as_i64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(number)) => number.to_string(),
        (None, None) => value.signature().to_string(),
    }
}

fn data<K: Clone + Eq + std::hash::Hash>(
    data: &[(K, Vec<u8>)],
) -> HashMap<K, Variant<Box<dyn RefArg>>> {
    let boxed = |(key, bytes): &(K, Vec<u8>)| {
        (key.clone(), Variant(Box::new(bytes.clone()) as Box<dyn RefArg>))
    };
    data.iter().map(boxed).collect()
}

fn put(properties: &mut PropMap, name: &str, value: impl RefArg + 'static) {
    properties.insert(name.to_owned(), Variant(Box::new(value)));
}
