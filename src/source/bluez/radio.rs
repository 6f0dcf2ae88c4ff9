//! The radio through bluez-async and btleplug: every call with a deadline.
//!
//! Discovery and its events go over a session of our own. btleplug can neither ask for low energy only nor for every
//! signal strength (BlueZ after 5.87 otherwise tells only changes of 8 dB or more), and its events cost a question
//! to the daemon each, one after the other, while the rest waits in a queue without bound. So btleplug tells what is
//! known of a device that was not heard before, and nothing else. BlueZ merges the wishes of all its clients.

use std::future::Future;
use std::pin::Pin;

use bluez_async::{
    AdapterId, AdapterInfo, BluetoothError, BluetoothSession, DeviceId, DiscoveryFilter,
    SpawnError, Transport,
};
use btleplug::api::{
    AddressType, Central as _, Manager as _, Peripheral as _, PeripheralProperties,
};
use btleplug::platform::{Adapter, Manager};
use tokio::time::timeout;

use super::events::{Event, Events};
use super::hearing::{self, Payload};
use super::supervisor::Seen;
use crate::clock::Clock;
use crate::limits;

/// A connection to the bus, and what was found on it.
pub struct Radio {
    /// For looking, discovery and events.
    session: BluetoothSession,
    /// Completes when the bus is gone.
    lost: Pin<Box<dyn Future<Output = Result<(), SpawnError>> + Send>>,
    /// That was told.
    ended: bool,
    manager: Manager,
    attached: Option<Attached>,
}

struct Attached {
    id: AdapterId,
    adapter: Adapter,
    events: Events,
}

/// What one advertisement says of its sender.
pub struct Properties {
    pub random: bool,
    /// dBm; `None` when nothing was received from it lately.
    pub rssi: Option<i8>,
    /// `None` when it is too long.
    pub payload: Option<Payload>,
}

impl Radio {
    /// Connects to the system bus. libdbus blocks while it does.
    pub async fn connect() -> Result<Self, Seen> {
        let (lost, session) = BluetoothSession::new().await.map_err(|_| Seen::BusLost)?;
        let manager = Manager::new().await.map_err(|_| Seen::BusLost)?;
        Ok(Self { session, lost: Box::pin(lost), ended: false, manager, attached: None })
    }

    /// Looks for the adapter `wanted` (an address or a name; the first one if absent) and attaches to it.
    ///
    /// What it is called may change when it comes back: it is attached to by what it is called now. All are looked
    /// through only where it is not where it was: BlueZ lists them with every device that it heard lately.
    pub async fn look(&mut self, wanted: Option<&str>, clock: Clock) -> Result<Seen, Seen> {
        if let Some(attached) = &self.attached
            && let Ok(info) = answer(self.session.get_adapter_info(&attached.id)).await?
            && is_wanted(&info, wanted)
        {
            return Ok(Seen::Adapter { powered: info.powered, discovering: info.discovering });
        }
        let adapters = answer(self.session.get_adapters()).await?.map_err(|_| Seen::NoDaemon)?;
        let Some(info) = choose(adapters, wanted) else {
            self.attached = None;
            return Ok(Seen::NoAdapter);
        };
        if self.attached.as_ref().is_none_or(|attached| attached.id != info.id) {
            self.attached = None;
            self.attached = Some(self.attach(info.id, clock).await?);
        }
        Ok(Seen::Adapter { powered: info.powered, discovering: info.discovering })
    }

    async fn attach(&self, id: AdapterId, clock: Clock) -> Result<Attached, Seen> {
        let name = name(&id);
        let adapters = answer(self.manager.adapters()).await?.map_err(|_| Seen::NoDaemon)?;
        for adapter in adapters {
            let info = answer(adapter.adapter_info()).await?.map_err(|_| Seen::NoAdapter)?;
            if info.split(' ').next() == Some(&name) {
                let told = self.session.adapter_event_stream(&id);
                let told = answer(told).await?.map_err(|_| Seen::NoDaemon)?;
                let events = Events::of(told, path(&id), clock);
                return Ok(Attached { id, adapter, events });
            }
        }
        Err(Seen::NoAdapter)
    }

    /// Starts discovery. Switches the adapter on.
    pub async fn start(&self) -> Result<Seen, Seen> {
        let attached = self.attached.as_ref().ok_or(Seen::NoAdapter)?;
        let filter = DiscoveryFilter {
            transport: Some(Transport::Le),
            duplicate_data: Some(true),
            // The least that BlueZ accepts: every strength is told.
            rssi_threshold: Some(-127),
            ..DiscoveryFilter::default()
        };
        let start = self.session.start_discovery_on_adapter_with_filter(&attached.id, &filter);
        match answer(start).await? {
            Ok(()) => Ok(Seen::Started),
            Err(error) if in_progress(&error) => Ok(Seen::Started),
            Err(error) => Ok(Seen::Refused(error.to_string())),
        }
    }

    /// Stops discovery, as far as it is ours.
    pub async fn stop(&self) {
        if let Some(attached) = &self.attached {
            // That it does not run is fine, and what else may be wrong shows at the next start.
            let _ = answer(self.session.stop_discovery_on_adapter(&attached.id)).await;
        }
    }

    /// The next event; `None`, once, when the bus is gone. May be dropped without losing one.
    pub async fn next(&mut self) -> Option<Event> {
        if self.ended {
            std::future::pending::<()>().await;
        }
        let event = match &mut self.attached {
            Some(attached) => tokio::select! {
                biased;
                _ = &mut self.lost => None,
                event = attached.events.next() => event,
            },
            None => {
                let _ = (&mut self.lost).await;
                None
            }
        };
        self.ended = event.is_none();
        event
    }

    /// How many events were dropped since this was last asked.
    pub fn take_dropped(&self) -> u64 {
        self.attached.as_ref().map_or(0, |attached| attached.events.take_dropped())
    }

    /// Asks for what is known of a device: it may have gone in the meantime.
    pub fn properties(
        &self,
        id: DeviceId,
    ) -> impl Future<Output = Result<Option<Properties>, Seen>> + use<> {
        let adapter = self.attached.as_ref().map(|attached| attached.adapter.clone());
        let ask = async move {
            adapter?.peripheral(&id.into()).await.ok()?.properties().await.ok().flatten()
        };
        async { Ok(answer(ask).await?.map(properties)) }
    }
}

fn properties(properties: PeripheralProperties) -> Properties {
    let service = properties.service_data.into_iter().map(|(uuid, data)| (uuid.as_u128(), data));
    Properties {
        random: properties.address_type == Some(AddressType::Random),
        rssi: hearing::strength(properties.rssi),
        payload: Payload::new(properties.manufacturer_data, service),
    }
}

async fn answer<T>(call: impl Future<Output = T>) -> Result<T, Seen> {
    timeout(limits::RADIO_CALL, call).await.map_err(|_| Seen::TimedOut)
}

/// A scan of this session already runs.
fn in_progress(error: &BluetoothError) -> bool {
    let BluetoothError::DbusError(error) = error else { return false };
    error.name() == Some("org.bluez.Error.InProgress")
}

/// BlueZ tells its adapters in no order.
fn choose(adapters: Vec<AdapterInfo>, wanted: Option<&str>) -> Option<AdapterInfo> {
    let wanted = adapters.into_iter().filter(|info| is_wanted(info, wanted));
    wanted.min_by_key(|info| name(&info.id))
}

fn is_wanted(info: &AdapterInfo, wanted: Option<&str>) -> bool {
    wanted.is_none_or(|wanted| {
        wanted == name(&info.id) || wanted.eq_ignore_ascii_case(&info.mac_address.to_string())
    })
}

/// `hci0`. The id's own display panics on a path that is not BlueZ's.
fn name(id: &AdapterId) -> String {
    path(id).rsplit('/').next().unwrap_or_default().to_owned()
}

fn path(id: &AdapterId) -> String {
    dbus::Path::from(id.clone()).to_string()
}
