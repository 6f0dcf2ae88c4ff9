//! The closed lists of a dialect: what a line can mean, and what a pattern may capture.

use tillgate_events::PaymentMethod;

use super::rule::{Attach, Continues};
use crate::decode::{OrderMode, StockReason};

/// What a rule's line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Number,
    Terminal,
    PrintedAt,
    Item,
    Name,
    Wrap,
    Detail,
    Charge,
    Deposit,
    Discount,
    Minus,
    VoidItem,
    PriceOverride,
    Subtotal,
    Tax,
    Rounding,
    Total,
    Tender,
    Change,
    CashBack,
    CardLast4,
    Loyalty,
    Training,
    Reprint,
    Refund,
    Cancelled,
    Original,
    NoSale,
    CashIn,
    CashOut,
    SignOn,
    SignOff,
    DrawerOpened,
    DrawerClosed,
    Stock,
    Order,
    OrderItem,
    Join,
    Skip,
}

impl Event {
    /// As a dialect's file calls it.
    pub fn name(self) -> &'static str {
        EVENTS.iter().find(|(_, event, _)| *event == self).map_or("", |(name, ..)| name)
    }

    /// Its bit in [`super::rule::Rule::unless`].
    pub fn bit(self) -> u64 {
        1 << self as u32
    }
}

/// Names of events in the file, with the captures each needs: one of every inner list.
pub const EVENTS: &[(&str, Event, &[&[&str]])] = &[
    ("number", Event::Number, &[&["number"]]),
    ("terminal", Event::Terminal, &[&["terminal"]]),
    ("printed_at", Event::PrintedAt, &[&["date", "time"]]),
    ("item", Event::Item, &[&["amount"]]),
    ("name", Event::Name, &[&["desc", "sku"]]),
    ("wrap", Event::Wrap, &[&["desc"]]),
    ("detail", Event::Detail, &[&["qty", "weight"], &["unit"]]),
    ("charge", Event::Charge, &[&["amount"]]),
    ("deposit", Event::Deposit, &[&["amount"]]),
    ("discount", Event::Discount, &[&["amount"]]),
    ("minus", Event::Minus, &[&["amount"]]),
    ("void_item", Event::VoidItem, &[]),
    ("price_override", Event::PriceOverride, &[]),
    ("subtotal", Event::Subtotal, &[&["amount"]]),
    ("tax", Event::Tax, &[&["amount", "amounts"]]),
    ("rounding", Event::Rounding, &[&["amount"]]),
    ("total", Event::Total, &[&["amount"]]),
    ("tender", Event::Tender, &[]),
    ("change", Event::Change, &[&["amount"]]),
    ("cash_back", Event::CashBack, &[&["amount"]]),
    ("card_last4", Event::CardLast4, &[&["last4"]]),
    ("loyalty", Event::Loyalty, &[&["member", "points"]]),
    ("training", Event::Training, &[]),
    ("reprint", Event::Reprint, &[]),
    ("refund", Event::Refund, &[]),
    ("cancelled", Event::Cancelled, &[]),
    ("original", Event::Original, &[&["number"]]),
    ("no_sale", Event::NoSale, &[]),
    ("cash_in", Event::CashIn, &[&["amount"]]),
    ("cash_out", Event::CashOut, &[&["amount"]]),
    ("sign_on", Event::SignOn, &[]),
    ("sign_off", Event::SignOff, &[]),
    ("drawer_opened", Event::DrawerOpened, &[]),
    ("drawer_closed", Event::DrawerClosed, &[]),
    ("stock", Event::Stock, &[&["sku", "desc"]]),
    ("order", Event::Order, &[&["number"]]),
    ("order_item", Event::OrderItem, &[&["sku", "desc"]]),
    ("join", Event::Join, &[]),
    ("skip", Event::Skip, &[]),
];

/// Every name that an `event` may have.
pub fn event_names() -> impl Iterator<Item = &'static str> {
    EVENTS.iter().map(|(name, _, _)| *name)
}

/// Every name that a pattern or a column may have.
pub const CAPTURES: &[&str] = &[
    "amount", "amounts", "code", "date", "dept", "desc", "last4", "member", "number", "operator",
    "percent", "place", "points", "qty", "reason", "sku", "tax", "tender", "terminal", "time",
    "unit", "was", "weight",
];

/// Names of payment methods in the file.
pub const METHODS: &[(&str, PaymentMethod)] = &[
    ("CASH", PaymentMethod::Cash),
    ("CREDIT_CARD", PaymentMethod::CreditCard),
    ("DEBIT_CARD", PaymentMethod::DebitCard),
    ("CHECK", PaymentMethod::Check),
    ("MOBILE_PAY", PaymentMethod::MobilePay),
    ("LOYALTY_POINTS", PaymentMethod::LoyaltyPoints),
    ("GIFT_CARD", PaymentMethod::GiftCard),
    ("OTHER", PaymentMethod::Other),
];

/// `[receipt.flags]`: what a mark anywhere on a receipt says of all of it.
pub const FLAGS: &[(&str, Event)] = &[
    ("reprint", Event::Reprint),
    ("training", Event::Training),
    ("void", Event::Cancelled),
    ("refund", Event::Refund),
    ("no_sale", Event::NoSale),
];

/// `set.reason` of a stock rule.
pub const REASONS: &[(&str, StockReason)] = &[
    ("restock", StockReason::Restock),
    ("shrink", StockReason::Shrink),
    ("damage", StockReason::Damage),
    ("transfer_in", StockReason::TransferIn),
    ("transfer_out", StockReason::TransferOut),
    ("count", StockReason::Count),
];

/// `set.mode` of an order rule.
pub const MODES: &[(&str, OrderMode)] =
    &[("pick_up", OrderMode::PickUp), ("ship_from_store", OrderMode::ShipFromStore)];

/// `attach` of a discount.
pub const ATTACH: &[(&str, Attach)] =
    &[("previous_line", Attach::PreviousLine), ("receipt", Attach::Receipt)];

/// `continues` of an article.
pub const CONTINUES: &[(&str, Continues)] =
    &[("previous_line", Continues::PreviousLine), ("next_line", Continues::NextLine)];
