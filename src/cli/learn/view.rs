//! What `tillgate learn` shows: bytes as hex and text, laid-out lines under a ruler, and what was found out.

use std::io::{self, Write};
use std::path::Path;

use super::gather::Gathered;
use crate::learn::frames::Framing;
use crate::learn::paper::Paper;
use crate::learn::propose::MARK;
use crate::learn::{amounts, marks, sums};

/// Bytes shown unless all are asked for.
const SHOWN: usize = 256;

/// Bytes in a row of the dump.
const ROW: usize = 16;

/// Bytes, from `offset` on, as numbers and as text. Digits are shown as `##`, because they may be a card's: what
/// they say stands in the laid-out lines, where cards are known as such.
pub fn hex(bytes: &[u8], offset: usize) -> String {
    let is_digit = |byte: u8| (byte & 0x7F).is_ascii_digit();
    let mut out = String::new();
    for (row, bytes) in bytes.chunks(ROW).enumerate() {
        out += &format!("{:06x}  ", offset + row * ROW);
        for column in 0..ROW {
            out += &match bytes.get(column) {
                None => "   ".to_owned(),
                Some(byte) if is_digit(*byte) => "## ".to_owned(),
                Some(byte) => format!("{byte:02x} "),
            };
        }
        out.push(' ');
        out.extend(bytes.iter().map(|byte| match byte {
            byte if is_digit(*byte) => '#',
            0x20..=0x7E => char::from(*byte),
            _ => '.',
        }));
        out.push('\n');
    }
    out
}

/// Shows what a machine said and what was found out of its frames.
pub fn frames(
    gathered: &Gathered,
    framing: &Framing,
    all: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    bytes(gathered, all, out)?;
    writeln!(out, "\nframes     {}", framing.frames.len())?;
    framing.toml.lines().try_for_each(|line| writeln!(out, "           {line}"))?;
    framing.doubts.iter().try_for_each(|doubt| writeln!(out, "           not known: {doubt}"))?;
    match &gathered.line {
        Some(line) => writeln!(out, "port       {line}"),
        None => Ok(()),
    }
}

fn bytes(gathered: &Gathered, all: bool, out: &mut dyn Write) -> io::Result<()> {
    let head = &gathered.head;
    let shown = if all { head.len() } else { SHOWN.min(head.len()) };
    write!(out, "{}", hex(head.get(..shown).unwrap_or_default(), 0))?;
    if shown < head.len() {
        writeln!(out, "        … {} bytes in all; --hex shows more", gathered.counters.bytes)?;
    }
    Ok(())
}

/// Shows what was printed and what was found out.
pub fn show(gathered: &Gathered, paper: &Paper, all: bool, out: &mut dyn Write) -> io::Result<()> {
    bytes(gathered, all, out)?;
    if let Some(document) = paper.documents.first() {
        let width = document.lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        writeln!(out, "\n{}\n{}", tens(width), units(width))?;
        document.lines.iter().try_for_each(|line| writeln!(out, "{line}"))?;
        writeln!(out)?;
    }
    writeln!(out, "language   {:?}", gathered.language)?;
    if let Some(evidence) = &gathered.evidence {
        writeln!(out, "           {evidence}")?;
    }
    if let Some(line) = &gathered.line {
        writeln!(out, "port       {line}")?;
    }
    if let Some(page) = &gathered.page {
        let name = page.name.as_deref().unwrap_or("not known");
        let guess = if page.doubt.is_some() { " (a guess)" } else { "" };
        writeln!(out, "code page  {name}{guess}")?;
    }
    if let Some(bit7) = gathered.bit7 {
        writeln!(out, "bit 7      {bit7:?}")?;
    }
    let documents = &paper.documents;
    writeln!(
        out,
        "documents  {}{}",
        documents.len(),
        if paper.is_cut() { ", cut" } else { ", by silence" }
    )?;
    let decimal = amounts::decimal(documents);
    match decimal {
        Some(found) => writeln!(
            out,
            "decimal    `{}`: {} numbers in {} documents, {} against{}",
            found.sign,
            found.numbers,
            found.documents,
            found.against,
            if found.is_sure() { "" } else { " (not sure)" }
        )?,
        None => writeln!(out, "decimal    no number has two decimals")?,
    }
    let sums = sums::find(documents, decimal.map_or('.', |found| found.sign));
    if let Some(total) = &sums.total {
        writeln!(out, "total      `{total}`: the lines make it on {} documents", sums.agreed)?;
    }
    for (tender, change) in &sums.tenders {
        let change = if *change { ", with change" } else { "" };
        writeln!(out, "payment    `{tender}`{change}")?;
    }
    if let Some(change) = &sums.change {
        writeln!(out, "change     `{change}`")?;
    }
    if let Some(counter) = marks::find(documents).number {
        writeln!(out, "number     behind `{}`", counter.before)?;
    }
    Ok(())
}

fn tens(width: usize) -> String {
    (1..=width).map(|at| if at % 10 == 0 { digit(at / 10) } else { ' ' }).collect()
}

fn units(width: usize) -> String {
    (1..=width).map(digit).collect()
}

fn digit(number: usize) -> char {
    u32::try_from(number % 10).ok().and_then(|digit| char::from_digit(digit, 10)).unwrap_or(' ')
}

/// Says how good the proposal is, and what to do next.
pub fn conclude(
    text: &str,
    (passed, failed): (usize, usize),
    file: Option<&Path>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "\nWith the proposal {passed} receipts pass their checks, {failed} do not.")?;
    let marked = || (1..).zip(text.lines()).filter(|(_, line)| line.starts_with(MARK));
    let Some(file) = file else { return Ok(()) };
    let file = file.display();
    if marked().next().is_none() {
        return writeln!(out, "Next: tillgate check --dialect {file}");
    }
    writeln!(out, "To look at:")?;
    for (number, line) in marked() {
        writeln!(out, "  {file}:{number}:{}", line.trim_start_matches(MARK))?;
    }
    writeln!(out, "Next: edit these, then tillgate check --dialect {file} --accept")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_as_numbers_and_text_but_digits_are_not() {
        let expected = "000010  1b 40 41 42 ## ## 0a                             .@AB##.\n";
        assert_eq!(hex(b"\x1b@AB12\n", 16), expected);
        assert!(
            !hex(b"4111\x1bE\x01 1111 1111\xb1111", 0).contains('1'.to_string().repeat(2).as_str())
        );
    }
}
