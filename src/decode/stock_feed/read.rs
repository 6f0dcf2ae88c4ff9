//! One line to what it says.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use tillgate_events::{StockReason, UtcMs};

use super::columns::{Column, Fields, header, split, usual};
use super::{FeedError, ProductRef, StockLine};
use crate::decode::redact;

/// The number of the online store, where it is told apart from the stores.
const ONLINE: u64 = 0;

/// What changes are called, and by which numbers.
const REASONS: [(&str, StockReason); 22] = [
    ("1", StockReason::Sale),
    ("sale", StockReason::Sale),
    ("return", StockReason::Return),
    ("2", StockReason::Lost),
    ("shrink", StockReason::Lost),
    ("lost", StockReason::Lost),
    ("3", StockReason::InboundShipment),
    ("restock", StockReason::InboundShipment),
    ("inbound", StockReason::InboundShipment),
    ("inbound_shipment", StockReason::InboundShipment),
    ("transfer_in", StockReason::InboundShipment),
    ("outbound", StockReason::OutboundShipment),
    ("outbound_shipment", StockReason::OutboundShipment),
    ("transfer_out", StockReason::OutboundShipment),
    ("4", StockReason::Bopis),
    ("bopis", StockReason::Bopis),
    ("damage", StockReason::Damaged),
    ("damaged", StockReason::Damaged),
    ("-1", StockReason::Adjustment),
    ("snapshot", StockReason::Adjustment),
    ("adjust", StockReason::Adjustment),
    ("adjustment", StockReason::Adjustment),
];

/// Reads the lines of one feed.
#[derive(Clone, Debug)]
pub struct FeedReader {
    store: u64,
    zone: TimeZone,
    /// As a line named them last.
    columns: Option<Vec<Column>>,
}

impl FeedReader {
    /// A feed for this store; times without a zone are `zone`'s.
    #[must_use]
    pub fn new(store: u64, zone: TimeZone) -> Self {
        Self { store, zone, columns: None }
    }

    /// The feed begins anew: nothing is known of its columns.
    pub fn came(&mut self) {
        self.columns = None;
    }

    /// Takes a line; nothing where it names columns or is empty.
    ///
    /// # Errors
    /// See [`FeedError`].
    pub fn line(&mut self, line: &str) -> Result<Option<StockLine>, FeedError> {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() {
            return Ok(None);
        }
        if line.starts_with('{') && line.ends_with('}') && line.contains('"') {
            let fields = Fields::of_json(line).ok_or(FeedError::Form)?;
            return self.fields(&fields, None).map(Some);
        }
        let fields = split(line);
        if let Some(columns) = header(&fields) {
            self.columns = Some(columns);
            return Ok(None);
        }
        let named = self.columns.as_deref().filter(|columns| columns.len() == fields.len());
        let columns = named.or_else(|| usual(fields.len())).ok_or(FeedError::Form)?;
        let changes = columns.contains(&Column::Reason);
        let fields = Fields::of_columns(&fields, columns).ok_or(FeedError::Form)?;
        self.fields(&fields, Some(changes)).map(Some)
    }

    /// `changes`: whether the line's columns are a change's, where they tell.
    fn fields(&self, fields: &Fields, changes: Option<bool>) -> Result<StockLine, FeedError> {
        let reason = fields.get(Column::Reason);
        let counts = reason.is_some_and(|it| it.eq_ignore_ascii_case("count"));
        let is_change = changes.unwrap_or(reason.is_some()) && !counts;
        let store = fields.get(Column::Store).map(|text| number(text, "store_id")).transpose()?;
        let store = store.map(|store| u64::try_from(store).unwrap_or(u64::MAX));
        let reason = if is_change { Some(read_reason(reason)?) } else { None };
        if store.unwrap_or(self.store) == ONLINE && reason == Some(StockReason::Bopis) {
            return Ok(StockLine::Noted);
        }
        if store.is_some_and(|store| store != self.store) {
            return Err(FeedError::OtherStore);
        }
        let product = product(fields)?;
        let at = fields.get(Column::At).ok_or(FeedError::Missing("date_time"))?;
        let at = self.time(at).ok_or(FeedError::Bad("date_time", "a date and time"))?;
        let quantity = fields.get(Column::Quantity).ok_or(FeedError::Missing("quantity"))?;
        let quantity = number(quantity, "quantity")?;
        let Some(reason) = reason else {
            let least = "0 or more where it is a count";
            let counted = quantity >= 0;
            return counted
                .then_some(StockLine::Count { product, at, quantity })
                .ok_or(FeedError::Bad("quantity", least));
        };
        if quantity == 0 {
            return Err(FeedError::Bad("quantity", "other than 0 where it is a change"));
        }
        let id = fields.get(Column::Id).ok_or(FeedError::Missing("trans_id"))?;
        let id = id.trim_start_matches('{').trim_end_matches('}').to_ascii_lowercase();
        if id.is_empty() || ID_CHARS < id.chars().count() || id.chars().any(char::is_control) {
            return Err(FeedError::Bad("trans_id", "1 to 64 characters"));
        }
        if !is_guid(&id) && redact::text(&id) != id {
            return Err(FeedError::Bad("trans_id", "a number of a stock system"));
        }
        let back = reason == StockReason::Sale && 0 < quantity;
        let reason = if back { StockReason::Return } else { reason };
        Ok(StockLine::Change { id, product, at, quantity, reason })
    }

    /// A moment with its zone, or a date and time of the store's.
    fn time(&self, text: &str) -> Option<UtcMs> {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return Some(UtcMs(moment.as_millisecond()));
        }
        let local: DateTime = text.parse().ok()?;
        let moment = self.zone.to_ambiguous_timestamp(local).compatible().ok()?;
        Some(UtcMs(moment.as_millisecond()))
    }
}

/// Characters of a line's number.
const ID_CHARS: usize = 64;

/// Digits in the groups of a GUID may look like a card's, and are none.
fn is_guid(id: &str) -> bool {
    let groups = id.split('-').map(str::len);
    let hex = id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit());
    hex && groups.eq([8, 4, 4, 4, 12])
}

fn product(fields: &Fields) -> Result<ProductRef, FeedError> {
    match (fields.get(Column::Item), fields.get(Column::Sku)) {
        (Some(id), _) => {
            let id = number(id, "item_id")?;
            let id = u64::try_from(id).ok().filter(|id| 0 < *id);
            id.map(ProductRef::Id).ok_or(FeedError::Bad("item_id", "above 0"))
        }
        (None, Some(code)) if code.chars().count() <= ID_CHARS => {
            Ok(ProductRef::Code(code.to_owned()))
        }
        (None, Some(_)) => Err(FeedError::Bad("sku", "1 to 64 characters")),
        (None, None) => Err(FeedError::Missing("item_id")),
    }
}

fn read_reason(text: Option<&str>) -> Result<StockReason, FeedError> {
    let text = text.ok_or(FeedError::Missing("change_type_id"))?;
    let known = REASONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
    known.map(|(_, reason)| *reason).ok_or(FeedError::Bad("change_type_id", "one that is known"))
}

/// A whole number, perhaps with a sign or with nothing but zeros behind its point.
fn number(text: &str, column: &'static str) -> Result<i64, FeedError> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole = if rest.bytes().all(|b| b == b'0') { whole } else { "" };
    whole.parse().map_err(|_| FeedError::Bad(column, "a whole number"))
}
