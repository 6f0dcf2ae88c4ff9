//! What is known of all gateways.

use std::collections::BTreeMap;

use tillgate_events::{Class, Watermark, Watermarks};

use super::entry::{Entry, EntryError, Head, Kind};
use super::stream::{Stream, Taken};
use crate::limits::{LEDGER_RANGES_ALL, LEDGER_STREAMS};

/// The numberings of one gateway.
pub type Gateway = BTreeMap<(Class, u32), Stream>;

/// See the module's documentation. The same entries in any order make the same tally, but for what came again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    gateways: BTreeMap<String, Gateway>,
    streams: usize,
    ranges: usize,
}

impl Tally {
    /// Takes an entry in, unless it does not fit.
    pub fn take(&mut self, head: &Head) -> Taken {
        let full = self.ranges >= LEDGER_RANGES_ALL;
        let key = (head.class, head.epoch);
        let known = self.gateways.get(&head.gateway).is_some_and(|it| it.contains_key(&key));
        if !known && (full || self.streams >= LEDGER_STREAMS) {
            return Taken::Full;
        }
        // Names are made only for what is new.
        if !self.gateways.contains_key(&head.gateway) {
            self.gateways.insert(head.gateway.clone(), Gateway::new());
        }
        let Some(gateway) = self.gateways.get_mut(&head.gateway) else { return Taken::Full };
        self.streams += usize::from(!known);
        let stream = gateway.entry(key).or_default();
        let before = stream.ranges();
        let taken = stream.take(head, full);
        self.ranges = (self.ranges + stream.ranges()).saturating_sub(before);
        taken
    }

    /// Takes an entry of a file in; a stream as it stood at the file's beginning replaces what is known of it.
    ///
    /// # Errors
    /// When it is a stream that cannot be read.
    pub fn replay(&mut self, entry: &Entry) -> Result<Taken, EntryError> {
        if entry.head.kind != Kind::Stream {
            return Ok(self.take(&entry.head));
        }
        let stream: Stream =
            serde_json::from_slice(&entry.payload).map_err(|_| EntryError::Stream)?;
        let key = (entry.head.class, entry.head.epoch);
        let ranges = stream.ranges();
        let gateway = self.gateways.entry(entry.head.gateway.clone()).or_default();
        match gateway.insert(key, stream) {
            Some(replaced) => self.ranges = self.ranges.saturating_sub(replaced.ranges()),
            None => self.streams += 1,
        }
        self.ranges += ranges;
        Ok(Taken::New)
    }

    /// The same, but a stream as it stood at the file's beginning is added to what is known of it: for files of which
    /// not everything can be read.
    ///
    /// # Errors
    /// When it is a stream that cannot be read.
    pub fn merge(&mut self, entry: &Entry) -> Result<(), EntryError> {
        let Head { kind, gateway, class, epoch, .. } = &entry.head;
        let known = (*kind == Kind::Stream)
            .then(|| self.gateways.get_mut(gateway)?.get_mut(&(*class, *epoch)))
            .flatten();
        let Some(known) = known else { return self.replay(entry).map(|_| ()) };
        let before = known.ranges();
        known.merge(&serde_json::from_slice(&entry.payload).map_err(|_| EntryError::Stream)?);
        self.ranges = (self.ranges + known.ranges()).saturating_sub(before);
        Ok(())
    }

    /// What is to be written down before the watermarks of this gateway are published.
    pub fn unpublished(&self, gateway: &str) -> Vec<Entry> {
        let streams = self.gateways.get(gateway).into_iter().flatten();
        let begun = streams.filter(|(_, stream)| stream.has_begun());
        let newest: BTreeMap<_, _> =
            begun.map(|((class, epoch), it)| (*class, (*epoch, it))).collect();
        let rising = newest
            .into_iter()
            .filter_map(|(class, (epoch, stream))| Some((class, epoch, stream.unpublished()?)));
        rising
            .map(|(class, epoch, (first, last))| {
                let (kind, gateway) = (Kind::Published, gateway.to_owned());
                let head = Head { kind, gateway, class, epoch, first, last, part: None };
                Entry { head, payload: Vec::new() }
            })
            .collect()
    }

    /// Numbers that a watermark covered and of which nothing can be read, as entries.
    pub fn damaged(&self) -> impl Iterator<Item = Entry> {
        self.gateways.iter().flat_map(|(name, gateway)| {
            gateway.iter().flat_map(move |((class, epoch), stream)| {
                let ranges: Vec<_> = stream.damaged().iter().collect();
                ranges.into_iter().map(move |(first, last)| {
                    let (kind, gateway) = (Kind::Damaged, name.clone());
                    let (class, epoch) = (*class, *epoch);
                    let head = Head { kind, gateway, class, epoch, first, last, part: None };
                    Entry { head, payload: Vec::new() }
                })
            })
        })
    }

    /// How far each class of a gateway is, in the newest epoch of which a record arrived.
    #[must_use]
    pub fn watermarks(&self, gateway: &str) -> Watermarks {
        let streams = self.gateways.get(gateway).into_iter().flatten();
        let begun = streams.filter(|(_, stream)| stream.has_begun());
        // Epochs come in their order: the newest of a class is the last.
        begun
            .map(|((class, epoch), stream)| {
                (*class, Watermark { epoch: *epoch, sequence: stream.reached() })
            })
            .collect()
    }

    /// What is known of one numbering.
    #[must_use]
    pub fn stream(&self, gateway: &str, class: Class, epoch: u32) -> Option<&Stream> {
        self.gateways.get(gateway)?.get(&(class, epoch))
    }

    /// The gateways by name, each with its numberings.
    pub fn gateways(&self) -> impl Iterator<Item = (&str, &Gateway)> {
        self.gateways.iter().map(|(name, gateway)| (name.as_str(), gateway))
    }

    /// All that is known, as entries to begin a file with.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        let streams = self.gateways.iter().flat_map(|(name, gateway)| {
            gateway.iter().map(move |((class, epoch), stream)| (name, *class, *epoch, stream))
        });
        streams.map(|(name, class, epoch, stream)| {
            let (first, last) = (1, stream.produced());
            let gateway = name.clone();
            let head = Head { kind: Kind::Stream, gateway, class, epoch, first, last, part: None };
            // Numbers and their names always serialise.
            Entry { head, payload: serde_json::to_vec(stream).unwrap_or_default() }
        })
    }
}
