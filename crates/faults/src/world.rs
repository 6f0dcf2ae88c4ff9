//! The loop: events by their time, and whose turn it is between them.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tillgate::forward::Input;
use tillgate::store::RowId;
use tillgate::time::{Mono, Now, UtcMs};

use crate::broker::{Broker, Post};
use crate::cloud::Cloud;
use crate::disk::Image;
use crate::gateway::Gateway;
use crate::life::End;
use crate::oracle::{Excuses, Oracle};
use crate::plan::{Fault, Options, Plan};
use crate::report::Report;
use crate::shop::{self, Device};
use crate::wire::{Link, Packet, Reply};

/// Where the clock on the wall begins: 2026-11-21, nine o'clock.
const BEGIN_MS: i64 = 1_795_251_600_000;
/// A run that takes more steps goes round in circles.
const STEPS: u64 = 3_000_000;
/// How long everything may take to get away once the faults are over.
pub const DRAIN: Duration = Duration::from_secs(6 * 60 * 60);

/// Something that happens at its time.
#[derive(Debug)]
pub enum Event {
    Boot,
    Say(usize),
    Replug(usize),
    Dialled(u64),
    Take(u64),
    Up(u64, Packet),
    Down(u64, Reply),
    Closed(u64),
    HandOver,
    ToCloud(u64, u64, Post),
    CloudSynced(u64),
    CloudBack,
    Fault,
    Heal(Fault),
}

/// Everything. Times are microseconds since the run began.
pub struct World {
    pub random: fastrand::Rng,
    pub plan: Plan,
    pub options: Options,
    pub now: u64,
    pub events: BTreeMap<(u64, u64), Event>,
    nth: u64,
    steps: u64,
    /// Below it each run of the agent has a folder.
    pub folder: TempDir,
    pub life: u32,
    /// When the run of the moment began.
    pub began: u64,
    /// When each run ended, and whether in order.
    pub ends: BTreeMap<u32, (u64, bool)>,
    /// When the machine was switched on.
    pub booted: u64,
    /// How far the clock on the wall is off.
    pub wall_ms: i64,
    pub gateway: Option<Gateway>,
    /// What the disk holds while no agent runs.
    pub image: Image,
    /// What a disk that lies has for certain.
    pub synced: Image,
    /// The next write is the last.
    pub armed: Option<End>,
    pub devices: Vec<Device>,
    pub link: Link,
    pub broker: Broker,
    pub broker_is_up: bool,
    pub cloud: Cloud,
    pub cloud_is_up: bool,
    /// Counts the cloud's connections.
    pub cloud_link: u64,
    /// Counts the runs of its process.
    pub cloud_life: u64,
    /// Milliseconds that a sync of the cloud takes at most.
    pub cloud_pace: u64,
    pub oracle: Oracle,
    /// Rows that are handed out with one bit changed.
    pub unchecked: BTreeMap<RowId, (usize, u8)>,
    /// No fault comes any more.
    pub is_calm: bool,
    /// No device says anything new.
    pub is_quiet: bool,
}

/// Runs one seed.
///
/// # Errors
/// When something accepted is lost, doubled or changed, or when the simulation itself fails.
pub fn run(seed: u64, options: Options) -> Result<Report> {
    let mut world = World::new(seed, options)?;
    let rough = world.after(world.plan.rough);
    world.until(rough, |_| Ok(false))?;
    world.calm_down();
    // So that each class goes on after what it lost.
    let last = world.after(Duration::from_secs(90));
    world.until(last, |_| Ok(false))?;
    world.is_quiet = true;
    let end = world.after(DRAIN);
    // What was just printed is accepted first.
    let mut look = world.after(Duration::from_secs(60));
    world.until(end, |world| {
        if world.now < look {
            return Ok(false);
        }
        look = world.after(Duration::from_secs(20));
        world.is_drained()
    })?;
    world.verdict()
}

impl World {
    fn new(seed: u64, options: Options) -> Result<Self> {
        let mut random = fastrand::Rng::with_seed(seed);
        let plan = Plan::draw(&mut random);
        let plan = plan.provoking(options.mutant, &mut random);
        let memory = std::path::Path::new("/dev/shm");
        let builder = tempfile::Builder::new();
        let folder = if memory.is_dir() { builder.tempdir_in(memory) } else { builder.tempdir() };
        let mut world = Self {
            now: 0,
            events: BTreeMap::new(),
            nth: 0,
            steps: 0,
            folder: folder.context("no folder for the store")?,
            life: 0,
            began: 0,
            ends: BTreeMap::new(),
            booted: 0,
            wall_ms: BEGIN_MS,
            gateway: None,
            image: Image::default(),
            synced: Image::default(),
            armed: None,
            devices: shop::devices(&plan, &mut random),
            link: Link::new(&mut random),
            broker: Broker { knows_cloud: true, ..Broker::default() },
            broker_is_up: true,
            cloud: Cloud::new(options.mutant),
            cloud_is_up: true,
            cloud_link: 0,
            cloud_life: 0,
            cloud_pace: 500,
            oracle: Oracle::default(),
            unchecked: BTreeMap::new(),
            is_calm: false,
            is_quiet: false,
            random,
            plan,
            options,
        };
        world.tell(|| format!("{:?}", world.plan));
        world.oracle.excuses =
            Excuses { cap: world.plan.is_capped, damage: false, lies: world.plan.disk_lies };
        world.boot()?;
        for at in 0..world.devices.len() {
            world.later(3000, Event::Say(at));
        }
        world.schedule(world.plan.pace, Event::Fault);
        Ok(world)
    }

    /// Both clocks of the gateway.
    pub fn clock(&self) -> Now {
        let wall = self.wall_ms + i64::try_from(self.now / 1000).unwrap_or(i64::MAX);
        Now { mono: Mono(self.now - self.booted), wall: UtcMs(wall) }
    }

    /// Something happens at a time.
    pub fn at(&mut self, at: u64, event: Event) {
        self.nth += 1;
        self.events.insert((at, self.nth), event);
    }

    /// Something happens after a while.
    pub fn schedule(&mut self, wait: Duration, event: Event) {
        self.at(self.after(wait), event);
    }

    /// Something happens within so many milliseconds.
    pub fn later(&mut self, most_ms: u64, event: Event) {
        let wait = Duration::from_micros(self.random.u64(1..=most_ms * 1000));
        self.schedule(wait, event);
    }

    fn after(&self, wait: Duration) -> u64 {
        self.now.saturating_add(u64::try_from(wait.as_micros()).unwrap_or(u64::MAX))
    }

    /// Lets everything happen up to a moment, or until `done`.
    fn until(&mut self, end: u64, mut done: impl FnMut(&mut Self) -> Result<bool>) -> Result<()> {
        while !done(self)? {
            let event = self.events.first_key_value().map_or(u64::MAX, |((at, _), _)| *at);
            let turn = self.next_turn();
            let at = event.min(turn).max(self.now);
            if at > end {
                self.now = end;
                return Ok(());
            }
            self.now = at;
            self.steps += 1;
            if self.steps > STEPS {
                bail!("it goes round in circles");
            }
            match self.events.first_entry().filter(|_| event <= turn) {
                Some(entry) => {
                    let event = entry.remove();
                    self.happen(event)?;
                }
                None => self.wake()?,
            }
        }
        Ok(())
    }

    /// When the gateway has something to do by itself.
    fn next_turn(&self) -> u64 {
        let Some(gateway) = &self.gateway else { return u64::MAX };
        let mono = self.clock().mono;
        let due = gateway.session.deadline().into_iter().fold(gateway.due(mono), Mono::min);
        let dial = if self.link.connection.is_none() { self.link.until } else { u64::MAX };
        (self.booted + due.0).min(dial)
    }

    fn wake(&mut self) -> Result<()> {
        let mono = self.clock().mono;
        let Some(gateway) = &self.gateway else { return Ok(()) };
        let (ticks, turns) =
            (gateway.session.deadline().is_some_and(|due| due <= mono), gateway.due(mono) <= mono);
        if self.link.connection.is_none() && self.link.until <= self.now {
            self.dial();
        }
        if ticks {
            self.feed(Input::Tick)?;
        }
        if turns { self.turn() } else { Ok(()) }
    }

    fn happen(&mut self, event: Event) -> Result<()> {
        match event {
            Event::Boot if self.gateway.is_none() => self.boot()?,
            Event::Boot => {}
            Event::Say(device) => self.say(device),
            Event::Replug(device) => self.replug(device),
            Event::Dialled(id) => self.dialled(id),
            Event::Take(id) => self.take(id)?,
            Event::Up(id, packet) => self.up(id, packet),
            Event::Down(id, reply) => self.down(id, reply)?,
            Event::Closed(id) => self.closed(id)?,
            Event::HandOver => self.hand_over(),
            Event::ToCloud(of, token, post) if of == self.cloud_link => {
                let said = self.cloud.arrived(token, &post)?;
                self.heard_of_cloud(said);
                self.plan_sync();
            }
            Event::CloudSynced(of) if of == self.cloud_life => {
                let said = self.cloud.sync()?;
                if self.cloud_is_up {
                    self.heard_of_cloud(said);
                }
            }
            Event::ToCloud(..) | Event::CloudSynced(_) => {}
            Event::CloudBack => self.cloud_back()?,
            Event::Fault => self.fault()?,
            Event::Heal(fault) => self.heal(fault),
        }
        Ok(())
    }

    /// Says what happens, where somebody wants to know.
    pub fn tell(&self, words: impl FnOnce() -> String) {
        if self.options.trace {
            println!("{:>12.3} {}", Duration::from_micros(self.now).as_secs_f64(), words());
        }
    }
}
