//! Whoever confirms: the real ledger, a file of which only a beginning is on disk, and a process that may die.

use anyhow::{Result, bail, ensure};
use tillgate::ledger::{Desk, Entry, Input, Kind, Origin, Output, Recent, Tally, heads, read};
use tillgate_events::{Class, Watermarks, render_watermarks};

use crate::broker::Post;
use crate::plan::Mutant;

/// What it tells the broker.
#[derive(Debug)]
pub enum Said {
    /// This message is dealt with.
    Acknowledge(u64),
    /// What is to stand, retained, on `…/ack`.
    Publish(Vec<u8>),
}

/// See the module's documentation.
pub struct Cloud {
    desk: Desk,
    file: Vec<u8>,
    /// So much of the file is on disk.
    synced: usize,
    /// A sync is under way.
    pub is_syncing: bool,
    published: Watermarks,
    /// Says how far it is before that is on its disk.
    hasty: bool,
}

impl Cloud {
    pub fn new(mutant: Option<Mutant>) -> Self {
        Self {
            desk: Desk::new(Tally::default(), Recent::default()),
            file: Vec::new(),
            synced: 0,
            is_syncing: false,
            published: Watermarks::new(),
            hasty: mutant == Some(Mutant::EarlyWatermark),
        }
    }

    /// A message came.
    pub fn arrived(&mut self, token: u64, post: &Post) -> Result<Vec<Said>> {
        let mut said = Vec::new();
        let Some(origin) = Origin::of(&post.topic, "tillgate/v1") else {
            bail!("a topic of nobody: {}", post.topic)
        };
        // What is not understood is acknowledged and stored nowhere, as the reference does.
        let entries = heads(origin, &post.properties, &post.payload).unwrap_or_default();
        self.step(Input::Arrived { entries, token }, &mut said)?;
        if self.hasty {
            self.step(Input::Synced, &mut said)?;
        }
        Ok(said)
    }

    /// All that was appended is on disk now.
    pub fn sync(&mut self) -> Result<Vec<Said>> {
        (self.synced, self.is_syncing) = (self.file.len(), false);
        let mut said = Vec::new();
        self.step(Input::Synced, &mut said)?;
        Ok(said)
    }

    /// The process died; of what was not synced a part is left.
    pub fn restart(&mut self, random: &mut fastrand::Rng) -> Result<()> {
        self.file.truncate(random.usize(self.synced..=self.file.len()));
        let (whole, entries) = entries(&self.file);
        self.file.truncate(whole);
        (self.synced, self.is_syncing) = (whole, false);
        let (mut tally, mut recent) = (Tally::default(), Recent::default());
        for entry in &entries {
            tally.replay(entry)?;
            if matches!(entry.head.kind, Kind::Records | Kind::Twice) {
                recent.note(entry);
            }
        }
        self.desk = Desk::new(tally, recent);
        Ok(())
    }

    /// A connection to the broker stands; how far everything is, is told at the next sync.
    pub fn connected(&mut self) -> Result<()> {
        self.step(Input::Connected, &mut Vec::new())
    }

    /// Whether a watermark can speak of this epoch, or of a later one.
    pub fn has_begun(&self, class: Class, epoch: u32) -> bool {
        self.published.get(&class).is_some_and(|mark| mark.epoch >= epoch)
    }

    /// What is on disk.
    pub fn stored(&self) -> Vec<Entry> {
        entries(self.file.get(..self.synced).unwrap_or_default()).1
    }

    fn step(&mut self, input: Input, said: &mut Vec<Said>) -> Result<()> {
        let mut out = Vec::new();
        self.desk.step(input, &mut out);
        for output in out {
            match output {
                Output::Append(entry) | Output::Note(entry) => {
                    self.file.extend(entry.to_bytes().unwrap_or_default());
                }
                Output::Acknowledge(token) => said.push(Said::Acknowledge(token)),
                Output::Publish(_, marks) => {
                    self.goes_on(&marks)?;
                    said.push(Said::Publish(render_watermarks(&marks).into_bytes()));
                    self.published = marks;
                }
                // Nobody tells it of births.
                Output::Behind(..) => {}
                Output::Full(entry) => bail!("the cloud has no room for {:?}", entry.head),
            }
        }
        Ok(())
    }

    fn goes_on(&self, marks: &Watermarks) -> Result<()> {
        for (class, before) in &self.published {
            let now = marks.get(class).copied().unwrap_or_default();
            ensure!(
                now >= *before,
                "the watermark of {} went back from {before:?} to {now:?}",
                class.name()
            );
        }
        Ok(())
    }
}

/// Whole entries, and how many bytes they take.
fn entries(file: &[u8]) -> (usize, Vec<Entry>) {
    let (mut rest, mut length, mut all) = (file, 0, Vec::new());
    while let Ok(Some((entry, bytes))) = read(&mut rest) {
        length += usize::try_from(bytes).unwrap_or_default();
        all.push(entry);
    }
    (length, all)
}
