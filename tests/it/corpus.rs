//! Printer streams that others recorded, where they are at hand; and the same properties on streams made
//! here, so that they are tested without them too.

pub mod agreement;

use std::path::{Path, PathBuf};

use tillgate::decode::document::{Printer, PrinterCounters, PrinterOptions};
use tillgate::decode::escpos::token::{Token, Tokenizer};
use tillgate::decode::escpos::{Decoder, EscposOptions};
use tillgate::decode::text::TextOptions;
use tillgate::decode::{DocumentFact, LayoutLine};
use tillgate::time::Mono;

use agreement::Agreement;

/// The folder of this name in the corpus, or nothing and a loud word.
pub fn corpus(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TILLGATE_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus"),
        PathBuf::from,
    );
    let path = root.join("pos").join(folder);
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIPPED: no corpus at {} (set TILLGATE_CORPUS)", path.display());
    None
}

/// Files of `folder` whose name ends in one of `ends`, in order.
pub fn files(folder: &Path, ends: &[&str]) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| ends.iter().any(|end| path.to_str().unwrap().ends_with(end)))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "nothing in {}", folder.display());
    files
}

fn decode(bytes: &[u8]) -> (Vec<DocumentFact>, Decoder) {
    let mut decoder = Decoder::new(EscposOptions::default());
    let mut facts = Vec::new();
    decoder.push(bytes, Mono(0), &mut facts);
    decoder.finish(&mut facts);
    (facts, decoder)
}

pub fn layout(facts: &[DocumentFact]) -> Vec<&LayoutLine> {
    let line = |fact: &'_ DocumentFact| matches!(fact, DocumentFact::Line(_));
    let lines = facts.iter().filter(|fact| line(fact));
    lines
        .map(|fact| if let DocumentFact::Line(line) = fact { line } else { unreachable!() })
        .collect()
}

fn lines(facts: &[DocumentFact]) -> Vec<String> {
    layout(facts).iter().map(|line| line.text.clone()).collect()
}

/// A row of the command list.
struct Row {
    name: String,
    bytes: Vec<u8>,
    /// The list says that no printer knows it.
    unknown: bool,
}

/// The printer commands of the list, and how many rows are for customer displays.
fn rows(folder: &Path) -> (Vec<Row>, usize) {
    let list = std::fs::read_to_string(folder.join("tokens.tsv")).unwrap();
    let mut rows = Vec::new();
    let mut display = 0;
    for line in list.lines().filter(|line| !line.starts_with('#')) {
        let [set, name, hex] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        if set.starts_with("vfd") {
            display += 1;
            continue;
        }
        let byte = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
        let bytes = (0..hex.len()).step_by(2).map(byte).collect();
        rows.push(Row { name: name.to_owned(), bytes, unknown: name.ends_with("Unknown") });
    }
    (rows, display)
}

/// What no command may touch.
const SENTINEL: &[u8] = b"Sentinel";

/// Puts `bytes` and a sentinel through the tokenizer in these chunks. They are consumed exactly when the
/// tokenizer is then between commands, the sentinel is the only text, and only what the list calls unknown
/// was unknown.
fn check_consumed(what: &str, bytes: &[u8], unknown: usize, mut chunk: impl FnMut() -> usize) {
    let mut tokenizer = Tokenizer::default();
    let mut text = Vec::new();
    let mut strange = 0;
    let mut pending = false;
    let mut consumed = 0;
    let all = [bytes, SENTINEL].concat();
    while consumed < all.len() {
        // The end of `bytes` is always a border, to look at the tokenizer there.
        let border = if consumed < bytes.len() { bytes.len() } else { all.len() };
        let end = border.min(consumed + chunk().max(1));
        let mut input = &all[consumed..end];
        while let Some(token) = tokenizer.next(&mut input) {
            match token {
                Token::Text(run) => text.extend_from_slice(run),
                Token::Unknown { .. } => strange += 1,
                _ => {}
            }
        }
        consumed = end;
        pending |= consumed == bytes.len() && tokenizer.pending();
    }
    assert!(!pending, "{what}: waits for more");
    assert_eq!(text, SENTINEL, "{what}: text was eaten or made");
    assert_eq!(strange, unknown, "{what}: unknown commands");
}

#[test]
fn every_command_of_the_list_is_consumed_exactly() {
    let Some(folder) = corpus("escposutils") else { return };
    let (rows, display) = rows(&folder);
    for row in &rows {
        let unknown = usize::from(row.unknown);
        for size in [1, 2, 3, 7, usize::MAX / 2] {
            check_consumed(&row.name, &row.bytes, unknown, || size);
        }
        // The printer set afresh prints the sentinel, whatever the command did.
        let stream = [&row.bytes, b"\x1B@".as_slice(), SENTINEL, b"\n"].concat();
        let (facts, decoder) = decode(&stream);
        assert_eq!(lines(&facts).last().unwrap().as_bytes(), SENTINEL, "{}", row.name);
        assert_eq!(decoder.counters().unknown, unknown as u64, "{}", row.name);
    }
    let unknown = rows.iter().filter(|row| row.unknown).count();
    println!(
        "{} printer commands ({unknown} of them unknown by name), {display} display rows left out",
        rows.len()
    );
    assert!(rows.len() > 800 && display > 100);
}

#[test]
fn commands_of_the_list_in_random_order_and_chunks_are_consumed_exactly() {
    let Some(folder) = corpus("escposutils") else { return };
    let (mut rows, _) = rows(&folder);
    let seed = seed();
    let mut random = fastrand::Rng::with_seed(seed);
    for round in 0..50 {
        random.shuffle(&mut rows);
        let bytes: Vec<u8> = rows.iter().flat_map(|row| row.bytes.clone()).collect();
        let unknown = rows.iter().filter(|row| row.unknown).count();
        let most = random.usize(1..200);
        check_consumed(&format!("seed {seed} round {round}"), &bytes, unknown, || {
            random.usize(1..=most)
        });
    }
}

/// The ESC/POS emitters of receiptline.
const EMITTERS: &[&str] = &[
    ".epson.bin",
    ".escpos.bin",
    ".generic.bin",
    ".fit.bin",
    ".impact.bin",
    ".sii.bin",
    ".citizen.bin",
];

/// Streams made by hand, which are here whether the corpus is or not.
fn seeds() -> Vec<PathBuf> {
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    ["escpos", "text"].iter().flat_map(|name| files(&seeds.join(name), &[""])).collect()
}

/// Every complete ESC/POS stream of the corpus.
fn streams() -> Vec<PathBuf> {
    let folders: [(&str, &[&str]); 4] = [
        ("escpos-php", &[".bin"]),
        ("escpresso", &[".raw"]),
        ("python-escpos", &[".bin"]),
        ("receiptline", EMITTERS),
    ];
    let there = folders.iter().filter_map(|(name, ends)| Some((corpus(name)?, ends)));
    there.flat_map(|(folder, ends)| files(&folder, ends)).collect()
}

#[test]
fn every_stream_goes_through_with_nothing_unknown_and_no_overflow() {
    let streams = streams();
    let mut bytes = 0;
    for path in &streams {
        let (_, decoder) = decode(&std::fs::read(path).unwrap());
        assert!(decoder.counters().understood(), "{}: {:?}", path.display(), decoder.counters());
        bytes += decoder.counters().bytes;
    }
    println!("{} streams, {bytes} bytes: 0 unknown commands, 0 overflows", streams.len());
}

/// What a decoder of this kind makes of `bytes` in these pieces.
fn printed<'a>(
    options: &PrinterOptions,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<DocumentFact>, PrinterCounters) {
    let mut printer = Printer::new(options.clone());
    let mut facts = Vec::new();
    pieces.for_each(|piece| printer.push(piece, Mono(0), &mut facts));
    printer.finish(&mut facts);
    (facts, printer.counters().clone())
}

/// `bytes` in pieces of random sizes from 1 to `most`.
fn pieces<'a>(bytes: &'a [u8], most: usize, random: &mut fastrand::Rng) -> Vec<&'a [u8]> {
    let mut rest = bytes;
    let mut pieces = Vec::new();
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(random.usize(1..=most).min(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

#[test]
fn every_stream_reads_the_same_however_its_bytes_are_cut() {
    let mut random = fastrand::Rng::with_seed(seed());
    let decoders = [
        PrinterOptions::Escpos(EscposOptions::default()),
        PrinterOptions::Text(TextOptions::default()),
    ];
    for path in streams().into_iter().chain(seeds()) {
        let bytes = std::fs::read(&path).unwrap();
        for options in &decoders {
            let whole = printed(options, std::iter::once(bytes.as_slice()));
            for most in [1, 2, 16, 400, 4096] {
                let cut = printed(options, pieces(&bytes, most, &mut random).into_iter());
                assert!(cut == whole, "{} in pieces of up to {most}", path.display());
            }
        }
    }
}

#[test]
fn printed_lines_agree_with_what_python_escpos_was_told_to_print() {
    let Some(folder) = corpus("python-escpos") else { return };
    let files = files(&folder, &[".bin"]);
    let mut report = Agreement::default();
    for path in &files {
        let (facts, _) = decode(&std::fs::read(path).unwrap());
        let json = std::fs::read_to_string(path.with_extension("json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let expected =
            json["lines"].as_array().unwrap().iter().map(|l| l.as_str().unwrap().to_owned());
        report.compare(path, &expected.collect::<Vec<_>>(), &layout(&facts));
    }
    report.finish("python-escpos");
}

#[test]
fn printed_lines_agree_with_the_text_of_receiptline() {
    let Some(folder) = corpus("receiptline") else { return };
    let mut report = Agreement::default();
    for path in files(&folder, EMITTERS) {
        let (facts, _) = decode(&std::fs::read(&path).unwrap());
        report.compare_with_text(&folder, &path, &layout(&facts));
    }
    report.finish("receiptline");
}

/// The seed of this run; set `SEED` to repeat one.
pub fn seed() -> u64 {
    let seed = std::env::var("SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or_else(|| fastrand::u64(..));
    println!("SEED={seed}");
    seed
}
