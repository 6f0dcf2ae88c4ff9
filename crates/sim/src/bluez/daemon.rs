//! The fake daemon itself: what it knows, answers and emits.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dbus::Message;
use dbus::arg::{PropMap, RefArg, Variant};
use dbus::channel::Channel;

use super::object::{self, ADAPTER, ADAPTER_ADDRESS, Advertisement, DEVICE, Device};
use super::{Answers, Command, Status, Watched};

/// How long the bus may take to give the name.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often commands are looked at while the bus is quiet.
const TURN: Duration = Duration::from_millis(2);

pub struct Daemon {
    bus: Channel,
    inbox: Receiver<Command>,
    status: Arc<Watched>,
    hanging: bool,
    /// It says that it does not scan, whether it does or not.
    denies_scan: bool,
    answers: Answers,
    /// Answers that are to be sent, and when.
    late: VecDeque<(Instant, Message)>,
    /// Its object.
    adapter: String,
    plugged: bool,
    powered: bool,
    /// Unique bus names of those who scan.
    scanners: BTreeSet<String>,
    devices: BTreeMap<[u8; 6], Device>,
    /// What is still to be heard, the next one last, and when.
    playing: Vec<Playing>,
}

struct Playing {
    /// Reversed: the next one is the last.
    adverts: Vec<Advertisement>,
    interval: Duration,
    next: Instant,
}

impl Daemon {
    /// On the bus at `address`, with its adapter plugged in and powered.
    pub fn connect(
        address: &str,
        inbox: Receiver<Command>,
        status: Arc<Watched>,
    ) -> anyhow::Result<Self> {
        let mut bus = Channel::open_private(address).context("cannot reach the bus")?;
        bus.register().context("cannot register")?;
        own_name(&bus)?;
        Ok(Self {
            bus,
            inbox,
            status,
            hanging: false,
            denies_scan: false,
            answers: Answers::default(),
            late: VecDeque::new(),
            adapter: object::adapter_path(0),
            plugged: true,
            powered: true,
            scanners: BTreeSet::new(),
            devices: BTreeMap::new(),
            playing: Vec::new(),
        })
    }

    /// Until its commands end, or the bus does.
    pub fn run(&mut self) {
        while self.bus.read_write(Some(TURN)).is_ok() {
            // First, so that what was told before a client came holds for it.
            loop {
                match self.inbox.try_recv() {
                    Ok(command) => self.obey(command),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            while let Some(message) = self.next_message() {
                if let Some(reply) = self.answer(&message) {
                    self.send(reply);
                }
            }
            if !self.hanging {
                self.send_late();
                self.play();
            }
        }
    }

    fn next_message(&self) -> Option<Message> {
        if self.hanging { None } else { self.bus.pop_message() }
    }

    #[expect(clippy::disallowed_methods, reason = "a simulated device keeps real time")]
    fn send_late(&mut self) {
        while self.late.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            if let Some((_, answer)) = self.late.pop_front() {
                self.send(answer);
            }
        }
    }

    /// What is known of a device or of the adapter; `None` where it is sent later.
    #[expect(clippy::disallowed_methods, reason = "a simulated device keeps real time")]
    fn tell_all(&mut self, message: &Message, path: &str) -> Option<Message> {
        let Some(properties) = self.properties(path) else {
            return refuse(message, "org.freedesktop.DBus.Error.UnknownObject");
        };
        let answer = message.method_return().append1(properties);
        match self.answers {
            Answers::Late(wait) if path.contains("/dev_") => {
                self.late.push_back((Instant::now() + wait, answer));
                None
            }
            Answers::Never if path.contains("/dev_") => {
                refuse(message, "org.freedesktop.DBus.Error.UnknownObject")
            }
            _ => Some(answer),
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a simulated device keeps real time")]
    fn play(&mut self) {
        let now = Instant::now();
        while let Some(playing) = self.playing.first_mut() {
            if playing.next > now {
                return;
            }
            playing.next += playing.interval;
            match playing.adverts.pop() {
                Some(advert) => self.hear(&advert),
                None => {
                    self.playing.remove(0);
                }
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "a simulated device keeps real time")]
    fn obey(&mut self, command: Command) {
        match command {
            Command::Hear(mut adverts, interval) => {
                adverts.reverse();
                self.playing.push(Playing { adverts, interval, next: Instant::now() });
            }
            Command::HearWrongTypes(address) => {
                self.changed(&object::path(&self.adapter, address), DEVICE, object::wrong_types());
            }
            Command::HearWithoutAddress(address) => {
                let device = Device::nameless();
                self.added(object::path(&self.adapter, address), &self.adapter, &device);
                self.devices.insert(address, device);
                let advert = Advertisement::new(address, -50).with_manufacturer(1, &[1]);
                self.changed(
                    &object::path(&self.adapter, address),
                    DEVICE,
                    object::changes(&advert, None),
                );
            }
            Command::StopDiscovery => {
                self.scanners.clear();
                self.discovery_changed();
            }
            Command::Power(on) => self.power(on),
            Command::Hang(hanging) => self.hanging = hanging,
            Command::DenyScan(denied) => self.denies_scan = denied,
            Command::Answer(answers) => self.answers = answers,
            Command::HearElsewhere(advert) => {
                let path = object::path(object::OTHER_PATH, advert.address);
                let device = Device::heard(&advert);
                self.added(path.clone(), object::OTHER_PATH, &device);
                self.changed(&path, DEVICE, object::changes(&advert, None));
            }
            Command::Remember(advert) => {
                self.devices.insert(advert.address, Device::heard(&advert));
            }
            Command::Plug(index) => {
                self.plugged = index.is_some();
                self.adapter = index.map_or_else(|| self.adapter.clone(), object::adapter_path);
                self.powered = false;
                self.scanners.clear();
                self.devices.clear();
            }
        }
    }

    fn hear(&mut self, advert: &Advertisement) {
        if self.scanners.is_empty() {
            return;
        }
        let path = object::path(&self.adapter, advert.address);
        if let Some(device) = self.devices.get_mut(&advert.address) {
            let before = device.hear(advert);
            self.changed(&path, DEVICE, object::changes(advert, before));
        } else {
            let device = Device::heard(advert);
            self.added(path, &self.adapter, &device);
            self.devices.insert(advert.address, device);
        }
    }

    /// As it says.
    fn is_scanning(&self) -> bool {
        !self.scanners.is_empty() && !self.denies_scan
    }

    fn power(&mut self, on: bool) {
        if self.powered == on {
            return;
        }
        self.powered = on;
        self.changed(&self.adapter, ADAPTER, object::property("Powered", on));
        if !on && !self.scanners.is_empty() {
            self.scanners.clear();
            self.discovery_changed();
        }
    }

    fn discovery_changed(&mut self) {
        let discovering = !self.scanners.is_empty();
        self.set_status(|status| status.discovering = discovering);
        self.changed(&self.adapter, ADAPTER, object::property("Discovering", discovering));
    }

    fn answer(&mut self, message: &Message) -> Option<Message> {
        let member = message.member()?.to_string();
        let path = message.path()?.to_string();
        let sender = message.sender()?.to_string();
        if message.msg_type() != dbus::MessageType::MethodCall {
            return None;
        }
        let done = Some(message.method_return());
        match member.as_str() {
            "GetManagedObjects" => Some(message.method_return().append1(self.managed_objects())),
            "GetAll" => self.tell_all(message, &path),
            _ if !self.plugged => refuse(message, "org.freedesktop.DBus.Error.UnknownObject"),
            "Set" => {
                let (_, name, value) = message.read3::<String, String, Variant<bool>>().ok()?;
                if name == "Powered" {
                    self.power(value.0);
                }
                done
            }
            "SetDiscoveryFilter" => {
                let filter = message.read1::<PropMap>().ok()?;
                let show = |(key, value): (&String, &Variant<Box<dyn RefArg>>)| {
                    format!("{key}={}", object::show(&value.0))
                };
                let mut filter: Vec<String> = filter.iter().map(show).collect();
                filter.sort();
                self.set_status(|status| status.filter = filter);
                done
            }
            "StartDiscovery" if !self.powered => refuse(message, "org.bluez.Error.NotReady"),
            "StartDiscovery" => {
                if !self.scanners.insert(sender) {
                    self.set_status(|status| status.in_progress += 1);
                    return refuse(message, "org.bluez.Error.InProgress");
                }
                self.set_status(|status| status.starts += 1);
                self.discovery_changed();
                done
            }
            "StopDiscovery" => {
                if !self.scanners.remove(&sender) {
                    return refuse(message, "org.bluez.Error.Failed");
                }
                self.discovery_changed();
                done
            }
            _ => refuse(message, "org.freedesktop.DBus.Error.UnknownMethod"),
        }
    }

    fn properties(&self, path: &str) -> Option<PropMap> {
        if path == object::OTHER_PATH {
            return Some(object::adapter(object::OTHER_ADDRESS, true, false));
        }
        if path == self.adapter {
            return self
                .plugged
                .then(|| object::adapter(ADAPTER_ADDRESS, self.powered, self.is_scanning()));
        }
        let found =
            self.devices.iter().find(|(address, _)| object::path(&self.adapter, **address) == path);
        found.map(|(_, device)| device.properties(&self.adapter))
    }

    fn managed_objects(&self) -> object::Objects {
        let mut objects = object::Objects::new();
        let other = object::adapter(object::OTHER_ADDRESS, true, false);
        objects.insert(object::OTHER_PATH.into(), [(ADAPTER.to_owned(), other)].into());
        if self.plugged {
            let adapter = object::adapter(ADAPTER_ADDRESS, self.powered, self.is_scanning());
            objects.insert(self.adapter.clone().into(), [(ADAPTER.to_owned(), adapter)].into());
        }
        for (address, device) in &self.devices {
            let interfaces = [(DEVICE.to_owned(), device.properties(&self.adapter))].into();
            objects.insert(object::path(&self.adapter, *address).into(), interfaces);
        }
        objects
    }

    fn added(&self, path: String, adapter: &str, device: &Device) {
        let interfaces: object::Interfaces =
            [(DEVICE.to_owned(), device.properties(adapter))].into();
        let object_manager = "org.freedesktop.DBus.ObjectManager";
        if let Ok(signal) = Message::new_signal("/", object_manager, "InterfacesAdded") {
            self.send(signal.append2(dbus::Path::from(path), interfaces));
        }
    }

    fn changed(&self, path: &str, interface: &str, changes: PropMap) {
        let properties = "org.freedesktop.DBus.Properties";
        if let Ok(signal) = Message::new_signal(path, properties, "PropertiesChanged") {
            self.send(signal.append3(interface, changes, Vec::<String>::new()));
        }
    }

    fn set_status(&self, change: impl FnOnce(&mut Status)) {
        change(&mut self.status.status.lock().unwrap_or_else(PoisonError::into_inner));
        self.status.changed.notify_all();
    }

    fn send(&self, message: Message) {
        // It fails when the bus is gone, which ends the thread at its next turn.
        let _ = self.bus.send(message);
    }
}

fn refuse(message: &Message, name: &str) -> Option<Message> {
    let name = dbus::strings::ErrorName::new(name).ok()?;
    Some(message.error(&name, c"refused"))
}

fn own_name(bus: &Channel) -> anyhow::Result<()> {
    const DO_NOT_QUEUE: u32 = 4;
    let bus_object = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
    let request = Message::new_method_call(bus_object.0, bus_object.1, bus_object.0, "RequestName")
        .map_err(anyhow::Error::msg)?
        .append2("org.bluez", DO_NOT_QUEUE);
    let reply = bus.send_with_reply_and_block(request, PATIENCE)?;
    anyhow::ensure!(reply.read1::<u32>()? == 1, "somebody else owns org.bluez");
    Ok(())
}
