//! One adapter of the fake bluetoothd: who scans with it, and which devices it has heard.

use std::collections::{BTreeMap, BTreeSet};

use dbus::arg::PropMap;

use super::object::{self, ADAPTER, Advertisement, DEVICE, Device};

/// An adapter, plugged in or not.
#[derive(Debug)]
pub struct Adapter {
    /// Its object.
    pub path: String,
    address: &'static str,
    pub plugged: bool,
    pub powered: bool,
    /// Another program scans with it, so that it hears whether or not anybody asked.
    overheard: bool,
    /// It says that it does not scan, whether it does or not.
    pub denies_scan: bool,
    /// Unique bus names of those who scan.
    pub scanners: BTreeSet<String>,
    pub devices: BTreeMap<[u8; 6], Device>,
}

/// What the bus is told of an advertisement.
pub enum Told {
    /// A device that was not known, with all its properties.
    Added(String, PropMap),
    /// What changed of a known one.
    Changed(String, PropMap),
}

impl Adapter {
    /// The first one, as `hci0`.
    pub fn own() -> Self {
        Self::new(object::adapter_path(0), object::ADAPTER_ADDRESS, false)
    }

    /// The other one.
    pub fn other() -> Self {
        Self::new(object::OTHER_PATH.to_owned(), object::OTHER_ADDRESS, true)
    }

    fn new(path: String, address: &'static str, overheard: bool) -> Self {
        Self {
            path,
            address,
            plugged: true,
            powered: true,
            overheard,
            denies_scan: false,
            scanners: BTreeSet::new(),
            devices: BTreeMap::new(),
        }
    }

    /// Plugged in, switched off as it comes, or out.
    pub fn plug(&mut self, index: Option<u8>) {
        self.plugged = index.is_some();
        self.path = index.map_or_else(|| self.path.clone(), object::adapter_path);
        self.powered = false;
        self.scanners.clear();
        self.devices.clear();
    }

    /// Hears a device, if anybody scans.
    pub fn hear(&mut self, advert: &Advertisement) -> Option<Told> {
        if self.scanners.is_empty() && !self.overheard {
            return None;
        }
        let path = object::path(&self.path, advert.address);
        if let Some(device) = self.devices.get_mut(&advert.address) {
            let before = device.hear(advert);
            return Some(Told::Changed(path, object::changes(advert, before)));
        }
        let device = Device::heard(advert);
        let properties = device.properties(&self.path);
        self.devices.insert(advert.address, device);
        Some(Told::Added(path, properties))
    }

    /// Of this object, if it is the adapter or one of its devices.
    pub fn properties_of(&self, path: &str) -> Option<PropMap> {
        if path == self.path {
            return self.plugged.then(|| self.properties());
        }
        let address = object::address(path.strip_prefix(&self.path)?)?;
        Some(self.devices.get(&address)?.properties(&self.path))
    }

    /// It and its devices.
    pub fn add_objects(&self, objects: &mut object::Objects) {
        if self.plugged {
            let interfaces = [(ADAPTER.to_owned(), self.properties())].into();
            objects.insert(self.path.clone().into(), interfaces);
        }
        for (address, device) in &self.devices {
            let interfaces = [(DEVICE.to_owned(), device.properties(&self.path))].into();
            objects.insert(object::path(&self.path, *address).into(), interfaces);
        }
    }

    fn properties(&self) -> PropMap {
        let discovering = !self.scanners.is_empty() && !self.denies_scan;
        object::adapter(self.address, self.powered, discovering)
    }
}
