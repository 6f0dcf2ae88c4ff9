//! A plan as TOML.

use super::{Delivery, MOST_MINUTES, Seen, Yardstick, name};
use crate::spanned::{self, Mistake, Table, Value};

/// What could be read, and every mistake.
pub fn parse(file: &str, text: &str, by: &Yardstick) -> (Vec<Delivery>, Vec<Mistake>) {
    let mut seen = Seen::default();
    let (deliveries, report) = spanned::read(file, "the plan", text, |root| {
        root.sections("delivery", |table| delivery(table, by, &mut seen))
    });
    (deliveries, report.mistakes)
}

fn delivery(table: &mut Table<'_>, by: &Yardstick, seen: &mut Seen) -> Option<Delivery> {
    let line = table.line_of("shipment_id");
    let shipment = table.required("shipment_id", |v| {
        seen.take(v.str()?, line)?;
        name(v.str()?)
    });
    let planned = table.required("planned_arrival", |v| by.moment(&v.moment()?));
    let truck_id = table.optional("truck_id", |v| name(v.str()?));
    let dock = table.optional("dock", |v| by.dock(v.str()?));
    let unload_minutes = table.optional("unload_min", |v| v.integer(1..=MOST_MINUTES.into()));
    let dc_id = table.optional("dc_id", |v: Value<'_>| v.integer(1..=i64::MAX.unsigned_abs()));
    let (shipment_id, planned) = (shipment?, planned?);
    Some(Delivery { shipment_id, truck_id, dock, planned, unload_minutes, dc_id })
}
