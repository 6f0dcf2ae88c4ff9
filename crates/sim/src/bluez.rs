//! A bluetoothd that hears what it is told to hear, on a bus that is not the system's.
//!
//! It owns `org.bluez`, answers what a scanner asks (`GetManagedObjects`, `GetAll`, `Set`, `SetDiscoveryFilter`,
//! `StartDiscovery`, `StopDiscovery`) and emits the signals that the real one emits: `InterfacesAdded` for a
//! device's first advertisement, `PropertiesChanged` for later ones, with the strength only when it changed.
//! Like the real one it hears nothing while nobody scans, answers `InProgress` to a client that scans already,
//! and forgets all when it dies. It has one adapter, `hci0`.
//!
//! It runs on a thread of its own until it is dropped, which the bus sees as a `kill -9`.

mod object;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dbus::Message;
use dbus::arg::{PropMap, RefArg, Variant};
use dbus::channel::Channel;

use object::{ADAPTER, DEVICE, Device};
pub use object::{ADAPTER_ADDRESS, Advertisement};

/// How long the bus may take to give the name.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often commands are looked at while the bus is quiet.
const TURN: Duration = Duration::from_millis(2);

/// A running fake.
#[derive(Debug)]
pub struct FakeBluez {
    /// Closed by dropping; the thread then ends.
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
    status: Arc<Watched>,
}

#[derive(Debug, Default)]
struct Watched {
    status: Mutex<Status>,
    changed: Condvar,
}

/// What its clients have asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// Somebody scans.
    pub discovering: bool,
    /// Times that a scan was started.
    pub starts: u32,
    /// The last discovery filter, as `key=value`, sorted.
    pub filter: Vec<String>,
}

#[derive(Debug)]
enum Command {
    Hear(Vec<Advertisement>, Duration),
    HearWrongTypes([u8; 6]),
    HearWithoutAddress([u8; 6]),
    StopDiscovery,
    Power(bool),
    Plug(bool),
    Hang(bool),
}

impl FakeBluez {
    /// Starts on the bus at `address`, with its adapter plugged in and powered.
    ///
    /// # Errors
    /// When the bus cannot be reached, or somebody else owns `org.bluez`.
    pub fn start(address: &str) -> anyhow::Result<Self> {
        let mut bus = Channel::open_private(address).context("cannot reach the bus")?;
        bus.register().context("cannot register")?;
        own_name(&bus)?;
        let (commands, inbox) = channel();
        let status = Arc::<Watched>::default();
        let mut daemon = Daemon {
            bus,
            inbox,
            status: Arc::clone(&status),
            hanging: false,
            plugged: true,
            powered: true,
            scanners: BTreeSet::new(),
            devices: BTreeMap::new(),
            playing: Vec::new(),
        };
        let thread = std::thread::spawn(move || daemon.run());
        Ok(Self { commands: Some(commands), thread: Some(thread), status })
    }

    /// Hears `adverts`, one each `interval`. Waits for those that it was told before.
    pub fn hear(&self, adverts: Vec<Advertisement>, interval: Duration) {
        self.command(Command::Hear(adverts, interval));
    }

    /// Emits properties of wrong types for a device.
    pub fn hear_wrong_types(&self, address: [u8; 6]) {
        self.command(Command::HearWrongTypes(address));
    }

    /// Announces a device that has none of the properties that every device has, then an advertisement of it.
    pub fn hear_without_address(&self, address: [u8; 6]) {
        self.command(Command::HearWithoutAddress(address));
    }

    /// Stops discovery, as it happens when the controller is reset; nobody asked for it.
    pub fn stop_discovery(&self) {
        self.command(Command::StopDiscovery);
    }

    /// Switches the adapter on or off.
    pub fn power(&self, on: bool) {
        self.command(Command::Power(on));
    }

    /// Plugs the adapter in (switched off, as it comes) or out.
    pub fn plug(&self, plugged: bool) {
        self.command(Command::Plug(plugged));
    }

    /// What its clients have asked for so far.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until what they asked for is as `wanted`; false when it is not in `patience`.
    #[must_use]
    pub fn waits_for(&self, patience: Duration, wanted: impl Fn(&Status) -> bool) -> bool {
        let status = self.status.status.lock().unwrap_or_else(PoisonError::into_inner);
        let not_yet = |status: &mut Status| !wanted(status);
        let waited = self.status.changed.wait_timeout_while(status, patience, not_yet);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Stops answering and hearing, or goes on.
    pub fn hang(&self, hanging: bool) {
        self.command(Command::Hang(hanging));
    }

    fn command(&self, command: Command) {
        if let Some(commands) = &self.commands {
            // When the thread has ended, the bus is gone: the test will see that in its own way.
            let _ = commands.send(command);
        }
    }
}

impl Drop for FakeBluez {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
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

struct Daemon {
    bus: Channel,
    inbox: Receiver<Command>,
    status: Arc<Watched>,
    hanging: bool,
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
    fn run(&mut self) {
        while self.bus.read_write(Some(TURN)).is_ok() {
            while let Some(message) = self.next_message() {
                if let Some(reply) = self.answer(&message) {
                    self.send(reply);
                }
            }
            loop {
                match self.inbox.try_recv() {
                    Ok(command) => self.obey(command),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            if !self.hanging {
                self.play();
            }
        }
    }

    fn next_message(&self) -> Option<Message> {
        if self.hanging { None } else { self.bus.pop_message() }
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
                self.changed(&object::path(address), DEVICE, object::wrong_types());
            }
            Command::HearWithoutAddress(address) => {
                let device = Device::nameless();
                self.added(object::path(address), &device);
                self.devices.insert(address, device);
                let advert = Advertisement::new(address, -50).with_manufacturer(1, &[1]);
                self.changed(&object::path(address), DEVICE, object::changes(&advert, None));
            }
            Command::StopDiscovery => {
                self.scanners.clear();
                self.discovery_changed();
            }
            Command::Power(on) => self.power(on),
            Command::Hang(hanging) => self.hanging = hanging,
            Command::Plug(plugged) => {
                self.plugged = plugged;
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
        let path = object::path(advert.address);
        if let Some(device) = self.devices.get_mut(&advert.address) {
            let before = device.hear(advert);
            self.changed(&path, DEVICE, object::changes(advert, before));
        } else {
            let device = Device::heard(advert);
            self.added(path, &device);
            self.devices.insert(advert.address, device);
        }
    }

    fn power(&mut self, on: bool) {
        if self.powered == on {
            return;
        }
        self.powered = on;
        self.changed(object::ADAPTER_PATH, ADAPTER, object::property("Powered", on));
        if !on && !self.scanners.is_empty() {
            self.scanners.clear();
            self.discovery_changed();
        }
    }

    fn discovery_changed(&mut self) {
        let discovering = !self.scanners.is_empty();
        self.set_status(|status| status.discovering = discovering);
        self.changed(object::ADAPTER_PATH, ADAPTER, object::property("Discovering", discovering));
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
            "GetAll" => match self.properties(&path) {
                Some(properties) => Some(message.method_return().append1(properties)),
                None => refuse(message, "org.freedesktop.DBus.Error.UnknownObject"),
            },
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
        if path == object::ADAPTER_PATH {
            return self.plugged.then(|| object::adapter(self.powered, !self.scanners.is_empty()));
        }
        let found = self.devices.iter().find(|(address, _)| object::path(**address) == path);
        found.map(|(_, device)| device.properties())
    }

    fn managed_objects(&self) -> object::Objects {
        let mut objects = object::Objects::new();
        if self.plugged {
            let adapter = object::adapter(self.powered, !self.scanners.is_empty());
            objects.insert(object::ADAPTER_PATH.into(), [(ADAPTER.to_owned(), adapter)].into());
        }
        for (address, device) in &self.devices {
            let interfaces = [(DEVICE.to_owned(), device.properties())].into();
            objects.insert(object::path(*address).into(), interfaces);
        }
        objects
    }

    fn added(&self, path: String, device: &Device) {
        let interfaces: object::Interfaces = [(DEVICE.to_owned(), device.properties())].into();
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
