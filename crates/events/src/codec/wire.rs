//! The content: postcard of [`Wire`].
//!
//! postcard writes no names: a field is its position, a variant its number. So these types, and all that
//! they hold ([`Header`], [`Body`] and the structs in it), are **frozen**: nothing is edited, reordered or
//! removed, and a field appended inside a struct would be read as the next one. Only two things may be
//! added, at the end: a variant to an enum (older readers refuse a batch with it as malformed, so the cloud
//! is updated before the gateways) and a version to [`Wire`]. A test decodes committed bytes of each
//! version.
//!
//! The records are the public ones but for what makes them small in a batch: times are differences (of a
//! record to the record before, the first to the header; inside a body to its record), and the names of the
//! sources stand in a table once. Differences wrap, so that no time overflows and none is lost.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{DecodeError, EncodeError};
use crate::{Batch, Body, Header, Record, UtcMs};

/// One variant per version, appended and never edited.
#[derive(Serialize, Deserialize)]
enum Wire<'a> {
    V1(BatchV1<'a>),
}

/// Variants of [`Wire`].
const VERSIONS: u32 = 1;

#[derive(Serialize, Deserialize)]
struct BatchV1<'a> {
    header: Cow<'a, Header>,
    sources: Vec<Cow<'a, str>>,
    records: Vec<RecordV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RecordV1<'a> {
    /// Milliseconds since the record before, or since the header's wall time.
    after: i64,
    /// Position in `sources`.
    source: u32,
    /// Its times are relative to the record's.
    body: Cow<'a, Body>,
}

/// A batch as content.
pub fn write(batch: &Batch) -> Result<Vec<u8>, EncodeError> {
    let mut sources: Vec<Cow<'_, str>> = Vec::new();
    let mut records = Vec::with_capacity(batch.records.len());
    let mut before = batch.header.wall;
    for record in &batch.records {
        let position =
            sources.iter().position(|name| *name == record.source).unwrap_or_else(|| {
                sources.push(Cow::Borrowed(&record.source));
                sources.len() - 1
            });
        let source =
            u32::try_from(position).map_err(|error| EncodeError::Failed(error.to_string()))?;
        let after = record.at.0.wrapping_sub(before.0);
        let body = shift_times(Cow::Borrowed(&record.body), record.at.0.wrapping_neg());
        records.push(RecordV1 { after, source, body });
        before = record.at;
    }
    let header = Cow::Borrowed(&batch.header);
    postcard::to_stdvec(&Wire::V1(BatchV1 { header, sources, records }))
        .map_err(|error| EncodeError::Failed(error.to_string()))
}

/// The batch in content.
pub fn read(content: &[u8]) -> Result<Batch, DecodeError> {
    match postcard::take_from_bytes::<u32>(content) {
        Ok((variant, _)) if variant < VERSIONS => {}
        Ok((variant, _)) => {
            let version = variant.saturating_add(1);
            return Err(DecodeError::UnknownVersion { part: "content", version });
        }
        Err(_) => return Err(DecodeError::Malformed("no content version")),
    }
    let (Wire::V1(batch), rest) = postcard::take_from_bytes(content)
        .map_err(|_| DecodeError::Malformed("the content is not a batch"))?;
    if !rest.is_empty() {
        return Err(DecodeError::Malformed("bytes after the content"));
    }
    batch.into_batch()
}

impl BatchV1<'_> {
    fn into_batch(self) -> Result<Batch, DecodeError> {
        let header = self.header.into_owned();
        let mut records = Vec::with_capacity(self.records.len());
        let mut at = header.wall.0;
        for record in self.records {
            at = at.wrapping_add(record.after);
            let source = usize::try_from(record.source).ok().and_then(|n| self.sources.get(n));
            let source = source.ok_or(DecodeError::Malformed("no such source"))?.to_string();
            let body = shift_times(record.body, at).into_owned();
            records.push(Record { at: UtcMs(at), source, body });
        }
        Ok(Batch { header, records })
    }
}

/// Moves every time inside the body. Bodies without times, receipts above all, are not copied.
fn shift_times(mut body: Cow<'_, Body>, by: i64) -> Cow<'_, Body> {
    if has_times(&body) {
        for time in times_mut(body.to_mut()).into_iter().flatten() {
            time.0 = time.0.wrapping_add(by);
        }
    }
    body
}

fn has_times(body: &Body) -> bool {
    matches!(body, Body::TagWindow(_) | Body::ShrinkDetected(_) | Body::TruckArrived(_))
}

/// The times of a body, for the bodies that [`has_times`] names. Frozen with the version.
fn times_mut(body: &mut Body) -> [Option<&mut UtcMs>; 2] {
    match body {
        Body::TagWindow(window) => [Some(&mut window.first_seen), Some(&mut window.last_seen)],
        Body::ShrinkDetected(shrink) => [Some(&mut shrink.since), None],
        Body::TruckArrived(truck) => [truck.planned_arrival.as_mut(), None],
        _ => [None, None],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BootId, Class, ClockQuality};

    fn content() -> Vec<u8> {
        let header = Header {
            gateway_id: "gw-0007".into(),
            store_id: 7,
            class: Class::Ops,
            epoch: 1,
            first_sequence: 1,
            wall: UtcMs(0),
            boot_id: BootId::default(),
            mono_us: 0,
            clock: ClockQuality::Synced,
        };
        let record = Record { at: UtcMs(5), source: "door".into(), body: Body::StoreOpened };
        write(&Batch { header, records: vec![record] }).unwrap()
    }

    #[test]
    fn content_of_another_shape_is_refused() {
        let check = |content: &[u8], expected| assert_eq!(read(content), Err(expected));
        let good = content();
        assert!(read(&good).is_ok());
        let longer = [&good, [0].as_slice()].concat();
        check(&longer, DecodeError::Malformed("bytes after the content"));
        check(&[1], DecodeError::UnknownVersion { part: "content", version: 2 });
        check(b"", DecodeError::Malformed("no content version"));
        check(&[0xff; 6], DecodeError::Malformed("no content version"));
        check(&good[..good.len() - 1], DecodeError::Malformed("the content is not a batch"));
        // The record ends with: difference, source, body.
        let mut lost = good.clone();
        let source = lost.len() - 2;
        lost[source] = 1;
        check(&lost, DecodeError::Malformed("no such source"));
    }

    #[test]
    fn a_length_that_promises_more_than_there_is_is_refused() {
        // Version, then a gateway id of 2^32 - 1 bytes.
        let content = [0, 0xff, 0xff, 0xff, 0xff, 0x0f, b'a'];
        assert_eq!(read(&content), Err(DecodeError::Malformed("the content is not a batch")));
    }
}
