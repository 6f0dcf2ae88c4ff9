//! `tillgate decode`: MQTT payloads to JSON lines, one envelope a line.
//!
//! A payload is a batch or an envelope that is JSON already; each payload says itself which. A bad payload
//! is told on standard error and the others are still printed. Nothing of a payload's content is quoted in
//! an error. Memory is bounded by one payload, however long the input.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tillgate_events::{Batch, Header, check_envelope, decode, expand_batch};

use super::exit;
use crate::limits;

/// Arguments of `tillgate decode`.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Files with one payload each; `-`, or none, is standard input.
    pub files: Vec<PathBuf>,
    /// Each file holds many payloads, each after its length as a little-endian u32.
    #[arg(long)]
    pub framed: bool,
    /// Print the header of each batch before its events.
    #[arg(long)]
    pub header: bool,
    /// Print only the headers. Payloads that are JSON have none and are printed as they are.
    #[arg(long)]
    pub batches: bool,
}

/// Runs the command: exit 65 when a payload was bad, 75 when the output could not be written.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let mut out = BufWriter::new(io::stdout().lock());
    let mut errors = io::stderr().lock();
    match decode_all(args, &mut io::stdin().lock(), &mut out, &mut errors) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::from(exit::DATA),
        // The reader has seen enough.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to do when this fails too.
            let _ = writeln!(errors, "cannot write: {error}");
            ExitCode::from(exit::TEMPORARY)
        }
    }
}

/// Decodes everything and returns how many payloads were bad. An error is one of writing.
fn decode_all(
    args: &Args,
    stdin: &mut dyn Read,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<usize> {
    let stdin_alone = [PathBuf::from("-")];
    let files = if args.files.is_empty() { stdin_alone.as_slice() } else { &args.files };
    let mut bad = 0;
    for path in files {
        if path == Path::new("-") {
            bad += decode_file(args, "standard input", stdin, out, errors)?;
            continue;
        }
        let name = path.display().to_string();
        match File::open(path) {
            Ok(mut file) => bad += decode_file(args, &name, &mut file, out, errors)?,
            Err(error) => {
                bad += 1;
                writeln!(errors, "{name}: {error}")?;
            }
        }
    }
    out.flush()?;
    Ok(bad)
}

/// Decodes one file and returns how many of its payloads were bad.
fn decode_file(
    args: &Args,
    name: &str,
    input: &mut dyn Read,
    out: &mut dyn Write,
    errors: &mut dyn Write,
) -> io::Result<usize> {
    let mut payloads = Payloads { input, framed: args.framed, ended: false };
    let (mut number, mut bad) = (0, 0);
    while let Some(payload) = payloads.next() {
        number += 1;
        let printed = match payload {
            Ok(payload) => print(args, &payload, out)?,
            Err(reason) => Err(reason),
        };
        if let Err(reason) = printed {
            bad += 1;
            let place = if args.framed { format!(": payload {number}") } else { String::new() };
            writeln!(errors, "{name}{place}: {reason}")?;
        }
    }
    Ok(bad)
}

/// Prints one payload; the inner error says why it is bad.
fn print(args: &Args, payload: &[u8], out: &mut dyn Write) -> io::Result<Result<(), String>> {
    let first = payload.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        return match check_envelope(payload) {
            Ok(line) => writeln!(out, "{line}").map(Ok),
            Err(error) => Ok(Err(error.to_string())),
        };
    }
    match decode(payload) {
        Ok(batch) => print_batch(args, &batch, payload.len(), out).map(Ok),
        Err(error) => Ok(Err(error.to_string())),
    }
}

fn print_batch(args: &Args, batch: &Batch, bytes: usize, out: &mut dyn Write) -> io::Result<()> {
    if args.header || args.batches {
        let line = HeaderLine { header: &batch.header, count: batch.records.len(), bytes };
        serde_json::to_writer(&mut *out, &line)?;
        writeln!(out)?;
    }
    if !args.batches {
        for event in expand_batch(batch) {
            writeln!(out, "{}", event.to_json_line())?;
        }
    }
    Ok(())
}

/// A batch's header, the number of its records and the size of its payload.
#[derive(Serialize)]
struct HeaderLine<'a> {
    #[serde(flatten)]
    header: &'a Header,
    count: usize,
    bytes: usize,
}

/// The payloads of one file. What cannot be read is an error in words; after it nothing more comes.
struct Payloads<'a> {
    input: &'a mut dyn Read,
    framed: bool,
    ended: bool,
}

impl Payloads<'_> {
    fn next(&mut self) -> Option<Result<Vec<u8>, String>> {
        if self.ended {
            return None;
        }
        let payload = if self.framed { self.next_frame() } else { self.whole().map(Some) };
        self.ended = !self.framed || !matches!(payload, Ok(Some(_)));
        payload.transpose()
    }

    fn whole(&mut self) -> Result<Vec<u8>, String> {
        let payload = self.at_most(limits::MQTT_PACKET_BYTES + 1)?;
        if payload.len() > limits::MQTT_PACKET_BYTES {
            return Err(format!("longer than any payload ({})", limits::MQTT_PACKET_BYTES));
        }
        Ok(payload)
    }

    /// The next payload with a length before it; `None` at the end.
    fn next_frame(&mut self) -> Result<Option<Vec<u8>>, String> {
        let length = self.at_most(4)?;
        if length.is_empty() {
            return Ok(None);
        }
        let length: [u8; 4] = length.try_into().map_err(|_| "ends within a length")?;
        let length = u32::from_le_bytes(length) as usize;
        if length > limits::MQTT_PACKET_BYTES {
            return Err(format!(
                "{length} bytes announced, more than any payload has; stopped here"
            ));
        }
        let payload = self.at_most(length)?;
        if payload.len() < length {
            return Err(format!("ends after {} of {length} bytes", payload.len()));
        }
        Ok(Some(payload))
    }

    fn at_most(&mut self, bytes: usize) -> Result<Vec<u8>, String> {
        let mut taken = Vec::new();
        let limit = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut input = Read::take(&mut *self.input, limit);
        input.read_to_end(&mut taken).map_err(|error| error.to_string())?;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::{
        Body, BootId, Class, ClockQuality, NoSale, ReceiptVoided, Record, UtcMs, encode,
    };

    use super::*;

    const JSON: &str = r#"{"event_type":"no_sale","payload":{},"trace_id":"g-pos-1-1","ingest_timestamp":"2026-11-21T14:05:00.000Z","schema_version":"1.0","source":"tillgate/g/t","correlation_id":null,"partition_key":"store_1","session_id":null,"parent_event_id":null}"#;

    /// A batch of a drawer opening and a void.
    fn payload() -> Vec<u8> {
        let header = Header {
            gateway_id: "gw-0007".into(),
            store_id: 7,
            class: Class::Pos,
            epoch: 1,
            first_sequence: 41,
            wall: UtcMs(1_795_269_900_000),
            boot_id: BootId([0xab; 16]),
            mono_us: 5,
            clock: ClockQuality::Synced,
        };
        let opened = Body::NoSale(NoSale { terminal_id: "1".into() });
        let voided = Body::ReceiptVoided(ReceiptVoided {
            receipt_id: "r-1".into(),
            terminal_id: "1".into(),
            reason: None,
        });
        let records = [opened, voided].map(|body| Record {
            at: UtcMs(1_795_269_900_000),
            source: "till-1".into(),
            body,
        });
        encode(&Batch { header, records: records.into() }).unwrap()
    }

    fn framed(payloads: &[&[u8]]) -> Vec<u8> {
        let length = |payload: &[u8]| u32::try_from(payload.len()).unwrap().to_le_bytes();
        payloads.iter().flat_map(|payload| [&length(payload), *payload].concat()).collect()
    }

    /// What was printed, what was told, and how many were bad.
    fn decoded(args: &Args, mut stdin: &[u8]) -> (String, String, usize) {
        let (mut out, mut errors) = (Vec::new(), Vec::new());
        let bad = decode_all(args, &mut stdin, &mut out, &mut errors).unwrap();
        (String::from_utf8(out).unwrap(), String::from_utf8(errors).unwrap(), bad)
    }

    /// The trace ids in the lines that were printed.
    fn check(args: &Args, stdin: &[u8], trace_ids: &[&str], errors: &str) {
        let (out, told, bad) = decoded(args, stdin);
        let lines =
            out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let ids: Vec<String> =
            lines.map(|line| line["trace_id"].as_str().unwrap().into()).collect();
        assert_eq!((ids, told.as_str()), (trace_ids.iter().map(|&id| id.into()).collect(), errors));
        assert_eq!(bad, errors.lines().count());
    }

    #[test]
    fn a_payload_becomes_one_line_per_event() {
        let args = Args::default();
        check(&args, &payload(), &["gw-0007-pos-1-41", "gw-0007-pos-1-42"], "");
        let (pretty, all) = (JSON.replace(',', ",\n"), &["g-pos-1-1"]);
        check(&args, pretty.as_bytes(), all, "");
        assert_eq!(decoded(&args, pretty.as_bytes()).0, format!("{JSON}\n"));
    }

    #[test]
    fn bad_payloads_are_told_and_the_others_printed() {
        let args = Args { framed: true, ..Args::default() };
        let mut damaged = payload();
        *damaged.last_mut().unwrap() ^= 1;
        let all =
            [payload().as_slice(), &damaged, b"noise", b"{}", JSON.as_bytes()].map(<[u8]>::to_vec);
        let input = framed(&all.each_ref().map(Vec::as_slice));
        check(
            &args,
            &input,
            &["gw-0007-pos-1-41", "gw-0007-pos-1-42", "g-pos-1-1"],
            "standard input: payload 2: damaged: the checksum does not match\n\
             standard input: payload 3: not a batch: it does not begin like one\n\
             standard input: payload 4: not an envelope: no event_type\n",
        );
    }

    #[test]
    fn a_broken_frame_ends_the_file() {
        let args = Args { framed: true, ..Args::default() };
        check(&args, b"", &[], "");
        check(&args, b"\x01", &[], "standard input: payload 1: ends within a length\n");
        check(&args, b"\x09\0\0\0abc", &[], "standard input: payload 1: ends after 3 of 9 bytes\n");
        let huge = "standard input: payload 1: 4294967295 bytes announced, more than any payload has; \
                    stopped here\n";
        check(&args, &[0xff; 100], &[], huge);
        let endless = vec![b' '; limits::MQTT_PACKET_BYTES + 1];
        let long = "standard input: longer than any payload (262144)\n";
        check(&Args::default(), &endless, &[], long);
    }

    #[test]
    fn files_are_read_one_after_the_other() {
        let dir = tempfile::tempdir().unwrap();
        let (good, missing) = (dir.path().join("good"), dir.path().join("missing"));
        std::fs::write(&good, payload()).unwrap();
        let args = Args { files: vec![missing, "-".into(), good], ..Args::default() };
        let (out, told, bad) = decoded(&args, JSON.as_bytes());
        assert_eq!((out.lines().count(), bad), (3, 1));
        assert!(told.contains("missing: "), "{told}");
    }

    #[test]
    fn headers_come_before_or_instead_of_the_events() {
        let header = r#"{"gateway_id":"gw-0007","store_id":7,"class":"pos","epoch":1,"first_sequence":41,"wall":"2026-11-21T14:05:00.000Z","boot_id":"abababab-abab-abab-abab-abababababab","mono_us":5,"clock":"synced","count":2,"bytes":"#;
        let lines = |args: &Args| {
            let (out, _, _) = decoded(args, &payload());
            (out.starts_with(header), out.lines().count())
        };
        assert_eq!(lines(&Args { header: true, ..Args::default() }), (true, 3));
        assert_eq!(lines(&Args { batches: true, ..Args::default() }), (true, 1));
        assert_eq!(lines(&Args::default()), (false, 2));
    }

    #[test]
    fn an_output_that_fails_ends_the_work() {
        let mut full: &mut [u8] = &mut [0; 10];
        let input = payload();
        let result =
            decode_all(&Args::default(), &mut input.as_slice(), &mut full, &mut Vec::new());
        assert_eq!(result.unwrap_err().kind(), ErrorKind::WriteZero);
    }
}
