//! What a till says, understood. Amounts are minor units of the dialect's currency.

use tillgate_events::{PaymentMethod, PaymentStatus};

use super::DocumentEnd;

/// What a grammar understood. Amounts are minor units of the dialect's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PosFact {
    /// Receipt number, as printed.
    Number(String),
    /// Register or terminal, as printed.
    Terminal(String),
    /// `2026-11-21T14:05:00`, or the date alone: what was printed, in ISO form, without a zone.
    PrintedAt(String),
    /// An article.
    Item(Item),
    /// A discount, positive. `percent` in hundredths.
    Discount {
        /// On the whole receipt, not on the line before.
        on_receipt: bool,
        /// The code printed with it.
        code: Option<String>,
        /// As printed.
        description: String,
        /// In hundredths, where it is printed.
        percent: Option<u32>,
        /// Minor units.
        amount: i64,
    },
    /// The line before, or the one that says the same, is taken back.
    VoidItem {
        /// As printed.
        description: Option<String>,
        /// Minor units.
        amount: Option<i64>,
    },
    /// The subtotal, as printed.
    Subtotal(i64),
    /// A line of tax.
    Tax {
        /// The code printed with it.
        code: Option<String>,
        /// Minor units.
        amount: i64,
        /// Contained in the prices already.
        included: bool,
    },
    /// What was to be paid.
    Total(i64),
    /// So many lines of the document, of which nothing could be sold, end in amounts with the other decimal sign.
    OtherDecimal {
        /// `.` or `,`.
        sign: char,
        /// At least two.
        lines: u32,
    },
    /// What the words say, or an article whose name begins with them: the sums tell.
    Perhaps {
        /// The line as an article.
        item: Item,
        /// A total, a discount or a void.
        fact: Box<PosFact>,
    },
    /// A name and a negative amount: a discount on the article before, or an article that came back.
    Minus(Item),
    /// Rounding to the smallest coin, as it enters the total.
    Rounding(i64),
    /// A payment.
    Tender {
        /// How it was paid.
        method: PaymentMethod,
        /// Minor units.
        amount: i64,
        /// Whether it was accepted.
        status: PaymentStatus,
        /// Why it was not.
        decline_reason: Option<String>,
        /// The last four digits of the card.
        card_last4: Option<String>,
        /// The payment's number, as printed.
        transaction_id: Option<String>,
    },
    /// Given back, positive.
    Change(i64),
    /// Paid out on a card, positive: given back where the payment before contains it.
    CashBack(i64),
    /// The last four digits of the card of the tender before.
    CardLast4(String),
    /// Rung up in training mode.
    Training,
    /// A copy of an earlier receipt.
    Reprint,
    /// Goods were given back.
    Refund,
    /// The whole receipt is cancelled; `number` of the receipt voided, where another one is meant.
    Cancelled {
        /// The receipt's, as printed.
        number: Option<String>,
        /// Why, as printed.
        reason: Option<String>,
    },
    /// The number of an earlier receipt that this one is about, as printed.
    Original(String),
    /// The paper says that the drawer was opened without a sale.
    NoSale,
    /// The drawer was told to open.
    DrawerKick,
    /// A deposit on an empty, or its return (negative). It counts in the sums like an article.
    Deposit(Item),
    /// A line of a stock slip, or a scan in a stock mode.
    Stock(StockMove),
    /// An online order that this shop hands over or sends.
    Order {
        /// As printed.
        number: String,
        /// How it leaves the shop.
        mode: OrderMode,
    },
    /// An article of the order before; it has no price.
    OrderItem {
        /// As printed.
        sku: Option<String>,
        /// As printed.
        description: Option<String>,
        /// Thousandths.
        quantity_milli: i64,
    },
    /// A customer's loyalty account, as printed. Points earned are positive, spent ones negative.
    Loyalty {
        /// The account, as printed.
        member: Option<String>,
        /// Whole points.
        points: Option<i64>,
    },
    /// The price of an article was changed by hand. `was` and `now` are prices of one piece.
    PriceOverride {
        /// As printed.
        description: Option<String>,
        /// Minor units.
        was: Option<i64>,
        /// Minor units.
        now: Option<i64>,
        /// As printed.
        reason: Option<String>,
    },
    /// Money put into the drawer (positive) or taken out (negative) without a sale.
    CashMoved {
        /// Minor units.
        amount: i64,
        /// As printed.
        reason: Option<String>,
    },
    /// Somebody signed on or off at the till.
    Operator {
        /// On, not off.
        signed_on: bool,
        /// As printed.
        operator: Option<String>,
    },
    /// The till itself says that its drawer is open or closed.
    Drawer {
        /// It is open now.
        open: bool,
    },
    /// A printed code, redacted.
    Barcode {
        /// The kind of code.
        symbology: &'static str,
        /// What it says.
        data: String,
    },
    /// A raster image.
    Graphic {
        /// In dots.
        width: u32,
        /// In dots.
        height: u32,
    },
    /// No rule took this line.
    Unmatched(String),
    /// The document ended.
    End(DocumentEnd),
}

/// An article line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// As printed.
    pub description: String,
    /// The article's number or barcode, as printed.
    pub sku: Option<String>,
    /// Thousandths: 2 pieces are 2000, 0.256 kg are 256.
    pub quantity_milli: i64,
    /// Of one piece, or of one unit of weight.
    pub unit_price: Option<i64>,
    /// As printed, before discounts that are printed on lines of their own.
    pub amount: i64,
    /// Of weighed goods.
    pub weight_grams: Option<i64>,
    /// As printed.
    pub department: Option<String>,
    /// As printed.
    pub tax_code: Option<String>,
}

/// What happened to stock, as one line says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StockMove {
    /// Why.
    pub reason: StockReason,
    /// As printed.
    pub sku: Option<String>,
    /// As printed.
    pub description: Option<String>,
    /// Thousandths, with the sign that is printed: a slip of losses may print 2 or -2.
    pub quantity_milli: i64,
    /// Where the goods come from or go to.
    pub place: Option<String>,
}

/// Why stock changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockReason {
    /// Goods came in.
    Restock,
    /// Missing: stolen, lost, never found.
    Shrink,
    /// Broken or spoilt.
    Damage,
    /// From another store.
    TransferIn,
    /// To another store.
    TransferOut,
    /// So many are there.
    Count,
}

/// How an online order leaves the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderMode {
    /// The customer fetches it.
    PickUp,
    /// The shop sends it.
    ShipFromStore,
}
