//! One matched line to what it says: captures read by the dialect's locale.

mod article;
mod beside;
mod tax;

use jiff::civil::{Date, Time};
use tillgate_events::{PaymentMethod, PaymentStatus};

pub(super) use self::article::{Detail, squeeze};
use super::events::Event;
use super::fields::Fields;
use super::rule::{Attach, Meaning};
use super::{Dialect, moment, money};
use crate::decode::PosFact;

/// A rule's match on a line.
pub(super) struct Reader<'a> {
    pub dialect: &'a Dialect,
    pub means: &'a Meaning,
    /// The line, or the barcode's data.
    pub text: &'a str,
    pub fields: &'a Fields<'a>,
}

impl Reader<'_> {
    /// What the line says; `Some(None)` when it is understood and says nothing worth a fact (a discount of
    /// 0.00), `None` when a capture cannot be read.
    pub fn fact(&self) -> Option<Option<PosFact>> {
        let fact = match self.means.event {
            Event::Number => PosFact::Number(self.text("number")?),
            Event::Terminal => PosFact::Terminal(self.text("terminal")?),
            Event::Subtotal => PosFact::Subtotal(self.amount()?),
            Event::Total if self.is_doubtful() => self.perhaps(PosFact::Total(self.amount()?))?,
            Event::Total => PosFact::Total(self.amount()?),
            Event::Change => PosFact::Change(self.amount()?.saturating_abs()),
            Event::CashBack => PosFact::CashBack(self.amount()?.saturating_abs()),
            Event::Original => PosFact::Original(self.text("number")?),
            Event::Minus => PosFact::Minus(self.item()?),
            Event::CardLast4 => PosFact::CardLast4(self.text("last4")?),
            Event::Training => PosFact::Training,
            Event::Reprint => PosFact::Reprint,
            Event::Refund => PosFact::Refund,
            Event::NoSale => PosFact::NoSale,
            Event::Cancelled => {
                PosFact::Cancelled { number: self.text("number"), reason: self.text("reason") }
            }
            Event::VoidItem => self.void_item()?,
            Event::Rounding => return self.unless_zero(PosFact::Rounding(self.amount()?)),
            Event::Tax => return self.tax(),
            Event::Discount => return self.discount(),
            Event::Tender => self.tender(),
            Event::Item | Event::Deposit | Event::Charge | Event::Detail => return None,
            Event::Name | Event::Wrap | Event::PrintedAt => return None,
            Event::Join | Event::Skip => return Some(None),
            _ => self.beside()?,
        };
        Some(Some(fact))
    }

    /// A total with a name, which may be an article's.
    pub fn is_doubtful(&self) -> bool {
        self.means.event == Event::Total && self.fields.get("desc").is_some()
    }

    /// The line as an article too. A machine's record says what it is.
    fn perhaps(&self, fact: PosFact) -> Option<PosFact> {
        if matches!(self.fields, Fields::Cells(_)) {
            return Some(fact);
        }
        Some(PosFact::Perhaps { item: self.named_whole()?, fact: Box::new(fact) })
    }

    /// `VOID FILLER 1.00` may be the name of an article.
    fn void_item(&self) -> Option<PosFact> {
        let (description, amount) = (self.text("desc"), self.amount());
        let named = description.is_some() && amount.is_some_and(|amount| amount > 0);
        let fact = PosFact::VoidItem { description, amount };
        if named { self.perhaps(fact) } else { Some(fact) }
    }

    fn unless_zero(&self, fact: PosFact) -> Option<Option<PosFact>> {
        Some(self.amount().is_none_or(|amount| amount != 0).then_some(fact))
    }

    fn discount(&self) -> Option<Option<PosFact>> {
        let (printed, percent) = (self.amount()?, self.fields.get("percent"));
        let amount = printed.saturating_abs();
        // `DISCOUNT BATTERIES 3.00` may be the name of an article.
        let named = printed > 0 && percent.is_none() && self.means.attach == Attach::PreviousLine;
        let fact = PosFact::Discount {
            on_receipt: self.means.attach == Attach::Receipt,
            code: self.text("code").or_else(|| self.means.set.code.clone()),
            description: self.text("desc").unwrap_or_default(),
            percent: percent.and_then(money::percent),
            amount,
        };
        let fact = if named { self.perhaps(fact)? } else { fact };
        Some((amount != 0).then_some(fact))
    }

    fn tender(&self) -> PosFact {
        let set = &self.means.set;
        let words = self.fields.get("tender").map(str::trim);
        let by_words = words.and_then(|words| {
            let mut tenders = self.dialect.tenders.iter();
            tenders.find(|(_, regex)| regex.is_match(words)).map(|(method, _)| *method)
        });
        let status = if set.declined { PaymentStatus::Declined } else { PaymentStatus::Approved };
        PosFact::Tender {
            method: set.tender.or(by_words).unwrap_or(PaymentMethod::Other),
            amount: self.amount().unwrap_or(0),
            status,
            decline_reason: self.text("reason"),
            card_last4: self.text("last4"),
            transaction_id: None,
        }
    }

    pub fn moment(&self) -> (Option<Date>, Option<Time>) {
        let date = self.fields.get("date");
        let date = date.and_then(|date| moment::date(date, &self.dialect.locale.dates));
        let date = date.map(|(date, _)| date);
        let time = self.fields.get("time").and_then(moment::time);
        (date, time.map(|(time, _)| time))
    }

    /// What people should know of how the line was read.
    pub fn note(&self) -> Option<&'static str> {
        let text = self.fields.get("date").filter(|_| self.means.event == Event::PrintedAt)?;
        match moment::date(text, &self.dialect.locale.dates) {
            Some((_, false)) => None,
            Some((_, true)) => Some(
                "day and month stand in the other order than `[locale]` says: without `month_first` days up to the 12th \
                 are confused",
            ),
            None => Some("the date fits none of `date` in `[locale]`"),
        }
    }

    fn amount(&self) -> Option<i64> {
        self.money("amount")
    }

    /// An amount in minor units.
    fn money(&self, name: &str) -> Option<i64> {
        money::amount(self.fields.get(name)?, &self.dialect.locale)
    }

    fn text(&self, name: &str) -> Option<String> {
        let text = squeeze(self.fields.get(name)?);
        (!text.is_empty()).then_some(text)
    }
}
