//! One record of every kind, twice: with everything that can be there, and with as little as can be.

mod bare;
mod full;
mod parts;

pub use bare::bare;
pub use full::full;
pub use parts::receipt;
use tillgate_events::*;

pub const AT: UtcMs = UtcMs(1_795_269_900_123);

pub fn header(class: Class) -> Header {
    Header {
        gateway_id: "gw-0007".into(),
        store_id: 7,
        class,
        epoch: 3,
        first_sequence: 1001,
        wall: UtcMs(AT.0 + 400),
        boot_id: BootId::parse("0f4e2a9c-33d1-4b52-8e07-6a1b2c3d4e5f").unwrap(),
        mono_us: 86_400_000_000,
        clock: ClockQuality::Synced,
    }
}

/// All full and bare records in one batch, a second apart.
pub fn mixed_batch() -> Batch {
    let bodies = full().into_iter().chain(bare());
    let records = bodies.zip(0..).map(|((source, body), n)| Record {
        at: UtcMs(AT.0 + n * 1000),
        source: source.into(),
        body,
    });
    Batch { header: header(Class::Pos), records: records.collect() }
}

/// The records that were added to version 1 later, in one batch: visits of tags.
pub fn visits_batch() -> Batch {
    let of_visits = |body: &Body| matches!(body, Body::VisitEntered(_) | Body::VisitExited(_));
    let records = full().into_iter().filter(|(_, body)| of_visits(body));
    let records = records.map(|(source, body)| Record { at: AT, source: source.into(), body });
    Batch { header: header(Class::Visit), records: records.collect() }
}

/// The events of one record as the first of its stream.
pub fn events_of((source, body): (&str, Body)) -> Vec<Envelope> {
    let record = Record { at: AT, source: source.into(), body };
    expand(&header(record.class()), 0, &record)
}
