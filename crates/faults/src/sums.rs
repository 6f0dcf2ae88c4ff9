//! What thinning at the cap must keep: entries, exits and pings, whichever records they stand in.
//!
//! Rows that become one keep the last of their numbers, and the numbers before are told. So between two numbers that
//! were told first after some that were not, everything is conserved: what arrived there says as much as what was
//! accepted there, and less only where some of it was told to be dropped. Where it begins with what is told as thinned
//! alone, the record that holds that was not dropped: all people are there, and only tags may be missing.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use tillgate_events::{Class, Header, Loss, Record};

use crate::contents::{Contents, lines};
use crate::oracle::Key;

/// How kinds of people begin.
const PEOPLE: &str = "\"customer_";

/// How much was counted, by what it was counted of.
type Sums = BTreeMap<String, u64>;

/// Numbers in their order that thinning may have changed.
#[derive(Default)]
struct Stretch {
    keys: BTreeSet<Key>,
    accepted: Sums,
    arrived: Sums,
    /// All that were told were told to be joined to others.
    keeps_all: bool,
    /// It begins with one that was told to be joined to others.
    holds: bool,
    /// The last number was told, and whether to be joined.
    is_told: bool,
    is_joined: bool,
}

/// The numbers whose records may have another content, because what stands before them was told; each stretch of them
/// says as much as was accepted. `doubtful` numbers two records have.
///
/// # Errors
/// When something arrived twice, or not at all, though nobody told that it was dropped.
pub fn check_thinned(
    accepted: &BTreeMap<Key, (Header, Record)>,
    doubtful: &BTreeSet<Key>,
    contents: &Contents,
) -> Result<BTreeSet<Key>> {
    let mut changed = BTreeSet::new();
    let mut stretch: Option<(u32, Stretch)> = None;
    let visits = accepted.iter().filter(|((class, ..), _)| *class == Class::Visit);
    for (key, (header, record)) in visits {
        let reason = contents.reason(*key);
        let is_joined = reason == Some(Loss::THINNED);
        let begins = stretch
            .as_ref()
            .is_none_or(|(epoch, it)| *epoch != key.1 || !it.is_told || is_joined && !it.is_joined);
        let goes_on = stretch.as_ref().is_some_and(|(epoch, _)| *epoch == key.1);
        if reason.is_some() && begins || !goes_on {
            let ended = stretch.take();
            ended.map_or(Ok(()), |(_, it)| it.end(doubtful, &mut changed))?;
            if reason.is_none() {
                continue;
            }
            let new = Stretch { keeps_all: true, holds: is_joined, ..Stretch::default() };
            stretch = Some((key.1, new));
        }
        let Some((_, it)) = &mut stretch else { continue };
        (it.is_told, it.is_joined) = (reason.is_some(), is_joined);
        it.keeps_all &= reason.is_none_or(|reason| reason == Loss::THINNED);
        it.keys.insert(*key);
        lines(*key, header, record).iter().try_for_each(|line| add(&mut it.accepted, line))?;
        contents.lines(*key).iter().try_for_each(|line| add(&mut it.arrived, line))?;
    }
    stretch.map_or(Ok(()), |(_, it)| it.end(doubtful, &mut changed))?;
    Ok(changed)
}

impl Stretch {
    fn end(self, doubtful: &BTreeSet<Key>, changed: &mut BTreeSet<Key>) -> Result<()> {
        let first = self.keys.first().map_or(0, |key| key.2);
        if self.keys.is_disjoint(doubtful) {
            for (what, arrived) in &self.arrived {
                let accepted = self.accepted.get(what).copied().unwrap_or(0);
                ensure!(
                    *arrived <= accepted,
                    "from visit {first} on {accepted} were accepted and {arrived} counted: {what}"
                );
            }
            let is_whole = |what: &str| self.keeps_all || self.holds && what.starts_with(PEOPLE);
            ensure!(
                self.accepted.iter().all(|(what, count)| {
                    !is_whole(what) || self.arrived.get(what) == Some(count)
                }),
                "from visit {first} on {:?} was accepted, and of it {:?} is there",
                self.accepted,
                self.arrived
            );
        }
        changed.extend(self.keys);
        Ok(())
    }
}

/// Adds what an event counts; one that counts nothing counts itself.
fn add(sums: &mut Sums, line: &[u8]) -> Result<()> {
    let event: serde_json::Value = serde_json::from_slice(line)?;
    let at = |place| event.pointer(place).cloned().unwrap_or_default();
    let kind = at("/event_type");
    let (of, count) = match kind.as_str().context("an event without a type")? {
        "customer_entered" | "customer_exited" => ("/payload/sensor_id", "/payload/customer_count"),
        "ble_ping_detected" => ("/payload/customer_ble_id", "/payload/ping_count"),
        _ => ("/trace_id", ""),
    };
    let (of, receiver, zone) = (at(of), at("/payload/beacon_id"), at("/payload/zone"));
    let what = format!("{kind} {of} {receiver} {zone}");
    *sums.entry(what).or_default() += at(count).as_u64().unwrap_or(1);
    Ok(())
}

#[cfg(test)]
mod tests {
    use Said::{In, Pings};
    use tillgate::ledger::{Entry, Head, Kind};
    use tillgate_events::{Batch, BootId, ClockQuality, Crossing, TagWindow, UtcMs, encode};

    use super::*;

    /// What was accepted under the numbers from 1 on.
    const ACCEPTED: [Said; 6] = [In(1), In(2), Pings(3), In(1), Pings(4), In(5)];

    #[derive(Clone, Copy)]
    enum Said {
        In(u32),
        Pings(u32),
    }

    impl Said {
        fn record(self) -> Record {
            let (name, zone, at) = ("door".to_owned(), "entrance".to_owned(), UtcMs(1));
            let body = match self {
                In(customer_count) => tillgate_events::Body::CustomerEntered(Crossing {
                    sensor_id: name.clone(),
                    zone,
                    customer_count,
                    dwell_time: 0,
                    occupancy: None,
                    window_seconds: 0,
                }),
                Pings(ping_count) => tillgate_events::Body::TagWindow(TagWindow {
                    beacon_id: name.clone(),
                    customer_ble_id: "p:1".to_owned(),
                    zone,
                    ping_count,
                    rssi_sum: -60,
                    rssi_min: -60,
                    rssi_max: -60,
                    first_seen: at,
                    last_seen: at,
                    max_gap_ms: 0,
                }),
            };
            Record { at, source: name, body }
        }
    }

    fn header(first_sequence: u64) -> Header {
        Header {
            gateway_id: "gw".to_owned(),
            store_id: 7,
            class: Class::Visit,
            epoch: 1,
            first_sequence,
            wall: UtcMs(1),
            boot_id: BootId::default(),
            mono_us: 1,
            clock: ClockQuality::Synced,
        }
    }

    fn entry(kind: Kind, first: u64, payload: Vec<u8>) -> Entry {
        let (gateway, class) = ("gw".to_owned(), Class::Visit);
        Entry {
            head: Head { kind, gateway, class, epoch: 1, first, last: first, part: None },
            payload,
        }
    }

    /// With these numbers told and these arrived: how many numbers may have another content, or why it is wrong.
    fn check(told: &[(u64, &str)], arrived: &[(u64, Said)], expected: Result<usize, &str>) {
        let numbered = (1..).zip(ACCEPTED.map(Said::record));
        let accepted = numbered.map(|(it, record)| ((Class::Visit, 1, it), (header(1), record)));
        let mut contents = Contents::default();
        for (number, said) in arrived {
            let batch = Batch { header: header(*number), records: vec![said.record()] };
            contents.take(&entry(Kind::Records, *number, encode(&batch).unwrap()));
        }
        for (number, reason) in told {
            let loss = serde_json::json!({
                "gateway": "gw", "class": "visit", "epoch": 1, "first_sequence": number,
                "last_sequence": number, "count": 1, "bytes": 0, "reason": reason,
            });
            contents.take(&entry(Kind::Gap, *number, loss.to_string().into_bytes()));
        }
        let found = check_thinned(&accepted.collect(), &BTreeSet::new(), &contents);
        match (found, expected) {
            (Ok(changed), Ok(expected)) => assert_eq!(changed.len(), expected, "{told:?}"),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (found, expected) => panic!("{told:?}: {found:?}, {expected:?} was expected"),
        }
    }

    #[test]
    fn what_was_thinned_counts_as_much_as_before_and_not_more() {
        let (joined, last) = ([(1, "thinned"), (2, "thinned"), (3, "thinned")], (6, In(5)));
        check(&joined, &[(4, In(4)), (5, Pings(7)), last], Ok(6));
        check(&joined, &[(4, In(3)), (5, Pings(7)), last], Err("of it"));
        check(&joined, &[(4, In(5)), (5, Pings(7)), last], Err("counted"));
        check(&joined, &[(4, In(4)), (5, Pings(4)), last], Err("of it"));
        check(&joined, &[(1, In(1)), (4, In(4)), (5, Pings(7)), last], Err("counted"));
        let stripped = [&joined[..], &[(4, "cap")]].concat();
        check(&stripped, &[(5, In(4)), last], Ok(6));
        check(&stripped, &[(5, In(5)), last], Err("counted"));
        check(&stripped, &[(5, In(3)), last], Err("of it"));
        // What holds it was dropped: all of it is told again, before or after.
        let dropped: Vec<_> = (1..=5).map(|it| (it, "cap")).collect();
        check(&[&joined[..], &dropped[..]].concat(), &[last], Ok(6));
        check(&[&dropped[..], &joined[..]].concat(), &[last], Ok(6));
        check(&[&joined[..], &dropped[3..]].concat(), &[last], Err("of it"));
        let later = [(3, "thinned"), (4, "thinned")];
        check(&later, &[(1, In(1)), (2, In(2)), (5, Pings(7)), (6, In(6))], Ok(4));
        check(&[], &[(2, In(3))], Ok(0));
    }
}
