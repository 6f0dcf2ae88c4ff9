//! What the bus tells of one adapter, stamped as it comes, in a bounded queue.
//!
//! The client's own queue has no bound and no times. So a task of its own empties it at once; what does not fit in
//! [`limits::RADIO_EVENTS`] is dropped and counted. The task ends with [`Events`], or with the runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use bluez_async::{AdapterEvent, BluetoothEvent, DeviceEvent, DeviceId};
use futures_util::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::hearing::Address;
use crate::clock::Clock;
use crate::limits;
use crate::time::Now;

/// The queue of one adapter.
pub struct Events {
    queue: mpsc::Receiver<Event>,
    dropped: Arc<AtomicU64>,
    task: AbortHandle,
}

/// Something that the bus told.
pub struct Event {
    pub at: Now,
    pub what: What,
}

/// See [`Event`].
pub enum What {
    /// The adapter was switched on or off.
    Power(bool),
    /// Something of a device.
    Device(Address, DeviceId, DeviceEvent),
}

impl Events {
    /// Queues what `stream` tells of the adapter with this object path.
    pub fn of(
        stream: impl Stream<Item = BluetoothEvent> + Send + 'static,
        adapter: String,
        clock: Clock,
    ) -> Self {
        let (sender, queue) = mpsc::channel(limits::RADIO_EVENTS);
        let dropped = Arc::<AtomicU64>::default();
        let counter = Arc::clone(&dropped);
        let task = tokio::spawn(async move {
            let mut stream = std::pin::pin!(stream);
            while let Some(event) = stream.next().await {
                let Some(what) = what(event, &adapter) else { continue };
                if sender.try_send(Event { at: clock.now(), what }).is_err() {
                    counter.fetch_add(1, Relaxed);
                }
            }
        });
        Self { queue, dropped, task: task.abort_handle() }
    }

    /// The next one; `None` when no more will come. May be dropped without losing one.
    pub async fn next(&mut self) -> Option<Event> {
        self.queue.recv().await
    }

    /// How many were dropped since this was last asked.
    pub fn take_dropped(&self) -> u64 {
        self.dropped.swap(0, Relaxed)
    }
}

impl Drop for Events {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Other adapters' new devices are told to everybody.
fn what(event: BluetoothEvent, adapter: &str) -> Option<What> {
    match event {
        BluetoothEvent::Adapter { id, event: AdapterEvent::Powered { powered } } => {
            (*dbus::Path::from(id) == *adapter).then_some(What::Power(powered))
        }
        BluetoothEvent::Device { id, event } if is_news(&event) => {
            let address = super::hearing::address(&dbus::Path::from(id.clone()), adapter)?;
            Some(What::Device(address, id, event))
        }
        _ => None,
    }
}

fn is_news(event: &DeviceEvent) -> bool {
    use DeviceEvent::{Discovered, ManufacturerData, Rssi, ServiceData};
    matches!(event, Discovered | Rssi { .. } | ManufacturerData { .. } | ServiceData { .. })
}
