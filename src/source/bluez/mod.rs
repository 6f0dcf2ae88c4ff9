//! Beacons through BlueZ.
//!
//! Constraints: D-Bus only, no privileges; nothing is connected to; addresses are passed on and never logged.
//! Invariants: `supervisor` decides that scanning is alive, never the event stream; every call has a deadline;
//! at most [`crate::limits::ADVERT_QUEUE`] adverts wait for the pipeline.
//!
//! A device's first advertisement is only in its properties, later ones come as events, with the strength in an
//! event of its own: `hearing` joins them. Devices that BlueZ merely remembers have no strength and are passed
//! over.
//!
//! Each connection to the bus has a runtime of its own, on a thread of its own: btleplug and bluez-async spawn
//! tasks that hold a connection for ever, and that panic when a stream is dropped after the bus died. Both end
//! with the runtime.

mod hearing;
mod radio;
mod supervisor;

use std::sync::atomic::Ordering::Relaxed;

use btleplug::api::{CentralEvent, CentralState};
use btleplug::platform::PeripheralId;
use tokio::runtime::Builder;
use tokio::time::sleep;

use self::hearing::{Address, Hearing, Payload};
use self::radio::Radio;
use self::supervisor::{Next, Seen, Supervisor};
use super::{Body, Outlet, Stop};
use crate::clock::Clock;

/// Scans until it is told to stop or the pipeline is gone. `adapter` is an address or a name such as `hci0`; the
/// first one if absent.
pub async fn run(adapter: Option<String>, clock: Clock, out: Outlet, stop: Stop) {
    let scanner = Scanner {
        adapter,
        clock,
        out,
        stop,
        supervisor: Supervisor::new(),
        hearing: Hearing::default(),
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
                    event = next_event(&mut self.radio) => self.event(event).await,
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
            Next::Look => return radio.look(self.adapter.as_deref()).await,
            Next::Restart => radio.stop().await,
            Next::Start | Next::Connect | Next::Listen(_) => {}
        }
        radio.start().await
    }

    async fn event(&mut self, event: Option<CentralEvent>) {
        match event {
            None => self.observe(Seen::BusLost),
            Some(CentralEvent::StateUpdate(CentralState::PoweredOn)) => self.observe(Seen::PowerOn),
            Some(CentralEvent::StateUpdate(CentralState::PoweredOff)) => {
                self.observe(Seen::PowerOff);
            }
            Some(CentralEvent::DeviceDiscovered(id)) => self.discovered(&id).await,
            Some(CentralEvent::RssiUpdate { id, rssi }) => {
                if let (Some(address), Some(rssi)) = (address(&id), hearing::strength(Some(rssi))) {
                    self.hearing.update(address, rssi, self.clock.now().mono);
                    self.observe(Seen::Heard);
                }
            }
            Some(CentralEvent::ManufacturerDataAdvertisement { id, manufacturer_data }) => {
                self.heard(&id, Payload::new(manufacturer_data, [])).await;
            }
            Some(CentralEvent::ServiceDataAdvertisement { id, service_data }) => {
                let service = service_data.into_iter().map(|(uuid, data)| (uuid.as_u128(), data));
                self.heard(&id, Payload::new([], service)).await;
            }
            Some(_) => {}
        }
    }

    /// A new device, or one that BlueZ remembers.
    async fn discovered(&mut self, id: &PeripheralId) {
        let Some(address) = address(id) else { return };
        if let Some(payload) = self.ask(id, address).await {
            self.pass_on(address, &payload);
        }
    }

    /// A device said something again.
    async fn heard(&mut self, id: &PeripheralId, payload: Option<Payload>) {
        self.observe(Seen::Heard);
        let (Some(address), Some(payload)) = (address(id), payload) else {
            self.out.counters().unusable.fetch_add(1, Relaxed);
            return;
        };
        if self.hearing.join(address, &payload, self.clock.now().mono).is_none() {
            let _ = self.ask(id, address).await;
        }
        self.pass_on(address, &payload);
    }

    /// Asks for a device's strength; returns the payload that BlueZ has of it if the strength is known.
    async fn ask(&mut self, id: &PeripheralId, address: Address) -> Option<Payload> {
        let radio = self.radio.as_ref()?;
        let properties = match radio.properties(id).await {
            Ok(properties) => properties?,
            Err(seen) => {
                self.observe(seen);
                return None;
            }
        };
        let rssi = properties.rssi?;
        self.hearing.learn(address, properties.random, rssi, self.clock.now().mono);
        self.observe(Seen::Heard);
        properties.payload
    }

    fn pass_on(&mut self, address: Address, payload: &Payload) {
        if payload.is_empty() {
            return;
        }
        let now = self.clock.now();
        match self.hearing.join(address, payload, now.mono) {
            Some(advert) => self.out.put(now, Body::Advert(advert)),
            None => {
                self.out.counters().unusable.fetch_add(1, Relaxed);
            }
        }
    }

    fn observe(&mut self, seen: Seen) {
        self.supervisor.observe(seen, self.clock.now().mono);
    }
}

/// Waits for ever without a radio.
async fn next_event(radio: &mut Option<Radio>) -> Option<CentralEvent> {
    match radio {
        Some(radio) => radio.next().await,
        None => std::future::pending().await,
    }
}

fn address(id: &PeripheralId) -> Option<Address> {
    hearing::address(&id.to_string())
}
