//! A bluetoothd that hears what it is told to hear, on a bus that is not the system's.
//!
//! It owns `org.bluez`, answers what a scanner asks (`GetManagedObjects`, `GetAll`, `Set`, `SetDiscoveryFilter`,
//! `StartDiscovery`, `StopDiscovery`) and emits the signals that the real one emits: `InterfacesAdded` for a
//! device's first advertisement, `PropertiesChanged` for later ones, with the strength only when it changed.
//! Like the real one it hears nothing while nobody scans, answers `InProgress` to a client that scans already,
//! and forgets all when it dies. It has one adapter, `hci0` until it is plugged in as another; beside it stands a
//! second one, `hci9`, that hears what it is told and that nobody need start, since another program scans with it.
//!
//! It runs on a thread of its own until it is dropped, which the bus sees as a `kill -9`.

mod adapter;
mod daemon;
mod object;

use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use daemon::Daemon;
pub use object::{ADAPTER_ADDRESS, Advertisement, OTHER_ADDRESS};

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
    /// Times that somebody wanted to start a scan who had one.
    pub in_progress: u32,
    /// Advertisements that were told on the bus.
    pub heard: usize,
    /// Times that a scan was started on the other adapter.
    pub starts_elsewhere: u32,
    /// The last discovery filter, as `key=value`, sorted.
    pub filter: Vec<String>,
}

/// How questions about devices are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answers {
    /// At once.
    #[default]
    Promptly,
    /// This late. Everything else goes on meanwhile.
    Late(Duration),
    /// With an error, as for a device that went in the meantime.
    Never,
}

#[derive(Debug)]
enum Command {
    Hear { elsewhere: bool, adverts: Vec<Advertisement>, interval: Duration },
    HearWrongTypes([u8; 6]),
    HearWithoutAddress([u8; 6]),
    StopDiscovery,
    Power(bool),
    Plug(Option<u8>),
    Hang(bool),
    Answer(Answers),
    Remember(Advertisement),
    DenyScan(bool),
}

impl FakeBluez {
    /// Starts on the bus at `address`, with its adapter plugged in and powered.
    ///
    /// # Errors
    /// When the bus cannot be reached, or somebody else owns `org.bluez`.
    pub fn start(address: &str) -> anyhow::Result<Self> {
        let (commands, inbox) = channel();
        let status = Arc::<Watched>::default();
        let mut daemon = Daemon::connect(address, inbox, Arc::clone(&status))?;
        let thread = std::thread::spawn(move || daemon.run());
        Ok(Self { commands: Some(commands), thread: Some(thread), status })
    }

    /// Hears `adverts`, one each `interval`. Waits for those that it was told before.
    pub fn hear(&self, adverts: Vec<Advertisement>, interval: Duration) {
        self.command(Command::Hear { elsewhere: false, adverts, interval });
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

    /// Says that the adapter does not scan although it does, as BlueZ may between two rounds of a scan.
    pub fn deny_scan(&self, denied: bool) {
        self.command(Command::DenyScan(denied));
    }

    /// Switches the adapter on or off.
    pub fn power(&self, on: bool) {
        self.command(Command::Power(on));
    }

    /// Plugs the adapter in (switched off, as it comes) as `hci{index}`, or out.
    pub fn plug(&self, index: Option<u8>) {
        self.command(Command::Plug(index));
    }

    /// How questions about devices are answered from now on.
    pub fn answer(&self, answers: Answers) {
        self.command(Command::Answer(answers));
    }

    /// The same of the other adapter.
    pub fn hear_elsewhere(&self, adverts: Vec<Advertisement>, interval: Duration) {
        self.command(Command::Hear { elsewhere: true, adverts, interval });
    }

    /// Knows a device, with its strength, of which nothing is heard now.
    pub fn remember(&self, advert: Advertisement) {
        self.command(Command::Remember(advert));
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
