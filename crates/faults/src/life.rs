//! From a start of the agent to its end: in order, by a kill, or by a power cut.

use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tillgate::agent::{DayKey, Identity, Pipeline};
use tillgate::forward::Input;
use tillgate::source::Body;
use tillgate::store::{EpochReason, RowId, Store};
use tillgate_events::{BootId, Class};

use crate::chains::router;
use crate::disk::{self, Image};
use crate::gateway::{Gateway, NAME};
use crate::oracle;
use crate::plan::Mutant;
use crate::world::{Event, World};

/// How the next write ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The power goes.
    Cut,
    /// The process is killed.
    Kill,
}

impl World {
    /// The agent starts on what the disk holds.
    pub fn boot(&mut self) -> Result<()> {
        self.life += 1;
        self.oracle.life = self.life;
        self.began = self.now;
        self.oracle.report.lives += 1;
        let folder = self.folder.path().join(format!("life-{}", self.life));
        self.image.write(&folder)?;
        let now = self.clock();
        let opened = Store::open(&folder, self.plan.max_bytes, now.wall);
        let (mut store, report) = match opened {
            Ok(opened) => opened,
            Err(error) => bail!("the store does not open: {error}"),
        };
        self.tell(|| format!("start {}: {report}", folder.display()));
        let is_new = !matches!(report.reason, EpochReason::Continued | EpochReason::First);
        let oracle = &self.oracle;
        if is_new && !oracle.excuses.damage && !oracle.excuses.lies {
            bail!("a new epoch on an honest disk: {report}");
        }
        while store.is_renumbering() {
            store.renumber_step()?;
        }
        let rows = store.look_after(RowId(0), usize::MAX >> 1, usize::MAX)?;
        self.oracle.opened(store.epoch(), &rows)?;
        if self.options.trace {
            rows.iter().for_each(|row| println!("{:>12} there {}", "", oracle::words(row)));
        }
        for document in store.open_documents()? {
            self.tell(|| format!("open at {}: {:?}", document.device, document.text));
            if let Some(number) = number_in(&document.text) {
                self.oracle.resumes(&document.device, number);
            }
        }
        if self.oracle.excuses.damage || self.oracle.excuses.lies {
            self.oracle.forget_documents();
        }
        let devices = self.devices.iter().map(|device| (device.name.as_str(), device.what));
        let router = router(devices)?;
        let identity =
            Identity { gateway_id: NAME.to_owned(), store_id: 7, boot_id: BootId::default() };
        let day = DayKey::from_source(jiff::tz::TimeZone::UTC, now, || Ok([7; 64]))
            .context("no random key")?;
        let (epoch, next) =
            (store.epoch(), Class::ALL.map(|class| (class, store.next_sequence(class))).into());
        let untaken = store.untaken();
        let mut pipeline = Pipeline::new(identity, router, self.plan.interval, store, day);
        pipeline.resume(now)?;
        let asks = !matches!(self.options.mutant, Some(Mutant::NotAsked | Mutant::Stubborn));
        let gateway = Gateway::new(
            pipeline,
            (folder, epoch, next),
            &untaken,
            report.newest,
            (self.plan.confirm, asks),
            now.mono,
        );
        self.gateway = Some(gateway);
        self.link.down(self.now);
        for at in 0..self.devices.len() {
            if self.devices.get(at).is_some_and(|device| device.is_plugged) {
                self.hear(at, Body::Up);
            }
        }
        self.feed(Input::Committed(report.newest))
    }

    /// Does something that may write. `None` when the agent did not survive it.
    pub fn write<T>(&mut self, act: impl FnOnce(&mut Gateway) -> T) -> Result<Option<T>> {
        let Some(gateway) = &mut self.gateway else { return Ok(None) };
        let Some(end) = self.armed else { return Ok(Some(act(gateway))) };
        let before = Image::of(&gateway.folder)?;
        let (next_row, done) = (gateway.newest.0 + 1, act(gateway));
        let after = Image::of(&gateway.folder)?;
        if before == after {
            return Ok(Some(done));
        }
        let image = match end {
            End::Cut if self.plan.disk_lies || self.is_unsynced() => {
                disk::lied(&mut self.random, &self.synced, &after)
            }
            End::Cut => disk::cut(&mut self.random, &before, &after, next_row),
            End::Kill => disk::killed(&mut self.random, &before, &after, next_row),
        };
        self.armed = None;
        self.die(image, end);
        Ok(None)
    }

    /// Killed, or without power, between two writes.
    pub fn end_now(&mut self, end: End) -> Result<()> {
        let Some(gateway) = &self.gateway else { return Ok(()) };
        let mut image = Image::of(&gateway.folder)?;
        if end == End::Cut && (self.plan.disk_lies || self.is_unsynced()) {
            image = disk::lied(&mut self.random, &self.synced, &image);
        }
        self.die(image, end);
        Ok(())
    }

    /// Stops in order and starts again.
    pub fn stop(&mut self) -> Result<()> {
        let now = self.clock();
        let Some(row) = self.write(|gateway| gateway.pipeline.finish(now))? else { return Ok(()) };
        self.accepted(row)?;
        let Some(mut gateway) = self.gateway.take() else { return Ok(()) };
        let folder = gateway.folder.clone();
        gateway.pipeline.delivered(&gateway.session.delivered());
        gateway.pipeline.ended(&gateway.session.taken());
        drop(gateway);
        self.image = Image::of(&folder)?;
        self.tell(|| "stopped in order".to_owned());
        self.ended(true, Duration::from_millis(500));
        std::fs::remove_dir_all(folder)?;
        Ok(())
    }

    /// Where the store met damage the agent ends, and the next start salvages.
    pub fn heal_damage(&mut self) -> Result<()> {
        if self.gateway.as_ref().is_some_and(|gateway| gateway.pipeline.is_damaged()) {
            self.tell(|| "damage was met: the agent ends".to_owned());
            self.stop()?;
        }
        Ok(())
    }

    /// Now and then the disk tells the truth: what is there is synced.
    pub fn look_away(&mut self) {
        if (self.plan.disk_lies || self.is_unsynced())
            && self.random.u8(..6) == 0
            && let Some(gateway) = &self.gateway
            && let Ok(image) = Image::of(&gateway.folder)
        {
            self.synced = image;
        }
    }

    fn is_unsynced(&self) -> bool {
        self.options.mutant == Some(Mutant::NotSynced)
    }

    fn die(&mut self, image: Image, end: End) {
        self.tell(|| format!("{end:?}"));
        self.image = image;
        if end == End::Cut {
            self.synced = self.image.clone();
        }
        if let Some(gateway) = self.gateway.take() {
            let folder = gateway.folder.clone();
            drop(gateway);
            // Rubbish that is left costs room and nothing else.
            let _ = std::fs::remove_dir_all(folder);
        }
        let most = if end == End::Cut { 60_000 } else { 3000 };
        let pause = Duration::from_millis(self.random.u64(200..most));
        match end {
            End::Cut => self.darken(pause),
            End::Kill => {
                self.devices.iter_mut().for_each(|device| device.is_held = self.random.bool());
            }
        }
        self.ended(false, pause);
        if end == End::Cut {
            self.booted = self.now;
        }
    }

    fn ended(&mut self, in_order: bool, pause: Duration) {
        self.ends.insert(self.life, (self.now, in_order));
        self.armed = None;
        self.hang_up();
        self.schedule(pause, Event::Boot);
    }
}

/// The printed number in a document's text.
fn number_in(text: &str) -> Option<u64> {
    // A heading alone makes no receipt.
    let (_, rest) = text.split_once("Receipt No: ").filter(|_| text.contains("SUBTOTAL"))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    // One that is cut off names another receipt.
    (digits.len() == 6).then(|| digits.parse().ok())?
}
