//! Writes recordings: bytes of a device go in, what its decoder understood comes out.
//!
//! Bounded: what is longer than `limits::RECORDING_LINE` is left out, and counted at the end of the recording.

use std::io::{self, Write};

use crate::decode::device::{Device, DeviceFact};
use crate::decode::document::Printer;
use crate::decode::{DocumentFact, PaymentFact, PosFact, Said};
use crate::learn::recording;
use crate::limits;
use crate::time::{Mono, Now};

/// What understands the bytes.
pub enum Listener {
    /// Of what prints.
    Printer(Box<Printer>),
    /// Of everything else.
    Device(Box<Device>),
}

impl From<Printer> for Listener {
    fn from(printer: Printer) -> Self {
        Self::Printer(Box::new(printer))
    }
}

impl From<Device> for Listener {
    fn from(mut device: Device) -> Self {
        device.keep_said();
        Self::Device(Box::new(device))
    }
}

/// Writes what a device prints or says.
pub struct Recorder<W> {
    listener: Listener,
    out: W,
    said: Vec<Said>,
    /// Documents, payments, scans and weights that ended.
    pub documents: usize,
    bytes: u64,
    /// Records that no line of a recording can hold.
    too_long: u64,
    start: Option<Mono>,
}

impl<W: Write> Recorder<W> {
    /// Begins a recording.
    ///
    /// # Errors
    /// As `out`'s, here and below.
    pub fn new(listener: impl Into<Listener>, mut out: W) -> io::Result<Self> {
        writeln!(out, "{}", recording::MAGIC)?;
        let (listener, said) = (listener.into(), Vec::new());
        Ok(Self { listener, out, said, documents: 0, bytes: 0, too_long: 0, start: None })
    }

    /// When the first thing was said.
    pub fn start(&self) -> Option<Mono> {
        self.start
    }

    /// Says something of the device.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn info(&mut self, key: &str, value: &str) -> io::Result<()> {
        self.out.write_all(recording::info(key, value).as_bytes())
    }

    /// Takes bytes that came at `now`.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn bytes(&mut self, now: Now, bytes: &[u8]) -> io::Result<()> {
        self.bytes += u64::try_from(bytes.len()).unwrap_or_default();
        self.step(
            now,
            |printer, facts| printer.push(bytes, now.mono, facts),
            |device, facts| device.push(bytes, now.mono, facts),
        )
    }

    /// Lets time pass.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn tick(&mut self, now: Now) -> io::Result<()> {
        self.step(
            now,
            |printer, facts| printer.tick(now.mono, facts),
            |device, facts| device.tick(now.mono, facts),
        )
    }

    /// Bytes were lost.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn lost(&mut self, now: Now) -> io::Result<()> {
        self.step(now, Printer::broken, Device::broken)
    }

    /// Ends the recording; how many documents it has.
    ///
    /// # Errors
    /// As `out`'s.
    pub fn finish(mut self, framing_errors: Option<u64>) -> io::Result<usize> {
        let at = self.start.unwrap_or_default();
        let now = Now { mono: at, ..Now::default() };
        self.step(now, Printer::finish, Device::finish)?;
        self.info("bytes", &self.bytes.to_string())?;
        for (key, value) in self.counted() {
            self.info(key, &value)?;
        }
        if 0 < self.too_long {
            self.info("too-long", &self.too_long.to_string())?;
        }
        if let Some(errors) = framing_errors {
            self.info("framing-errors", &errors.to_string())?;
        }
        self.out.flush()?;
        Ok(self.documents)
    }

    /// What the decoder counted.
    fn counted(&self) -> Vec<(&'static str, String)> {
        let printer = match &self.listener {
            Listener::Printer(printer) => printer,
            Listener::Device(device) => {
                return vec![
                    ("bad", device.bad().to_string()),
                    ("noise", device.noise().to_string()),
                ];
            }
        };
        let counters = printer.counters();
        let mut all =
            vec![("commands", format!("{}, {} unknown", counters.commands, counters.unknown))];
        if let Some(unknown) = &counters.last_unknown {
            let (lead, opcode) = (unknown.lead, unknown.opcode);
            all.push(("last-unknown", format!("{lead:02x} {opcode:02x} at {}", unknown.offset)));
        }
        if let Printer::Auto(auto) = &**printer {
            all.push(("language", format!("{:?}", auto.language()).to_lowercase()));
        }
        all
    }

    fn step(
        &mut self,
        now: Now,
        of_printer: impl FnOnce(&mut Printer, &mut Vec<DocumentFact>),
        of_device: impl FnOnce(&mut Device, &mut Vec<DeviceFact>),
    ) -> io::Result<()> {
        let ended = match &mut self.listener {
            Listener::Printer(printer) => {
                let mut facts = Vec::new();
                of_printer(printer, &mut facts);
                let ended =
                    facts.iter().filter(|fact| matches!(fact, DocumentFact::End(_))).count();
                self.said.extend(facts.into_iter().map(Said::Printed));
                ended
            }
            Listener::Device(device) => {
                let mut facts = Vec::new();
                of_device(device, &mut facts);
                device.take_said(&mut self.said);
                facts.iter().filter(|fact| ends(fact)).count()
            }
        };
        self.write(now)?;
        self.documents += ended;
        if 0 < ended { self.out.flush() } else { Ok(()) }
    }

    fn write(&mut self, now: Now) -> io::Result<()> {
        let start = *self.start.get_or_insert(now.mono);
        let millis = u64::try_from(now.mono.since(start).as_millis()).unwrap_or(u64::MAX);
        for said in std::mem::take(&mut self.said) {
            let line = recording::said(millis, &said);
            if limits::RECORDING_LINE < line.trim_end().len() {
                self.too_long += 1;
                writeln!(self.out, "# {} bytes are too long for a line", line.len())?;
            } else {
                self.out.write_all(line.as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Whether something is over with this: a document, a payment, a scan, a weighing.
pub fn ends(fact: &DeviceFact) -> bool {
    use PaymentFact::{Aborted, Completed};
    match fact {
        DeviceFact::Pos(fact) => matches!(fact, PosFact::End(_)),
        DeviceFact::Payment(fact) => matches!(fact, Completed(_) | Aborted { .. }),
        DeviceFact::Scan(_) | DeviceFact::Scale(_) => true,
    }
}
