//! Beacons through BlueZ.
//!
//! Constraints: D-Bus only, no privileges; nothing is connected to; addresses are passed on and never logged.
//! Invariants: [`supervisor`] decides that scanning is alive, never the event stream; every call has a deadline;
//! at most [`crate::limits::ADVERT_QUEUE`] adverts wait for the pipeline.
//!
//! A device's first advertisement is only in its properties, later ones come as events, with the strength in an
//! event of its own: [`hearing`] joins them. Devices that BlueZ merely remembers have no strength and are passed
//! over.

mod hearing;
mod radio;
mod supervisor;

use std::sync::atomic::Ordering::Relaxed;

use btleplug::api::{CentralEvent, CentralState};
use btleplug::platform::PeripheralId;
use tokio::time::sleep;

use self::hearing::{Address, Hearing, Payload};
use self::radio::Radio;
use self::supervisor::{Next, Seen, Supervisor};
use super::{Body, Outlet, Stop};
use crate::clock::Clock;

/// Scans until it is told to stop or the pipeline is gone. `adapter` is an address or a name such as `hci0`; the
/// first one if absent.
pub async fn run(adapter: Option<String>, clock: Clock, out: Outlet, mut stop: Stop) {
    let supervisor = Supervisor::new();
    let mut scanner =
        Scanner { adapter, clock, out, supervisor, hearing: Hearing::default(), radio: None };
    tokio::select! {
        biased;
        () = stop.requested() => {}
        () = scanner.run() => return,
    }
    if let Some(radio) = &scanner.radio {
        radio.stop().await;
    }
    let _ = scanner.out.drain().await;
}

struct Scanner {
    adapter: Option<String>,
    clock: Clock,
    out: Outlet,
    supervisor: Supervisor,
    hearing: Hearing,
    radio: Option<Radio>,
}

impl Scanner {
    /// Returns when the pipeline is gone.
    async fn run(&mut self) {
        loop {
            if let Some(state) = self.supervisor.report() {
                self.out.put(self.clock.now(), state);
            }
            match self.supervisor.next(self.clock.now().mono) {
                Next::Listen(wait) => tokio::select! {
                    biased;
                    drained = self.out.drain(), if self.out.is_waiting() => {
                        if drained.is_err() {
                            return;
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
        if next == Next::Connect {
            self.disconnect();
            self.radio = Some(Radio::connect().await?);
            return Ok(Seen::Connected);
        }
        let radio = self.radio.as_mut().ok_or(Seen::BusLost)?;
        match next {
            Next::Look => return radio.look(self.adapter.as_deref()).await,
            Next::Restart => radio.stop().await,
            Next::Start | Next::Connect | Next::Listen(_) => {}
        }
        radio.start().await
    }

    fn disconnect(&mut self) {
        if let Some(old) = self.radio.take() {
            old.abandon();
        }
    }

    async fn event(&mut self, event: Option<CentralEvent>) {
        match event {
            None => {
                self.disconnect();
                self.observe(Seen::BusLost);
            }
            Some(CentralEvent::StateUpdate(CentralState::PoweredOn)) => self.observe(Seen::PowerOn),
            Some(CentralEvent::StateUpdate(CentralState::PoweredOff)) => {
                self.observe(Seen::PowerOff)
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
