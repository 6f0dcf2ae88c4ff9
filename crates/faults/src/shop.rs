//! The shop: tills, doors and receivers that say one thing after another, in pieces, whether or not anybody listens.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::{Result, ensure};
use jiff::civil;
use tillgate::source::{Body, DownReason, Reading, SourceId};
use tillgate_sim::store::{Device as Voice, Door, Receiver, Said, Style, Till};

use crate::oracle::Oracle;
use crate::plan::Plan;
use crate::world::{Event, World};

/// A receipt that was printed.
#[derive(Clone, Debug)]
pub struct Print {
    pub number: u64,
    pub total: i64,
    /// The run of the agent that heard its first and its last byte.
    lives: (u32, u32),
    /// When the last byte came.
    at: u64,
    /// A part of it was heard by nobody.
    torn: bool,
}

/// What a device is.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Till(Style),
    Door,
    /// It hears tags.
    Receiver,
}

/// How many tags there are; their minor numbers begin with 1.
pub const TAGS: u16 = 3;

/// A device.
pub struct Device {
    pub name: String,
    pub what: What,
    voice: Box<dyn Voice>,
    /// What is still to be said of the utterance of the moment.
    pieces: VecDeque<Vec<u8>>,
    print: Option<Print>,
    prints: Vec<Print>,
    pub is_plugged: bool,
    /// Waits until somebody listens.
    pub is_held: bool,
}

/// All of them, as drawn.
pub fn devices(plan: &Plan, random: &mut fastrand::Rng) -> Vec<Device> {
    let opened = civil::date(2026, 11, 21).at(9, 0, 0, 0);
    let mut devices = Vec::new();
    for nth in 1..=plan.tills {
        let style = random
            .choice([Style::Columns, Style::Positioned, Style::Plain])
            .unwrap_or(Style::Plain);
        let name = format!("till-{nth}");
        let voice = Box::new(Till::new(&name, style, opened, random.u64(..)));
        devices.push(Device::new(name, What::Till(style), voice));
    }
    for nth in 1..=plan.doors {
        let name = format!("door-{nth}");
        let voice = Box::new(Door::new(&name, random.u64(..)));
        devices.push(Device::new(name, What::Door, voice));
    }
    for nth in 1..=plan.receivers {
        let name = format!("receiver-{nth}");
        let voice = Box::new(Receiver::new(&name, 0, TAGS, 7, random.u64(..)));
        devices.push(Device::new(name, What::Receiver, voice));
    }
    devices
}

impl Device {
    fn new(name: String, what: What, voice: Box<dyn Voice>) -> Self {
        Self {
            name,
            what,
            voice,
            pieces: VecDeque::new(),
            print: None,
            prints: Vec::new(),
            is_plugged: true,
            is_held: false,
        }
    }

    /// Every receipt that was heard whole by one run of the agent, which went on long enough, was accepted once, to the
    /// cent; none was accepted twice. `ended` says when a run ended, and whether in order.
    pub fn check(&self, oracle: &Oracle, ended: impl Fn(u32) -> Option<(u64, bool)>) -> Result<()> {
        for print in &self.prints {
            let found = oracle.receipts(&self.name, print.number);
            let (name, number) = (&self.name, print.number);
            ensure!(
                found.len() <= 1,
                "receipt {number} of {name} was accepted {} times",
                found.len()
            );
            let (first, last) = print.lives;
            let settled = match ended(last) {
                Some((at, in_order)) => in_order || at >= print.at + SETTLED_US,
                None => true,
            };
            if print.torn || first != last || !settled {
                continue;
            }
            let [receipt] = found.as_slice() else {
                anyhow::bail!("receipt {number} of {name} was heard whole and never accepted");
            };
            // What silence ends is cut short by an orderly stop.
            let hurried = ended(last).is_some_and(|(at, _)| at < print.at + SETTLED_US);
            ensure!(
                hurried
                    || receipt.complete && receipt.checks_passed && receipt.total == print.total,
                "receipt {number} of {name}: {} was printed, {} accepted, complete {}, checks passed {}",
                print.total,
                receipt.total,
                receipt.complete,
                receipt.checks_passed
            );
        }
        Ok(())
    }
}

/// From a receipt's last byte to its acceptance at the latest.
const SETTLED_US: u64 = 45_000_000;
/// Longer than the silence that ends a document, from its last byte or from a start that put it back.
const SILENCE_US: u64 = 4_000_000;

impl World {
    /// A device says the next piece, or begins the next utterance.
    pub fn say(&mut self, at: usize) {
        let (now, life, listens) = (self.now, self.life, self.gateway.is_some());
        let elapsed = Duration::from_micros(now);
        let (most, quiet) = (self.plan.pause, self.is_quiet);
        // What is printed right after a start goes on in the document that was open: no silence lies between them.
        let is_early = !listens || now < self.began + SILENCE_US;
        let Some(device) = self.devices.get_mut(at) else { return };
        if device.is_held && !listens || device.pieces.is_empty() && is_early && life > 1 {
            return self.schedule(Duration::from_millis(200), Event::Say(at));
        }
        let Some(piece) = device.pieces.pop_front() else {
            if !quiet {
                let utterance = device.voice.next(elapsed);
                device.pieces = split(&mut self.random, utterance.bytes);
                if let Said::Receipt(truth) = utterance.said {
                    let number = u64::from(truth.number);
                    device.print = Some(Print {
                        number,
                        total: truth.total,
                        lives: (life, life),
                        at: now,
                        torn: false,
                    });
                }
                self.schedule(Duration::from_micros(1), Event::Say(at));
            }
            return;
        };
        let heard = device.is_plugged && listens;
        let is_over = device.pieces.is_empty();
        if let Some(print) = &mut device.print {
            print.torn |= !heard;
            (print.lives.1, print.at) = (life, now);
        }
        let print = if is_over { device.print.take() } else { None };
        let printed = print.clone();
        device.prints.extend(print);
        if heard {
            self.hear(at, Body::Bytes(piece));
        }
        if let Some(print) = printed {
            self.tell(|| format!("printed: {print:?}"));
        }
        let wait = if is_over {
            // Paper that is not cut ends by silence.
            2500 + self.random.u64(..1 + u64::try_from(most.as_millis()).unwrap_or(1))
        } else {
            self.random.u64(1..400)
        };
        self.schedule(Duration::from_millis(wait), Event::Say(at));
    }

    /// The power goes for all of the shop: what is being said is never finished. Tills take a little longer to start
    /// than the gateway.
    pub fn darken(&mut self, pause: Duration) {
        self.events.retain(|_, event| !matches!(event, Event::Say(_)));
        for at in 0..self.devices.len() {
            if let Some(device) = self.devices.get_mut(at) {
                device.pieces.clear();
                device.print = None;
            }
            let wait = Duration::from_millis(self.random.u64(4000..20_000));
            self.schedule(pause + wait, Event::Say(at));
        }
    }

    /// The device goes away in the middle of whatever it says.
    pub fn unplug(&mut self, at: usize) {
        let now = self.now;
        let Some(device) = self.devices.get_mut(at).filter(|device| device.is_plugged) else {
            return;
        };
        device.is_plugged = false;
        // What only silence would end is cut short as well.
        let recent = device.prints.iter_mut().filter(|print| print.at + SILENCE_US > now);
        device.print.iter_mut().chain(recent).for_each(|print| print.torn = true);
        self.hear(at, Body::Down(DownReason::Unplugged));
        let away = Duration::from_millis(self.random.u64(100..30_000));
        self.schedule(away, Event::Replug(at));
    }

    /// It is back.
    pub fn replug(&mut self, at: usize) {
        if let Some(device) = self.devices.get_mut(at).filter(|device| !device.is_plugged) {
            device.is_plugged = true;
            self.hear(at, Body::Up);
        }
    }

    /// The source of a device hands this over.
    pub fn hear(&mut self, at: usize, body: Body) {
        let now = self.clock();
        let source = SourceId(u16::try_from(at).unwrap_or_default());
        if let Some(gateway) = &mut self.gateway {
            gateway.readings.push_back(Reading { source, at: now, body });
        }
    }
}

/// In one piece to eight.
fn split(random: &mut fastrand::Rng, mut bytes: Vec<u8>) -> VecDeque<Vec<u8>> {
    let mut pieces = VecDeque::new();
    for _ in 0..random.usize(..8) {
        if bytes.len() > 1 {
            let rest = bytes.split_off(random.usize(1..bytes.len()));
            pieces.push_back(std::mem::replace(&mut bytes, rest));
        }
    }
    pieces.push_back(bytes);
    pieces
}
