//! The fields of a line, whichever way they are written.

use serde_json::Value;

/// What a field is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Id,
    Item,
    Sku,
    Store,
    Employee,
    At,
    Quantity,
    Reason,
}

/// What columns and keys are called.
const NAMES: [(&str, Column); 16] = [
    ("trans_id", Column::Id),
    ("id", Column::Id),
    ("item_id", Column::Item),
    ("product_id", Column::Item),
    ("sku", Column::Sku),
    ("gtin", Column::Sku),
    ("plu", Column::Sku),
    ("store_id", Column::Store),
    ("employee_id", Column::Employee),
    ("date_time", Column::At),
    ("at", Column::At),
    ("counted_at", Column::At),
    ("quantity", Column::Quantity),
    ("change_type_id", Column::Reason),
    ("change_type", Column::Reason),
    ("reason", Column::Reason),
];

/// The columns of a change and of a count, where no line names them.
const CHANGE: [Column; 6] =
    [Column::Id, Column::Item, Column::Store, Column::At, Column::Quantity, Column::Reason];
const COUNT: [Column; 5] =
    [Column::Item, Column::Employee, Column::Store, Column::At, Column::Quantity];

/// The fields of one line; a field without anything in it is not there.
#[derive(Debug, Default)]
pub struct Fields(Vec<(Column, String)>);

impl Fields {
    pub fn get(&self, column: Column) -> Option<&str> {
        self.0.iter().find(|(it, _)| *it == column).map(|(_, text)| text.as_str())
    }

    fn push(&mut self, column: Column, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            self.0.push((column, text.to_owned()));
        }
    }

    /// Of a JSON object: texts and numbers.
    pub fn of_json(line: &str) -> Option<Self> {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else { return None };
        let mut fields = Self::default();
        for (key, value) in &object {
            let Some(column) = named(key) else { continue };
            match value {
                Value::String(text) => fields.push(column, text),
                Value::Number(number) => fields.push(column, &number.to_string()),
                Value::Null => {}
                // Not a number and not a text: a field that makes no sense.
                _ => fields.push(column, "?"),
            }
        }
        Some(fields)
    }

    /// Of a line of columns.
    pub fn of_columns(fields: &[&str], columns: &[Column]) -> Option<Self> {
        (fields.len() == columns.len()).then(|| {
            let mut all = Self::default();
            columns.iter().zip(fields).for_each(|(column, text)| all.push(*column, text));
            all
        })
    }
}

/// A line's fields: separated by commas, semicolons or tabs, perhaps in quotes.
pub fn split(line: &str) -> Vec<&str> {
    let separator = [',', ';', '\t'].into_iter().find(|it| line.contains(*it)).unwrap_or(',');
    line.split(separator).map(|field| field.trim().trim_matches('"')).collect()
}

/// The columns that a line names; `None` if it is no such line.
pub fn header(fields: &[&str]) -> Option<Vec<Column>> {
    let columns: Vec<Column> = fields.iter().filter_map(|field| named(field)).collect();
    (columns.len() == fields.len()).then_some(columns)
}

/// The columns of a line, where none were named, by how many there are.
pub fn usual(fields: usize) -> Option<&'static [Column]> {
    [CHANGE.as_slice(), COUNT.as_slice()].into_iter().find(|columns| columns.len() == fields)
}

fn named(name: &str) -> Option<Column> {
    let name = name.trim();
    NAMES.iter().find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, column)| *column)
}
