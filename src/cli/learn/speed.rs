//! The speed of a port: each is tried until what comes looks like text, then documents are gathered.
//!
//! The port stays open from the first byte that made sense on, so that the first document is whole.

use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use super::gather::{Gathered, Gatherer};
use super::{Args, Failure, view};
use crate::cli::device::{self, Until};
use crate::cli::exit;
use crate::config::SerialLine;
use crate::decode::DocumentFact;
use crate::decode::detect::bit7::Bit7;
use crate::learn::frames;
use crate::learn::speed::{self, Judgement, RATES, RIGHT};
use crate::limits;
use crate::source::serial::listen::{self, Heard};
use crate::source::{Body, DownReason};
use crate::time::{Mono, Now};

/// Documents that are gathered unless said otherwise.
const DOCUMENTS: usize = 5;

/// Listening at one speed.
struct Session<'a> {
    line: &'a SerialLine,
    until: Until,
    gatherer: Gatherer,
    told: &'a mut dyn Write,
    /// Errors of the driver when it began.
    errors: u64,
    /// Bytes that are not judged yet; nothing once the speed is known.
    held: Option<Vec<u8>>,
    /// When the first byte came.
    first: Option<Mono>,
    offset: usize,
    end: Option<End>,
}

/// Why it ended.
enum End {
    /// Enough was gathered, or the user wants no more.
    Enough,
    /// The speed is wrong.
    Wrong,
    Refused(DownReason),
}

/// Listens to a port: finds its speed, unless that is known, and gathers documents.
pub fn port(args: &Args, told: &mut dyn Write) -> Result<Gathered, Failure> {
    let mut until = args.until;
    if until.seconds.is_none() {
        until.documents.get_or_insert(DOCUMENTS);
    }
    let known: &[u32] = args.line.baud.as_slice();
    let rates = if known.is_empty() { RATES } else { known };
    for baud in rates.iter().cycle() {
        let line = args.line.serial(&args.source, *baud);
        let held = known.is_empty().then(Vec::new);
        let errors = errors(&line.port);
        let (gatherer, first) = (Gatherer::new(args.page.clone()), None);
        let mut session = Session {
            line: &line,
            until,
            gatherer,
            told: &mut *told,
            errors,
            held,
            first,
            offset: 0,
            end: None,
        };
        let listened =
            listen::listen(std::slice::from_ref(&line), |now, heard| session.hear(now, heard));
        listened.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
        match session.end {
            Some(End::Wrong) => {}
            // What was printed until then is enough to learn from.
            Some(End::Refused(reason)) if session.gatherer.documents == 0 => {
                return Err((exit::TEMPORARY, device::refusal(&args.source, &reason)));
            }
            _ => return Ok(finish(session.gatherer, &line)),
        }
    }
    Err((exit::DATA, "nothing came".to_owned()))
}

impl Session<'_> {
    fn hear(&mut self, now: Now, heard: Heard) -> ControlFlow<()> {
        match heard {
            Heard::Reading(_, Body::Bytes(bytes)) => self.bytes(now.mono, &bytes),
            Heard::Reading(_, Body::Down(reason)) => self.end = Some(End::Refused(reason)),
            Heard::Reading(_, Body::Up) => {
                let settings = device::settings(self.line);
                let _ =
                    writeln!(self.told, "listening at {settings}; print receipts. Ctrl-C ends it");
            }
            Heard::Reading(..) => {}
            Heard::Tick => {
                let facts = self.gatherer.tick(now.mono);
                self.show(facts);
            }
            Heard::Interrupted => {
                if let Some(held) = self.held.take() {
                    self.take(self.first.unwrap_or_default(), &held);
                }
                self.end = Some(End::Enough);
            }
        }
        let since = self.first.map(|first| now.mono.since(first)).unwrap_or_default();
        let held = self.held.as_ref().map_or(0, Vec::len);
        if limits::SPEED_BYTES <= held || (0 < held && limits::SPEED_PATIENCE <= since) {
            self.judge(limits::SPEED_PATIENCE <= since);
        }
        if self.held.is_none() && self.until.is_over(since, self.gatherer.documents) {
            self.end.get_or_insert(End::Enough);
        }
        if self.end.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    fn bytes(&mut self, now: Mono, bytes: &[u8]) {
        self.first.get_or_insert(now);
        match &mut self.held {
            Some(held) => held.extend_from_slice(bytes),
            None => self.take(now, bytes),
        }
    }

    /// Is this the speed? Then what was held is the beginning of what is gathered.
    fn judge(&mut self, waited: bool) {
        let Some(held) = self.held.take() else { return };
        let errors = errors(&self.line.port).saturating_sub(self.errors);
        let Judgement { mut score, .. } = speed::judge(&held, errors);
        // Frames are no text, but their checks hold at the right speed only.
        if score < RIGHT && frames::find(&held).is_some_and(|framing| framing.checked) {
            score = 100;
        }
        if score < RIGHT && held.len() < limits::SPEED_BYTES_MOST && !waited {
            self.held = Some(held);
            return;
        }
        let (baud, count) = (self.line.baud, held.len());
        let _ = writeln!(self.told, "{baud}: {count} bytes, {score} % make sense");
        if RIGHT <= score {
            self.take(self.first.unwrap_or_default(), &held);
        } else {
            self.end = Some(End::Wrong);
        }
    }

    fn take(&mut self, now: Mono, bytes: &[u8]) {
        let _ = write!(self.told, "{}", view::hex(bytes, self.offset));
        self.offset += bytes.len();
        let facts = self.gatherer.push(bytes, now);
        self.show(facts);
    }

    fn show(&mut self, facts: Vec<DocumentFact>) {
        for fact in facts {
            let _ = match fact {
                DocumentFact::Line(line) => writeln!(self.told, "        | {}", line.text),
                DocumentFact::End(end) => writeln!(self.told, "        ---- {end:?}"),
                other => writeln!(self.told, "        {other:?}"),
            };
        }
    }
}

fn errors(port: &Path) -> u64 {
    listen::counters(port).map_or(0, |counters| counters.framing + counters.parity)
}

fn finish(gatherer: Gatherer, line: &SerialLine) -> Gathered {
    let mut gathered = gatherer.finish();
    let parity = match gathered.bit7 {
        Some(Bit7::Even) => ", in truth 7E1",
        Some(Bit7::Odd) => ", in truth 7O1",
        Some(Bit7::Mark) => ", in truth 7 bits with bit 7 always set",
        _ => "",
    };
    gathered.line = Some(format!("{}{parity}", device::settings(line)));
    gathered
}
