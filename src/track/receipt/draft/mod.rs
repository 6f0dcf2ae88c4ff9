//! The open document: facts gathered until its end.

mod doubt;
mod headings;
mod lines;
mod tenders;

pub use lines::Discount;
pub use tenders::Tender;

use crate::decode::{Item, PosFact};
use crate::limits;
use crate::time::Now;
use crate::track::receipt::sums::Sums;

/// What is told of a void that nothing printed here belongs to.
const VOID_OF_NOTHING: &str = "[void without its article]";

/// What is known of a document so far.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// When the latest fact came.
    pub last: Now,
    /// The till's documents that it was printed on.
    pub papers: Vec<u64>,
    pub number: Option<String>,
    pub terminal: Option<String>,
    pub printed_at: Option<String>,
    pub customer_id: Option<u64>,
    pub lines: Vec<DraftLine>,
    /// Discounts on the whole receipt.
    pub discounts: Vec<Discount>,
    /// (amount, included in the prices).
    pub taxes: Vec<(i64, bool)>,
    pub subtotal: Option<i64>,
    pub rounding: i64,
    pub total: Option<i64>,
    pub tenders: Vec<Tender>,
    /// Change that was printed before any payment.
    early_change: i64,
    pub training: bool,
    pub reprint: bool,
    /// All of it is a return.
    pub refund: bool,
    pub no_sale: bool,
    /// Number of the receipt meant, and reason.
    pub cancelled: Option<(Option<String>, Option<String>)>,
    /// Stock moves, orders, cash moved, operators: what has records of its own.
    pub beside: Vec<PosFact>,
    /// What was understood and no record has a place for, bounded.
    pub notes: String,
    /// Text that no rule took, bounded.
    unmatched: String,
    /// Amounts are written with this sign, and the dialect reads the other one.
    other_decimal: Option<char>,
    graphics_only: bool,
    next_is_return: bool,
    /// The line that a void without words took back, until the next line shows that it was a heading.
    bare_void: Option<usize>,
    /// Paid out on cards.
    cash_back: i64,
    /// What was understood and may have been an article instead.
    perhaps: Vec<Perhaps>,
    /// Number of an earlier receipt that this one is about.
    original: Option<String>,
    /// Last four digits that were printed before their tender.
    card_last4: Option<String>,
    /// Parts that did not fit.
    pub dropped: u64,
}

/// An article line.
#[derive(Clone, Debug)]
pub struct DraftLine {
    pub item: Item,
    pub discounts: Vec<Discount>,
    pub voided: bool,
    /// A deposit on an empty, or its return: it makes a sale no return.
    pub deposit: bool,
    /// Some pieces of an article before, taken back: no return either.
    pub correction: bool,
    /// Perhaps the total, and no article.
    pub doubtful: bool,
    /// It was printed below the total.
    pub late: bool,
}

/// A line that may be an article, and where it would stand.
#[derive(Clone, Debug)]
struct Perhaps {
    place: usize,
    item: Item,
    /// The discount that it was taken for.
    discount: Option<Discount>,
}

impl Draft {
    /// Nothing yet, on this document of the till.
    pub fn on(paper: u64) -> Self {
        Self { papers: vec![paper], ..Self::default() }
    }

    /// True when there is something to make a receipt of. A total alone is a card slip or a cut-off copy:
    /// counted as a sale it would be one too many.
    pub fn is_receipt(&self) -> bool {
        !self.lines.is_empty() || (self.total.is_some() && !self.tenders.is_empty())
    }

    /// Whether a sale may still go on here.
    pub fn may_be_sale(&self) -> bool {
        self.is_receipt() || self.total.is_some() || self.cancelled.is_some()
    }

    /// Articles, and neither a sum nor a payment: the till has not finished.
    pub fn stopped_short(&self) -> bool {
        let ended = self.total.is_some() || !self.tenders.is_empty() || self.is_cancelled();
        !self.lines.is_empty() && !ended
    }

    /// Whether its total is known: it was read, or what was paid is the sum of what was sold.
    pub fn says_what_is_due(&self) -> bool {
        self.total.is_some() || (!self.tenders.is_empty() && Sums::new(self).is_paid())
    }

    pub fn is_cancelled(&self) -> bool {
        self.cancelled.is_some()
    }

    /// Whether the drawer had to be opened for it.
    pub fn opens_drawer(&self) -> bool {
        let cash = |fact: &PosFact| matches!(fact, PosFact::CashMoved { .. });
        self.is_receipt()
            || self.cancelled.is_some()
            || self.no_sale
            || self.beside.iter().any(cash)
    }

    /// What is told of a document that makes no record, as (kind, text); `None` if nothing is on it.
    pub fn unparsed(&self) -> Option<(&'static str, String)> {
        let mut text = String::new();
        if let Some(sign) = self.other_decimal {
            text = format!(
                "[amounts are written with `{sign}`, the dialect reads the other decimal sign]"
            );
        }
        self.unmatched.lines().for_each(|line| add_line(&mut text, line));
        let total = self.total.iter().map(|total| format!("[total {total}]"));
        let paid = self.tenders.iter().map(|tender| format!("[payment {}]", tender.amount));
        total.chain(paid).chain(self.notes.lines().map(str::to_owned)).for_each(|line| {
            add_line(&mut text, &line);
        });
        let kind = if self.graphics_only { "graphic_receipt" } else { "unparsed_document" };
        (!text.is_empty()).then_some((kind, text))
    }

    /// Takes one fact.
    pub fn take(&mut self, fact: PosFact) {
        self.after_bare_void(&fact);
        match fact {
            PosFact::Number(number) => drop(self.number.get_or_insert(number)),
            PosFact::Terminal(terminal) => drop(self.terminal.get_or_insert(terminal)),
            PosFact::PrintedAt(at) => drop(self.printed_at.get_or_insert(at)),
            PosFact::Item(item) => self.item(item, false),
            PosFact::Deposit(item) => self.item(item, true),
            PosFact::Discount { on_receipt, code, description, percent, amount } => {
                self.discount(on_receipt, Discount { code, description, percent, amount });
            }
            PosFact::Minus(item) => self.minus(item),
            PosFact::VoidItem { description: None, amount: None } => self.void_last(),
            PosFact::VoidItem { description, amount } => {
                if !self.void(description.as_deref(), amount) {
                    // Something else was voided than anything printed here: better told of than lost.
                    self.note(VOID_OF_NOTHING);
                }
            }
            PosFact::PriceOverride { .. } | PosFact::Loyalty { .. } => self.told(&fact),
            PosFact::Subtotal(amount) => self.subtotal = Some(amount),
            PosFact::Tax { amount, included, .. } => self.tax(amount, included),
            PosFact::Rounding(amount) => self.rounding = amount,
            PosFact::Total(amount) => self.total = Some(amount),
            PosFact::Perhaps { item, fact } => self.perhaps(item, *fact),
            PosFact::Tender { .. } => self.printed_tender(fact),
            PosFact::Change(amount) => self.give_change(amount),
            PosFact::CashBack(amount) => self.cash_back = amount,
            PosFact::Original(number) => drop(self.original.get_or_insert(number)),
            PosFact::CardLast4(last4) => self.card(last4),
            PosFact::Training => self.training = true,
            PosFact::Reprint => self.reprint = true,
            PosFact::Refund if self.lines.is_empty() => self.refund = true,
            PosFact::Refund => self.next_is_return = true,
            PosFact::NoSale => self.no_sale = true,
            PosFact::Cancelled { number, reason } => self.cancelled = Some((number, reason)),
            PosFact::Barcode { symbology, data } => self.unread(&format!("[{symbology} {data}]")),
            PosFact::Graphic { width, height } => {
                self.graphics_only |= self.unmatched.is_empty();
                add_line(&mut self.unmatched, &format!("[image {width} x {height}]"));
            }
            PosFact::Unmatched(text) => self.unread(&text),
            PosFact::OtherDecimal { sign, .. } => self.other_decimal = Some(sign),
            PosFact::Stock(_)
            | PosFact::Order { .. }
            | PosFact::OrderItem { .. }
            | PosFact::CashMoved { .. }
            | PosFact::Operator { .. } => {
                if self.fits(self.beside.len()) {
                    self.beside.push(fact);
                }
            }
            PosFact::DrawerKick | PosFact::Drawer { .. } | PosFact::End(_) => {}
        }
    }

    /// Something that changes what is known of the sale, and that its record has no place for.
    fn told(&mut self, fact: &PosFact) {
        match fact {
            PosFact::Loyalty { member: Some(member), points } => {
                let id = customer_id(member);
                self.customer_id = self.customer_id.or(id);
                if id.is_some() && points.is_none() {
                    return;
                }
            }
            PosFact::PriceOverride { description, was: Some(was), now: Some(now), .. } => {
                self.override_price(description.as_deref(), *was, *now);
            }
            _ => {}
        }
        self.note(&fact.short().unwrap_or_default());
    }

    fn printed_tender(&mut self, fact: PosFact) {
        if let PosFact::Tender {
            method,
            amount,
            status,
            decline_reason,
            card_last4,
            transaction_id,
        } = fact
        {
            let (processing_ms, change, told) = (0, None, false);
            self.tender(Tender {
                method,
                amount,
                status,
                decline_reason,
                card_last4,
                transaction_id,
                processing_ms,
                change,
                told,
            });
        }
    }

    fn tax(&mut self, amount: i64, included: bool) {
        if self.fits(self.taxes.len()) {
            self.taxes.push((amount, included));
        }
    }

    fn note(&mut self, text: &str) {
        add_line(&mut self.notes, text);
    }

    fn unread(&mut self, text: &str) {
        self.graphics_only = false;
        add_line(&mut self.unmatched, text);
    }
}

/// A loyalty account that is a plain number is the customer's.
fn customer_id(member: &str) -> Option<u64> {
    let plain = member.len() <= 15 && member.bytes().all(|byte| byte.is_ascii_digit());
    member.parse().ok().filter(|id| plain && *id > 0)
}

/// Adds a line up to the bound.
fn add_line(text: &mut String, line: &str) {
    let used = text.chars().count();
    if used < limits::UNPARSED_CHARS {
        if used > 0 {
            text.push('\n');
        }
        let left = limits::UNPARSED_CHARS.saturating_sub(used + 1);
        text.extend(line.chars().take(left));
    }
}
