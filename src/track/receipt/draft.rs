//! The open document: facts gathered until its end.

use tillgate_events::{PaymentMethod, PaymentStatus};

use crate::decode::{Item, PosFact};
use crate::limits;
use crate::time::Now;
use crate::track::catalog;

/// What is known of a document so far.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// When the latest fact came.
    pub last: Now,
    pub number: Option<String>,
    pub terminal: Option<String>,
    pub printed_at: Option<String>,
    pub lines: Vec<DraftLine>,
    /// Discounts on the whole receipt.
    pub discounts: Vec<Discount>,
    /// (amount, included in the prices).
    pub taxes: Vec<(i64, bool)>,
    pub subtotal: Option<i64>,
    pub rounding: i64,
    pub total: Option<i64>,
    pub tenders: Vec<Tender>,
    pub change: i64,
    pub training: bool,
    pub reprint: bool,
    /// All of it is a return.
    pub refund: bool,
    pub no_sale: bool,
    /// Number of the receipt meant, and reason.
    pub cancelled: Option<(Option<String>, Option<String>)>,
    /// Text that no rule took, bounded.
    pub unmatched: String,
    graphics_only: bool,
    next_is_return: bool,
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
}

/// A discount; `amount` is positive.
#[derive(Clone, Debug)]
pub struct Discount {
    pub code: Option<String>,
    pub description: String,
    pub percent: Option<u32>,
    pub amount: i64,
}

/// A payment as printed.
#[derive(Clone, Debug)]
pub struct Tender {
    pub method: PaymentMethod,
    pub amount: i64,
    pub status: PaymentStatus,
    pub decline_reason: Option<String>,
    pub card_last4: Option<String>,
    pub transaction_id: Option<String>,
}

impl Draft {
    /// True when there is something to make a receipt of. A total alone is a card slip or a cut-off copy:
    /// counted as a sale it would be one too many.
    pub fn is_receipt(&self) -> bool {
        !self.lines.is_empty() || (self.total.is_some() && !self.tenders.is_empty())
    }

    /// Whether anything at all is known; what was understood but makes no receipt is put into words.
    pub fn is_empty(&mut self) -> bool {
        if let Some(total) = self.total {
            self.note(&format!("[total {total}]"));
        }
        for amount in self.tenders.iter().map(|tender| tender.amount).collect::<Vec<_>>() {
            self.note(&format!("[payment {amount}]"));
        }
        self.unmatched.is_empty()
    }

    /// What the document is when it is no receipt.
    pub fn kind(&self) -> &'static str {
        if self.graphics_only { "graphic_receipt" } else { "unparsed_document" }
    }

    /// Takes one fact.
    pub fn take(&mut self, fact: PosFact) {
        match fact {
            PosFact::Number(number) => drop(self.number.get_or_insert(number)),
            PosFact::Terminal(terminal) => drop(self.terminal.get_or_insert(terminal)),
            PosFact::PrintedAt(at) => drop(self.printed_at.get_or_insert(at)),
            PosFact::Item(item) => self.item(item, false),
            PosFact::Discount { on_receipt, code, description, percent, amount } => {
                self.discount(on_receipt, Discount { code, description, percent, amount });
            }
            PosFact::VoidItem { description, amount } => self.void(description.as_deref(), amount),
            PosFact::Subtotal(amount) => self.subtotal = Some(amount),
            PosFact::Tax { amount, included, .. } => self.tax(amount, included),
            PosFact::Rounding(amount) => self.rounding = amount,
            PosFact::Total(amount) => self.total = Some(amount),
            PosFact::Tender {
                method,
                amount,
                status,
                decline_reason,
                card_last4,
                transaction_id,
            } => self.tender(Tender {
                method,
                amount,
                status,
                decline_reason,
                card_last4,
                transaction_id,
            }),
            PosFact::Change(amount) => self.change = amount,
            PosFact::CardLast4(last4) => self.card(last4),
            PosFact::Training => self.training = true,
            PosFact::Reprint => self.reprint = true,
            PosFact::Refund if self.lines.is_empty() => self.refund = true,
            PosFact::Refund => self.next_is_return = true,
            PosFact::NoSale => self.no_sale = true,
            PosFact::Cancelled { number, reason } => self.cancelled = Some((number, reason)),
            PosFact::Barcode { symbology, data } => self.unparsed(&format!("[{symbology} {data}]")),
            PosFact::Graphic { width, height } => {
                self.graphics_only = self.unmatched.is_empty();
                self.note(&format!("[image {width} x {height}]"));
            }
            PosFact::Unmatched(text) => self.unparsed(&text),
            PosFact::Deposit(item) => self.item(item, true),
            PosFact::DrawerKick | PosFact::End(_) => {}
            // No record has a place for these: they are told in words.
            beside => self.unparsed(&beside.short().unwrap_or_default()),
        }
    }

    fn item(&mut self, mut item: Item, deposit: bool) {
        if item.amount < 0 && self.take_back(&item.description, -item.amount) {
            return;
        }
        if std::mem::take(&mut self.next_is_return) && item.amount > 0 {
            item.amount = -item.amount;
        }
        if self.fits(self.lines.len()) {
            self.lines.push(DraftLine { item, discounts: Vec::new(), voided: false, deposit });
        }
    }

    fn tax(&mut self, amount: i64, included: bool) {
        if self.fits(self.taxes.len()) {
            self.taxes.push((amount, included));
        }
    }

    /// An amount that repeats an article's words with the opposite sign takes that article back.
    fn take_back(&mut self, description: &str, amount: i64) -> bool {
        let name = catalog::key(description);
        let line = self.lines.iter_mut().rev().find(|line| {
            !line.voided
                && line.item.amount == amount
                && catalog::key(&line.item.description) == name
        });
        let found = line.is_some() && !self.refund;
        if let Some(line) = line.filter(|_| found) {
            line.voided = true;
        }
        found
    }

    fn discount(&mut self, on_receipt: bool, discount: Discount) {
        if self.take_back(&discount.description, discount.amount) {
            return;
        }
        let on_receipt = on_receipt || self.is_share_of_all(&discount);
        let line = self.lines.iter_mut().rev().find(|line| !line.voided);
        let count = match &line {
            Some(line) if !on_receipt => line.discounts.len(),
            _ => self.discounts.len(),
        };
        if count >= limits::RECEIPT_PARTS {
            self.dropped += 1;
            return;
        }
        match line {
            Some(line) if !on_receipt => line.discounts.push(discount),
            _ => self.discounts.push(discount),
        }
    }

    /// A percentage printed after an article that is not that of the article but that of all so far.
    fn is_share_of_all(&self, discount: &Discount) -> bool {
        let Some(percent) = discount.percent else { return false };
        let open = || self.lines.iter().filter(|line| !line.voided).map(|line| line.item.amount);
        let is_share = |of: i64| {
            let share = i128::from(of) * i128::from(percent);
            (share - i128::from(discount.amount) * 10_000).abs() <= 10_000
        };
        !open().next_back().is_some_and(is_share) && is_share(open().sum())
    }

    /// Marks the line that says the same, else the last line.
    fn void(&mut self, description: Option<&str>, amount: Option<i64>) {
        let name = description.map(catalog::key);
        let amount = amount.map(i64::abs);
        let mut open = self.lines.iter_mut().rev().filter(|line| !line.voided);
        let same = |line: &DraftLine| {
            let named = name.as_ref().is_none_or(|n| catalog::key(&line.item.description) == *n);
            named && amount.is_none_or(|amount| line.item.amount.abs() == amount)
        };
        let line = open.find(|line| same(line));
        match line {
            Some(line) => line.voided = true,
            // Something else was voided than anything printed here: better told of than lost.
            None => self.note("[void without its article]"),
        }
    }

    fn tender(&mut self, mut tender: Tender) {
        let bare = tender.status == PaymentStatus::Declined && tender.amount == 0;
        if bare {
            // `DECLINED` under a card's line means that card.
            let card = self.tenders.last_mut().filter(|last| {
                last.method != PaymentMethod::Cash
                    && last.status == PaymentStatus::Approved
                    && [last.method, PaymentMethod::Other].contains(&tender.method)
            });
            if let Some(last) = card {
                last.status = PaymentStatus::Declined;
                last.decline_reason = tender.decline_reason;
                return;
            }
        }
        if tender.card_last4.is_none() && tender.method != PaymentMethod::Cash {
            tender.card_last4 = self.card_last4.take();
        }
        if self.fits(self.tenders.len()) {
            self.tenders.push(tender);
        }
    }

    fn card(&mut self, last4: String) {
        let last = self.tenders.last_mut();
        match last.filter(|t| t.card_last4.is_none() && t.method != PaymentMethod::Cash) {
            Some(tender) => tender.card_last4 = Some(last4),
            None => self.card_last4 = Some(last4),
        }
    }

    fn fits(&mut self, parts: usize) -> bool {
        let fits = parts < limits::RECEIPT_PARTS;
        self.dropped += u64::from(!fits);
        fits
    }

    fn unparsed(&mut self, text: &str) {
        self.graphics_only = false;
        self.note(text);
    }

    /// Adds a line of text up to the bound.
    fn note(&mut self, text: &str) {
        let used = self.unmatched.chars().count();
        if used < limits::UNPARSED_CHARS {
            if used > 0 {
                self.unmatched.push('\n');
            }
            let left = limits::UNPARSED_CHARS.saturating_sub(used + 1);
            self.unmatched.extend(text.chars().take(left));
        }
    }
}
