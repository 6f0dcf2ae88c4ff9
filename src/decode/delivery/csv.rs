//! A plan as CSV.

use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Trim};

use super::{Delivery, Seen, Yardstick, minutes, name, number};
use crate::spanned::{Fault, Mistake, did_you_mean, quote};

const COLUMNS: [&str; 6] =
    ["shipment_id", "truck_id", "dock", "planned_arrival", "unload_min", "dc_id"];
const FORM: &str = "the first line is: shipment_id,truck_id,dock,planned_arrival,unload_min,dc_id";

/// What could be read, and every mistake.
pub fn parse(file: &str, text: &str, by: &Yardstick) -> (Vec<Delivery>, Vec<Mistake>) {
    let mut reader = ReaderBuilder::new().trim(Trim::All).from_reader(text.as_bytes());
    let header = reader.headers().cloned().unwrap_or_default();
    let mut mistakes = check_header(file, text, &header);
    if !mistakes.is_empty() {
        return (Vec::new(), mistakes);
    }
    let (mut deliveries, mut seen) = (Vec::new(), Seen::default());
    for record in reader.records() {
        match record {
            Ok(record) => {
                let mut row =
                    Row { file, text, header: &header, record: &record, mistakes: &mut mistakes };
                deliveries.extend(row.delivery(by, &mut seen));
            }
            Err(error) => {
                let fault = match error.kind() {
                    ErrorKind::UnequalLengths { expected_len, len, .. } => {
                        let what = format!("{len} fields where the first line has {expected_len}");
                        Fault::new(what)
                            .hint("put a field that has commas in it into double quotes")
                    }
                    _ => Fault::new("this line is not CSV"),
                };
                let line = error.position().map_or(1, line_of);
                mistakes.push(Mistake::at_line(file, line, fault));
            }
        }
    }
    (deliveries, mistakes)
}

fn check_header(file: &str, text: &str, header: &StringRecord) -> Vec<Mistake> {
    let at = |index: usize, fault: Fault| Mistake::at(place_of(text, 0, 1, index), file, fault);
    if header.len() == 1 && header.iter().any(|field| field.contains([';', '\t'])) {
        let fault = Fault::new("the columns are not separated by commas");
        return vec![at(0, fault.hint("save it as CSV with commas"))];
    }
    let mut mistakes = Vec::new();
    for (index, field) in header.iter().enumerate() {
        if !COLUMNS.contains(&field) {
            let fault = Fault::new(format!("unknown column {}", quote(field)));
            let near = did_you_mean(field, COLUMNS);
            mistakes.push(at(index, fault.hint(near.unwrap_or_else(|| FORM.to_owned()))));
        } else if header.iter().take(index).any(|other| other == field) {
            mistakes.push(at(index, Fault::new(format!("the column `{field}` is there twice"))));
        }
    }
    for column in ["shipment_id", "planned_arrival"] {
        if !header.iter().any(|field| field == column) {
            let fault = Fault::new(format!("there is no column `{column}`"));
            mistakes.push(at(0, fault.hint(FORM)));
        }
    }
    mistakes
}

/// One line.
struct Row<'a> {
    file: &'a str,
    text: &'a str,
    header: &'a StringRecord,
    record: &'a StringRecord,
    mistakes: &'a mut Vec<Mistake>,
}

impl Row<'_> {
    fn delivery(&mut self, by: &Yardstick, seen: &mut Seen) -> Option<Delivery> {
        let before = self.mistakes.len();
        let line = self.record.position().map_or(1, line_of);
        let shipment = self.required("shipment_id", |text| {
            seen.take(text, line)?;
            name(text)
        });
        let planned = self.required("planned_arrival", |text| by.moment(text));
        let truck_id = self.field("truck_id", name);
        let dock = self.field("dock", |text| by.dock(text));
        let unload_minutes = self.field("unload_min", minutes);
        let dc_id = self.field("dc_id", number);
        if self.mistakes.len() > before {
            return None;
        }
        let (shipment_id, planned) = (shipment?, planned?);
        Some(Delivery { shipment_id, truck_id, dock, planned, unload_minutes, dc_id })
    }

    fn required<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        let written = self.index(column).and_then(|index| self.record.get(index));
        if written.is_some_and(str::is_empty) {
            self.mistake(column, Fault::new("nothing stands here"));
            return None;
        }
        self.field(column, read)
    }

    fn field<T>(&mut self, column: &str, read: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let text = self.record.get(self.index(column)?).filter(|text| !text.is_empty())?;
        read(text).map_err(|fault| self.mistake(column, fault)).ok()
    }

    fn index(&self, column: &str) -> Option<usize> {
        self.header.iter().position(|name| name == column)
    }

    fn mistake(&mut self, column: &str, mut fault: Fault) {
        let start = self.record.position().map_or((0, 1), |at| (at.byte(), at.line()));
        let index = self.index(column).unwrap_or(0);
        fault.message = format!("`{column}`: {}", fault.message);
        let place = place_of(self.text, start.0, start.1, index);
        self.mistakes.push(Mistake::at(place, self.file, fault));
    }
}

fn line_of(position: &Position) -> usize {
    usize::try_from(position.line()).unwrap_or(usize::MAX)
}

/// Line and column of a field of the record that begins at this byte and line.
fn place_of(text: &str, byte: u64, line: u64, index: usize) -> (usize, usize) {
    let start = usize::try_from(byte).unwrap_or(usize::MAX);
    let (mut line, mut column) = (usize::try_from(line).unwrap_or(usize::MAX), 1);
    let (mut field, mut quoted) = (0, false);
    let rest = text.get(start..).unwrap_or_default();
    // Before a record may be empty lines, which its position does not always leave out.
    for c in rest.chars() {
        let blank = if quoted { false } else { c.is_whitespace() && c != '\n' };
        if field == index && !blank && c != '\n' {
            break;
        }
        match c {
            '\n' => (line, column) = (line + 1, 0),
            '"' => quoted = !quoted,
            ',' if !quoted => field += 1,
            _ => {}
        }
        column += 1;
    }
    (line, column)
}
