//! Beacons through BlueZ.
//!
//! Constraints: D-Bus only, no privileges; nothing is connected to; addresses are passed on and never logged.
//! Invariants: `supervisor` decides that scanning is alive, never the event stream; every call has a deadline;
//! at most [`crate::limits::RADIO_EVENTS`] events wait for this thread, and [`crate::limits::ADVERT_QUEUE`] adverts
//! for the pipeline.
//!
//! A device's first advertisement is only in its properties, which are asked for (`asks`); later ones come as events,
//! with the strength in an event of its own: `hearing` joins them. Devices that BlueZ merely remembers make no event
//! until they are heard.
//!
//! Each connection to the bus has a runtime of its own, on a thread of its own: btleplug and bluez-async spawn
//! tasks that hold a connection for ever, and that panic when a stream is dropped after the bus died. Both end
//! with the runtime.

mod asks;
mod events;
mod hearing;
mod radio;
mod supervisor;

use std::sync::atomic::Ordering::Relaxed;

use bluez_async::{DeviceEvent, DeviceId};
use tokio::runtime::Builder;
use tokio::time::sleep;

use self::asks::{Answer, Asks, Waiting};
use self::events::{Event, What};
use self::hearing::{Address, Hearing, Payload};
use self::radio::Radio;
use self::supervisor::{Next, Seen, Supervisor, Wishes};
use super::{Body, Outlet, Stop};
use crate::clock::Clock;
use crate::config::BluezReceiver;
use crate::time::Now;

/// Scans until it is told to stop or the pipeline is gone.
pub async fn run(receiver: BluezReceiver, clock: Clock, out: Outlet, stop: Stop) {
    let BluezReceiver { adapter, power_on, silence } = receiver;
    let scanner = Scanner {
        adapter,
        clock,
        out,
        stop,
        supervisor: Supervisor::new(Wishes { power_on, silence }),
        hearing: Hearing::default(),
        asks: Asks::default(),
        radio: None,
    };
    if let Err(error) = tokio::task::spawn_blocking(|| scanner.run()).await {
        tracing::error!("the Bluetooth thread ended: {error}");
    }
}

struct Scanner {
    adapter: Option<String>,
    clock: Clock,
    out: Outlet,
    stop: Stop,
    supervisor: Supervisor,
    hearing: Hearing,
    /// As `radio`.
    asks: Asks,
    /// Of the current runtime; never outlives it.
    radio: Option<Radio>,
}

/// Why the work on one connection ended.
#[derive(PartialEq, Eq)]
enum End {
    Reconnect,
    Stopped,
    PipelineGone,
}

impl Scanner {
    fn run(mut self) {
        // Its first wish is a connection, and that is what every runtime begins with.
        let _ = self.supervisor.next(self.clock.now().mono);
        loop {
            let runtime = match Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => {
                    tracing::error!("no runtime for Bluetooth: {error}");
                    return;
                }
            };
            if runtime.block_on(self.connection()) != End::Reconnect {
                return;
            }
        }
    }

    async fn connection(&mut self) -> End {
        let mut stop = self.stop.clone();
        let end = tokio::select! {
            biased;
            () = stop.requested() => End::Stopped,
            end = self.scan() => end,
        };
        if end == End::Stopped {
            if let Some(radio) = &self.radio {
                radio.stop().await;
            }
            let _ = self.out.drain().await;
        }
        self.asks.clear();
        self.radio = None;
        end
    }

    async fn scan(&mut self) -> End {
        match Radio::connect().await {
            Ok(radio) => {
                self.radio = Some(radio);
                self.observe(Seen::Connected);
            }
            Err(seen) => self.observe(seen),
        }
        loop {
            if let Some(state) = self.supervisor.report() {
                self.out.put(self.clock.now(), state);
            }
            self.tell_dropped();
            match self.supervisor.next(self.clock.now().mono) {
                Next::Connect => return End::Reconnect,
                Next::Listen(wait) => tokio::select! {
                    biased;
                    drained = self.out.drain(), if self.out.is_waiting() => {
                        if drained.is_err() {
                            return End::PipelineGone;
                        }
                    }
                    () = sleep(wait) => {}
                    event = next_event(&mut self.radio) => self.event(event),
                    (address, waited, answer) = self.asks.next() => {
                        self.answered(address, &waited, answer);
                    }
                },
                next => {
                    let seen = self.act(next).await.unwrap_or_else(|seen| seen);
                    self.observe(seen);
                }
            }
        }
    }

    async fn act(&mut self, next: Next) -> Result<Seen, Seen> {
        let radio = self.radio.as_mut().ok_or(Seen::BusLost)?;
        match next {
            Next::Look => return radio.look(self.adapter.as_deref(), self.clock).await,
            Next::Restart => radio.stop().await,
            Next::Start | Next::Connect | Next::Listen(_) => {}
        }
        radio.start().await
    }

    fn event(&mut self, event: Option<Event>) {
        let Some(Event { at, what }) = event else { return self.observe(Seen::BusLost) };
        let (address, id, said) = match what {
            What::Power(true) => return self.observe(Seen::PowerOn),
            What::Power(false) => return self.observe(Seen::PowerOff),
            What::Device(address, id, said) => (address, id, said),
        };
        match said {
            DeviceEvent::Discovered => self.ask(address, true, id),
            DeviceEvent::Rssi { rssi } => {
                let rssi = hearing::strength(Some(rssi));
                self.hearing.update(address, rssi, at.mono);
                if rssi.is_some() {
                    self.observe(Seen::Heard);
                }
            }
            DeviceEvent::ManufacturerData { manufacturer_data } => {
                self.heard(at, address, id, Payload::new(manufacturer_data, []));
            }
            DeviceEvent::ServiceData { service_data } => {
                let service = service_data.into_iter().map(|(uuid, data)| (uuid.as_u128(), data));
                self.heard(at, address, id, Payload::new([], service));
            }
            _ => {}
        }
    }

    /// A device said something again.
    fn heard(&mut self, at: Now, address: Address, id: DeviceId, payload: Option<Payload>) {
        self.observe(Seen::Heard);
        let Some(payload) = payload else { return self.unusable() };
        if self.hearing.knows(address, at.mono) {
            return self.pass_on(at, address, &payload);
        }
        if self.asks.has_room_for(address) {
            self.ask(address, false, id);
        }
        if !self.asks.wait(address, &payload) {
            self.unusable();
        }
    }

    /// Asks about a device. Where too much is asked already, its next advertisement asks again.
    fn ask(&mut self, address: Address, new: bool, id: DeviceId) {
        match self.radio.as_ref().filter(|_| self.asks.has_room_for(address)) {
            Some(radio) => self.asks.ask(address, new, radio.properties(id)),
            None => self.unusable(),
        }
    }

    /// A new device's first advertisement goes on, and what was said meanwhile.
    fn answered(&mut self, address: Address, waited: &Waiting, answer: Answer) {
        let now = self.clock.now();
        let known = match answer {
            Ok(properties) => properties,
            Err(seen) => {
                self.observe(seen);
                None
            }
        };
        let Some((rssi, known)) = known.and_then(|it| Some((it.rssi?, it))) else {
            return waited.said.iter().for_each(|_| self.unusable());
        };
        self.observe(Seen::Heard);
        self.hearing.learn(address, known.random, rssi, now.mono);
        let first = known.payload.filter(|_| waited.new);
        let all = first.iter().chain(&waited.said);
        all.for_each(|payload| self.pass_on(now, address, payload));
    }

    fn pass_on(&mut self, at: Now, address: Address, payload: &Payload) {
        if payload.is_empty() {
            return;
        }
        match self.hearing.join(address, payload, at.mono) {
            Some(advert) => self.out.put(at, Body::Advert(advert)),
            None => self.unusable(),
        }
    }

    fn unusable(&self) {
        self.out.counters().unusable.fetch_add(1, Relaxed);
    }

    fn tell_dropped(&mut self) {
        let count = self.radio.as_ref().map_or(0, Radio::take_dropped);
        if count > 0 {
            self.out.lost(self.clock.now(), count);
        }
    }

    fn observe(&mut self, seen: Seen) {
        self.supervisor.observe(seen, self.clock.now().mono);
    }
}

/// Waits for ever without a radio.
async fn next_event(radio: &mut Option<Radio>) -> Option<Event> {
    match radio {
        Some(radio) => radio.next().await,
        None => std::future::pending().await,
    }
}
