//! The fake daemon itself: what it knows, answers and emits.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use dbus::Message;
use dbus::arg::{PropMap, RefArg, Variant};
use dbus::channel::Channel;

use super::adapter::{Adapter, Told};
use super::object::{self, ADAPTER, Advertisement, DEVICE, Device};
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
    answers: Answers,
    /// Answers that are to be sent, and when.
    late: VecDeque<(Instant, Message)>,
    own: Adapter,
    other: Adapter,
    /// What is still to be heard, the next one last, and when.
    playing: Vec<Playing>,
}

struct Playing {
    /// The other adapter hears it.
    elsewhere: bool,
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
            answers: Answers::default(),
            late: VecDeque::new(),
            own: Adapter::own(),
            other: Adapter::other(),
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
        let mut due = Vec::new();
        self.playing.retain_mut(|playing| {
            while playing.next <= now {
                playing.next += playing.interval;
                match playing.adverts.pop() {
                    Some(advert) => due.push((playing.elsewhere, advert)),
                    None => return false,
                }
            }
            true
        });
        due.iter().for_each(|(elsewhere, advert)| self.hear(*elsewhere, advert));
    }

    #[expect(clippy::disallowed_methods, reason = "a simulated device keeps real time")]
    fn obey(&mut self, command: Command) {
        match command {
            Command::Hear { elsewhere, mut adverts, interval } => {
                adverts.reverse();
                // Those that it was told before come first.
                let same = self.playing.iter().rfind(|playing| playing.elsewhere == elsewhere);
                let left = same.map(|it| it.next + it.interval * it.adverts.len() as u32);
                let next = left.unwrap_or_else(Instant::now);
                self.playing.push(Playing { elsewhere, adverts, interval, next });
            }
            Command::HearWrongTypes(address) => {
                self.changed(&object::path(&self.own.path, address), DEVICE, object::wrong_types());
            }
            Command::HearWithoutAddress(address) => {
                let (path, device) = (object::path(&self.own.path, address), Device::nameless());
                self.added(path.clone(), device.properties(&self.own.path));
                self.own.devices.insert(address, device);
                let advert = Advertisement::new(address, -50).with_manufacturer(1, &[1]);
                self.changed(&path, DEVICE, object::changes(&advert, None));
            }
            Command::StopDiscovery => {
                self.own.scanners.clear();
                self.discovery_changed();
            }
            Command::Power(on) => self.power(on),
            Command::Hang(hanging) => self.hanging = hanging,
            Command::DenyScan(denied) => self.own.denies_scan = denied,
            Command::Answer(answers) => self.answers = answers,
            Command::Remember(advert) => {
                self.own.devices.insert(advert.address, Device::heard(&advert));
            }
            Command::Plug(index) => self.own.plug(index),
        }
    }

    fn hear(&mut self, elsewhere: bool, advert: &Advertisement) {
        let adapter = if elsewhere { &mut self.other } else { &mut self.own };
        match adapter.hear(advert) {
            Some(Told::Added(path, properties)) => self.added(path, properties),
            Some(Told::Changed(path, changes)) => self.changed(&path, DEVICE, changes),
            None => return,
        }
        self.set_status(|status| status.heard += 1);
    }

    fn power(&mut self, on: bool) {
        if self.own.powered == on {
            return;
        }
        self.own.powered = on;
        self.changed(&self.own.path, ADAPTER, object::property("Powered", on));
        if !on && !self.own.scanners.is_empty() {
            self.own.scanners.clear();
            self.discovery_changed();
        }
    }

    fn discovery_changed(&mut self) {
        let discovering = !self.own.scanners.is_empty();
        self.set_status(|status| status.discovering = discovering);
        self.changed(&self.own.path, ADAPTER, object::property("Discovering", discovering));
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
            _ if path == self.other.path => self.answer_elsewhere(message, &member, sender),
            _ if !self.own.plugged => refuse(message, "org.freedesktop.DBus.Error.UnknownObject"),
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
            "StartDiscovery" if !self.own.powered => refuse(message, "org.bluez.Error.NotReady"),
            "StartDiscovery" => {
                if !self.own.scanners.insert(sender) {
                    self.set_status(|status| status.in_progress += 1);
                    return refuse(message, "org.bluez.Error.InProgress");
                }
                self.set_status(|status| status.starts += 1);
                self.discovery_changed();
                done
            }
            "StopDiscovery" => {
                if !self.own.scanners.remove(&sender) {
                    return refuse(message, "org.bluez.Error.Failed");
                }
                self.discovery_changed();
                done
            }
            _ => refuse(message, "org.freedesktop.DBus.Error.UnknownMethod"),
        }
    }

    /// Of the other adapter, which does all that it is asked.
    fn answer_elsewhere(
        &mut self,
        message: &Message,
        member: &str,
        who: String,
    ) -> Option<Message> {
        match member {
            "StartDiscovery" => {
                self.other.scanners.insert(who);
                self.set_status(|status| status.starts_elsewhere += 1);
            }
            "StopDiscovery" => drop(self.other.scanners.remove(&who)),
            _ => {}
        }
        Some(message.method_return())
    }

    fn properties(&self, path: &str) -> Option<PropMap> {
        self.own.properties_of(path).or_else(|| self.other.properties_of(path))
    }

    fn managed_objects(&self) -> object::Objects {
        let mut objects = object::Objects::new();
        self.own.add_objects(&mut objects);
        self.other.add_objects(&mut objects);
        objects
    }

    fn added(&self, path: String, properties: PropMap) {
        let interfaces: object::Interfaces = [(DEVICE.to_owned(), properties)].into();
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
