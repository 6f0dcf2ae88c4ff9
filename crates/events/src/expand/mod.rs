//! Expansion: a record to the contract's events, without loss and always the same.
//!
//! A receipt or an order expands to itself and then its children: lines, payments, promotions, stock
//! changes. Part 1 is the first child; the parent has no part. Every event of a record has the record's time.
//! `correlation_id` stays null: journeys are put together in the cloud.
//!
//! Two details of a [`crate::TagWindow`] have no key in the contract: its longest silence, and what rounding
//! takes from the mean.

mod dock;
mod order;
mod receipt;
mod stock;
mod till;
mod visit;

use crate::payload::{DeviceStatusChanged, OperationType, StoreOperation, UnknownEvent};
use crate::{Batch, Body, Envelope, Header, Payload, Record};

/// All events of a batch, in order.
pub fn expand_batch(batch: &Batch) -> impl Iterator<Item = Envelope> + '_ {
    let records = batch.records.iter().enumerate();
    records.flat_map(|(index, record)| expand(&batch.header, index, record))
}

/// The events of the record at this position of a batch; never empty.
pub fn expand(header: &Header, index_in_batch: usize, record: &Record) -> Vec<Envelope> {
    let origin = &Origin { header, sequence: header.sequence(index_in_batch), record };
    let event = match &record.body {
        Body::Receipt(body) => return receipt::expand(origin, body),
        Body::OnlineOrderCreated(body) => return order::created(origin, body),
        Body::OnlineOrderPicked(body) => order::picked(origin, body),
        Body::OnlineOrderShipped(body) => order::shipped(origin, body),
        Body::ReceiptVoided(body) => till::receipt_voided(origin, body),
        Body::NoSale(body) => till::no_sale(origin, body),
        Body::BarcodeScanned(body) => till::barcode_scanned(origin, body),
        Body::WeightMeasured(body) => till::weight_measured(origin, body),
        Body::InventoryUpdated(body) => stock::updated(origin, body),
        Body::InventoryCounted(body) => stock::counted(origin, body),
        Body::ShrinkDetected(body) => stock::shrink(origin, body),
        Body::StockoutDetected(body) => stock::stockout(origin, body),
        Body::ReorderTriggered(body) => stock::reorder(origin, body),
        Body::CustomerEntered(body) => {
            origin.event(Payload::CustomerEntered(visit::crossing(origin, body)))
        }
        Body::CustomerExited(body) => {
            origin.event(Payload::CustomerExited(visit::crossing(origin, body)))
        }
        Body::VisitEntered(body) => visit::visit(origin, body, Payload::CustomerEntered),
        Body::VisitExited(body) => visit::visit(origin, body, Payload::CustomerExited),
        Body::TagWindow(body) => visit::tag_window(origin, body),
        Body::CustomerZoneChanged(body) => visit::zone_changed(origin, body),
        Body::AdImpression(body) => visit::ad_impression(origin, body),
        Body::TruckArrived(body) => dock::arrived(origin, body),
        Body::TruckDeparted(body) => dock::departed(origin, body),
        Body::TemperatureRecorded(body) => dock::temperature(origin, body),
        Body::StoreOpened => {
            origin.event(Payload::StoreOpened(store_operation(origin, OperationType::Opened)))
        }
        Body::StoreClosed => {
            origin.event(Payload::StoreClosed(store_operation(origin, OperationType::Closed)))
        }
        Body::DeviceStatusChanged(body) => {
            origin.event(Payload::DeviceStatusChanged(DeviceStatusChanged {
                store_id: header.store_id,
                device: body.device.clone(),
                status: body.status,
                reason: body.reason.clone(),
                changed_at: record.at,
            }))
        }
        Body::Unknown(body) => origin.event(Payload::UnknownEvent(UnknownEvent {
            store_id: header.store_id,
            kind: body.kind.clone(),
            text: body.text.clone(),
        })),
    };
    vec![event]
}

/// The record that is expanded, and where it stands.
struct Origin<'a> {
    header: &'a Header,
    sequence: u64,
    record: &'a Record,
}

impl Origin<'_> {
    /// An event of the store that belongs to nothing else.
    fn event(&self, payload: Payload) -> Envelope {
        let Header { gateway_id, class, epoch, store_id, .. } = self.header;
        Envelope {
            payload,
            trace_id: format!("{gateway_id}-{}-{epoch}-{}", class.name(), self.sequence),
            ingest_timestamp: self.record.at,
            source: format!("tillgate/{gateway_id}/{}", self.record.source),
            correlation_id: None,
            partition_key: format!("store_{store_id}"),
            session_id: None,
            parent_event_id: None,
        }
    }
}

/// Numbers the children of the first event and names it as their parent.
fn number_children(events: &mut [Envelope], parent_id: &str) {
    for (part, child) in events.iter_mut().enumerate().skip(1) {
        child.trace_id.push_str(&format!("-{part}"));
        child.parent_event_id = Some(parent_id.to_owned());
    }
}

fn store_operation(origin: &Origin<'_>, operation_type: OperationType) -> StoreOperation {
    StoreOperation {
        store_id: origin.header.store_id,
        operation_time: origin.record.at,
        operation_type,
    }
}
