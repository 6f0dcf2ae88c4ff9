//! Reading of recordings, line by line. What a person wrote by hand is redacted, too.

use super::{
    ENDS, MAGIC, OTHER_SYMBOLOGY, Record, RecordingError, STYLES, SYMBOLOGIES, said, unescaped,
};
use crate::decode::redact;
use crate::decode::{DocumentFact, LayoutLine};
use crate::limits;

/// Reads a recording line by line.
#[derive(Debug, Default)]
pub struct Reader {
    line: usize,
}

impl Reader {
    /// Takes the next line; nothing comes of comments.
    ///
    /// # Errors
    /// When it is no line of a recording.
    pub fn line(&mut self, text: &str) -> Result<Option<Record>, RecordingError> {
        self.line += 1;
        let text = text.trim_end_matches(['\r', '\n']);
        if limits::RECORDING_LINE < text.len() {
            return Err(RecordingError::TooLong(self.line));
        }
        if self.line == 1 {
            return if text == MAGIC { Ok(None) } else { Err(RecordingError::Magic) };
        }
        if text.is_empty() || text.starts_with('#') {
            return Ok(None);
        }
        let malformed = |what| RecordingError::Malformed { line: self.line, what };
        record(text).map(Some).map_err(malformed)
    }
}

/// All records of a recording that is at hand as text.
///
/// # Errors
/// The first line that is none.
pub fn read(text: &str) -> Result<Vec<Record>, RecordingError> {
    let mut reader = Reader::default();
    let mut records = Vec::new();
    for line in text.split('\n') {
        records.extend(reader.line(line)?);
    }
    Ok(records)
}

/// The record on one line, however long.
///
/// # Errors
/// What is wrong with it.
pub fn record(text: &str) -> Result<Record, &'static str> {
    let (first, rest) = text.split_once(' ').ok_or("a record is a time, a kind and more")?;
    if first == "info" {
        let (key, value) = rest.split_once(' ').unwrap_or((rest, ""));
        return Ok(Record::Info(key.to_owned(), redact::text(&unescaped(value)?)));
    }
    let millis = first.parse().map_err(|_| "a record begins with its milliseconds")?;
    let (kind, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if let Some((_, bold, enlarged)) = STYLES.iter().find(|(name, ..)| *name == kind) {
        let text = redact::text(&unescaped(rest)?);
        let line = LayoutLine { text, bold: *bold, enlarged: *enlarged };
        return Ok(Record::Fact(millis, DocumentFact::Line(line)));
    }
    if said::KINDS.contains(&kind) {
        return said::read(kind, rest).map(|said| Record::Said(millis, said));
    }
    let fact = match kind {
        "kick" => DocumentFact::DrawerKick,
        "barcode" => barcode(rest)?,
        "graphic" => graphic(rest).ok_or("a graphic has a width and a height")?,
        "end" => {
            let known = ENDS.iter().find(|(why, _)| *why == rest);
            DocumentFact::End(known.ok_or("unknown end")?.1)
        }
        _ => return Err("unknown kind of record"),
    };
    Ok(Record::Fact(millis, fact))
}

fn barcode(rest: &str) -> Result<DocumentFact, &'static str> {
    let (name, data) = rest.split_once(' ').ok_or("a barcode has a kind and data")?;
    let known = SYMBOLOGIES.iter().find(|known| **known == name);
    let symbology = known.copied().unwrap_or(OTHER_SYMBOLOGY);
    Ok(DocumentFact::Barcode { symbology, data: redact::barcode(symbology, &unescaped(data)?) })
}

fn graphic(rest: &str) -> Option<DocumentFact> {
    let (width, height) = rest.split_once(' ')?;
    Some(DocumentFact::Graphic { width: width.parse().ok()?, height: height.parse().ok()? })
}
