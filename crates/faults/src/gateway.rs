//! A run of the agent: the pipeline's thread and the forwarder's task, turn by turn, as `agent::thread` and
//! `forward::drive` take them.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use tillgate::agent::Pipeline;
use tillgate::config::{Confirm, Encoding};
use tillgate::forward::{Input, Outbound, Output, Session, parcel};
use tillgate::limits::{FETCH_ROWS, FETCH_ROWS_JSON, HEALTH_LOOK, READINGS_AT_ONCE};
use tillgate::source::Reading;
use tillgate::store::{Gap, Row, RowId, StoreError};
use tillgate::time::Mono;
use tillgate_events::{Class, Watermarks};

use crate::oracle;
use crate::plan::Mutant;
use crate::world::World;

/// What the gateway is called.
pub const NAME: &str = "gw-1";

/// See the module's documentation.
pub struct Gateway {
    pub pipeline: Pipeline,
    pub session: Session,
    pub folder: PathBuf,
    pub epoch: u32,
    /// The number due next in each class at the start.
    pub next: BTreeMap<Class, u64>,
    pub readings: VecDeque<Reading>,
    pub requests: VecDeque<Request>,
    /// The newest row that the forwarder knows of.
    pub newest: RowId,
    /// The newest row at the start: it and those before may have been sent before.
    begun: RowId,
    /// The newest row of each class that was handed out since.
    seen: BTreeMap<Class, RowId>,
    /// When the thread means to be back.
    pub planned: Mono,
    /// Rows that were handed out, by the numbers they begin with.
    rows: BTreeMap<(Class, u32, u64), RowId>,
}

/// What the forwarder asks of the pipeline's thread.
#[derive(Debug)]
pub enum Request {
    Rows(Class, RowId),
    /// Whether the cloud contradicts for certain.
    Compare(Watermarks, bool),
    Delivered(Watermarks),
    Free(Vec<RowId>),
    Settle(Vec<Gap>),
}

impl Gateway {
    pub fn new(
        pipeline: Pipeline,
        (folder, epoch, next): (PathBuf, u32, BTreeMap<Class, u64>),
        untaken: &BTreeMap<Class, u64>,
        newest: RowId,
        (confirm, asks): (Confirm, bool),
        planned: Mono,
    ) -> Self {
        let session = Session::new(confirm, epoch, untaken);
        Self {
            pipeline,
            session: if asks { session.asking_first() } else { session },
            folder,
            epoch,
            next,
            readings: VecDeque::new(),
            requests: VecDeque::new(),
            newest,
            begun: newest,
            seen: BTreeMap::new(),
            planned,
            rows: BTreeMap::new(),
        }
    }

    /// When the thread has something to do.
    pub fn due(&self, now: Mono) -> Mono {
        let takes = !self.readings.is_empty() && self.pipeline.has_room();
        if !self.requests.is_empty() || takes {
            return now;
        }
        let deadline = self.pipeline.deadline(!self.readings.is_empty());
        deadline.map_or(self.planned, |due| due.min(self.planned))
    }
}

impl World {
    /// One turn of the pipeline's thread.
    pub fn turn(&mut self) -> Result<()> {
        let now = self.clock();
        let Some(gateway) = &mut self.gateway else { return Ok(()) };
        let next = gateway.readings.front().map(|reading| reading.at);
        gateway.pipeline.woke(gateway.planned, now.mono);
        let Some(row) = self.write(|gateway| gateway.pipeline.tick(now, next))? else {
            return Ok(());
        };
        self.accepted(row)?;
        let Some(gateway) = &mut self.gateway else { return Ok(()) };
        let due = gateway.pipeline.deadline(next.is_some());
        gateway.planned =
            due.unwrap_or(now.mono.plus(HEALTH_LOOK)).max(now.mono).min(now.mono.plus(HEALTH_LOOK));
        match gateway.requests.pop_front() {
            Some(request) => self.answer(request)?,
            None => {
                for _ in 0..READINGS_AT_ONCE {
                    if !gateway.pipeline.has_room() {
                        break;
                    }
                    let Some(reading) = gateway.readings.pop_front() else { break };
                    gateway.pipeline.reading(now.mono, reading);
                }
            }
        }
        self.heal_damage()
    }

    /// A commit returned: these rows are accepted, and the forwarder hears of it.
    pub fn accepted(&mut self, newest: Option<RowId>) -> Result<()> {
        let (Some(newest), Some(gateway)) = (newest, &mut self.gateway) else { return Ok(()) };
        let mut after = gateway.newest;
        while after < newest {
            let rows = gateway.pipeline.look_after(after, FETCH_ROWS)?.rows;
            if self.options.trace {
                rows.iter().for_each(|row| println!("{:>12} accepted {}", "", oracle::words(row)));
            }
            rows.iter().try_for_each(|row| self.oracle.accept(row, false))?;
            // A row that gave way to the cap at once is not there.
            after = rows.last().map_or(newest, |row| row.id);
        }
        gateway.newest = newest;
        self.look_away();
        self.feed(Input::Committed(newest))
    }

    fn answer(&mut self, request: Request) -> Result<()> {
        let now = self.clock();
        let Some(gateway) = &mut self.gateway else { return Ok(()) };
        match request {
            Request::Free(rows) => gateway.pipeline.free(now.mono, &rows),
            Request::Settle(gaps) => {
                self.write(|gateway| gateway.pipeline.settle(&gaps))?;
            }
            Request::Rows(..) | Request::Compare(..) if gateway.pipeline.withholds_rows() => {
                gateway.requests.push_front(request);
            }
            Request::Rows(class, after) => self.rows(class, after)?,
            Request::Compare(marks, contradicts) => self.compare(&marks, contradicts)?,
            Request::Delivered(upto) => gateway.pipeline.delivered(&upto),
        }
        Ok(())
    }

    /// The store compares; the oracle hears which numbers are others now.
    fn compare(&mut self, marks: &Watermarks, contradicts: bool) -> Result<()> {
        if contradicts && self.options.mutant == Some(Mutant::Stubborn) {
            return self.feed(Input::Numbered { begins: None });
        }
        let Some(gateway) = &mut self.gateway else { return Ok(()) };
        let before = gateway.pipeline.compare(&Watermarks::new(), false)?;
        let rows = gateway.pipeline.look_after(RowId(0), usize::MAX >> 1)?.rows;
        let found = gateway.pipeline.compare(marks, contradicts)?;
        if found.begins {
            ensure!(
                self.oracle.excuses.damage || self.oracle.excuses.lies,
                "the cloud contradicts an honest disk: {marks:?}, {before:?}"
            );
            (gateway.epoch, gateway.next) = (found.epoch, found.next.clone());
            let due = |of: &BTreeMap<Class, u64>, class| of.get(&class).copied().unwrap_or(1);
            let moved = |row: &Row| {
                let first =
                    due(&before.next, row.class).saturating_sub(due(&found.next, row.class)) + 1;
                let place = row.first_sequence.checked_sub(first)?;
                (row.epoch == before.epoch).then_some((found.epoch, place + 1))
            };
            self.oracle.renumbered(&rows, moved);
            self.tell(|| format!("epoch {} begins: the cloud knew better", found.epoch));
        }
        self.feed(Input::Numbered { begins: found.begins.then_some(found.epoch) })
    }

    fn rows(&mut self, class: Class, after: RowId) -> Result<()> {
        let now = self.clock();
        let most = if self.plan.encoding == Encoding::Json { FETCH_ROWS_JSON } else { FETCH_ROWS };
        let looks = self.options.mutant == Some(Mutant::SentUnnoticed);
        let read = self.write(|gateway| {
            if looks {
                let mut answer = gateway.pipeline.look_after(after, usize::MAX >> 1)?;
                answer.rows.retain(|row| row.class == class);
                answer.rows.truncate(most);
                return Ok(answer);
            }
            gateway.pipeline.rows_of(class, after, most, now)
        })?;
        match read {
            Some(Ok(answer)) => self.fetched(answer.rows, answer.gaps),
            Some(Err::<_, StoreError>(_)) => self.feed(Input::Unread),
            None => Ok(()),
        }
    }

    fn fetched(&mut self, mut rows: Vec<Row>, mut gaps: Vec<Gap>) -> Result<()> {
        if self.options.mutant == Some(Mutant::NoGap) {
            gaps.clear();
        }
        for row in &mut rows {
            let length = row.payload.len().max(1);
            if let Some((at, bit)) = self.unchecked.get(&row.id)
                && let Some(byte) = row.payload.get_mut(at % length)
            {
                *byte ^= 1 << (bit % 8);
            }
        }
        let encoding = self.plan.encoding;
        let Some(gateway) = &mut self.gateway else { return Ok(()) };
        self.oracle.hands_out(&rows, self.life, gateway.epoch);
        gateway
            .rows
            .extend(rows.iter().map(|row| ((row.class, row.epoch, row.first_sequence), row.id)));
        let (begun, seen, session) = (gateway.begun, &mut gateway.seen, &gateway.session);
        let parcels = rows.iter().map(|row| {
            let seen = seen.entry(row.class).or_insert(begun);
            let replay = row.id <= *seen;
            *seen = row.id.max(*seen);
            parcel(row, encoding, NAME, replay, session.slice(row))
        });
        let parcels = parcels.collect();
        self.feed(Input::Fetched { parcels, gaps })
    }

    /// Gives the session an input and carries out what it says.
    pub fn feed(&mut self, input: Input) -> Result<()> {
        let now = self.clock();
        let mut outputs = Vec::new();
        if let Some(gateway) = &mut self.gateway {
            gateway.session.step(input, now.mono, &mut outputs);
        }
        for output in outputs {
            match output {
                Output::Fetch { class, after } => self.request(Request::Rows(class, after)),
                Output::Compare(marks) => self.request(Request::Compare(marks, false)),
                Output::Contradicted(marks) => self.request(Request::Compare(marks, true)),
                Output::Delivered(upto) => self.request(Request::Delivered(upto)),
                Output::Free(rows) => self.let_go(rows),
                Output::Settle(gaps) => {
                    self.tell(|| format!("settles {}", oracle::holes(&gaps)));
                    self.request(Request::Settle(gaps));
                }
                Output::Send(outbound) => {
                    self.note_sent(&outbound);
                    self.hand_to_client(outbound);
                }
                Output::Report(concern) => self.tell(|| concern.to_string()),
                Output::Reconnect(violation) => bail!("{violation}"),
                Output::Disconnect => {}
            }
        }
        Ok(())
    }

    fn request(&mut self, request: Request) {
        if let Some(gateway) = &mut self.gateway {
            gateway.requests.push_back(request);
        }
    }

    fn let_go(&mut self, rows: Vec<RowId>) {
        self.oracle.free(&rows);
        self.request(Request::Free(rows));
    }

    /// What the mutant lets go of.
    fn note_sent(&mut self, outbound: &Outbound) {
        if self.options.mutant != Some(Mutant::FreedOnSend) {
            return;
        }
        let (Outbound::Row(class, message), Some(gateway)) = (outbound, &self.gateway) else {
            return;
        };
        let number = |name| {
            message.properties.iter().find(|(key, _)| *key == name).map(|(_, value)| value.as_str())
        };
        let epoch = number("epoch").and_then(|text| text.parse().ok()).unwrap_or(0);
        let first: u64 = number("seq").and_then(|text| text.parse().ok()).unwrap_or(0);
        let row = gateway.rows.range((*class, epoch, 0)..=(*class, epoch, first)).next_back();
        if let Some((_, id)) = row {
            self.let_go(vec![*id]);
        }
    }
}
