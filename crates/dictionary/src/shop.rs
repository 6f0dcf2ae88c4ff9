//! The shops. What differs between real ones differs here: language, currency, how receipts are numbered, whether
//! lines bear article numbers, tax marks and departments, and whether there is a catalogue.

use anyhow::{Context as _, Result};
use tillgate_events::Currency;

use crate::words;

/// How an article's number is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sku {
    /// It is not.
    None,
    /// Thirteen digits.
    Ean,
    /// Some digits of the shop's own.
    Short,
}

/// What an article's line bears beside its name and price.
#[derive(Clone, Copy, Debug)]
pub struct Paper {
    /// The article's number.
    pub sku: Sku,
    /// Marks of taxes, one of which each article has.
    pub taxes: &'static [&'static str],
    /// Departments.
    pub departments: &'static [&'static str],
    /// The receipt bears a number; else its id is a hash.
    pub numbered: bool,
    /// The printed time has seconds.
    pub seconds: bool,
    /// Names of promotions.
    pub promotions: &'static [&'static str],
    /// The till's own name stands on the paper.
    pub terminal: Option<&'static str>,
}

/// One shop.
#[derive(Clone, Copy, Debug)]
pub struct Shop {
    /// The gateway's name.
    pub gateway: &'static str,
    /// The store's number.
    pub store: u64,
    /// ISO 4217.
    pub currency: &'static str,
    /// What it sells, as a list of [`words`].
    pub words: &'static str,
    /// Different articles: each word comes in several brands and sizes.
    pub articles: usize,
    /// Hundredths of tax.
    pub tax: i64,
    /// Prices contain the tax.
    pub included: bool,
    /// How its receipts look.
    pub paper: Paper,
    /// Articles have numbers of a catalogue, and sales move stock.
    pub catalogue: bool,
    /// Sources: tills, then doors, then receivers.
    pub tills: &'static [&'static str],
    /// Doors with the zone they are in.
    pub doors: &'static [(&'static str, &'static str)],
    /// Receivers with the zone they are in.
    pub receivers: &'static [(&'static str, &'static str)],
}

impl Shop {
    /// What the amounts are in.
    ///
    /// # Errors
    /// When the table below names none.
    pub fn currency(&self) -> Result<Currency> {
        Currency::new(self.currency).context(self.currency)
    }
}

const PLAIN: Paper = Paper {
    sku: Sku::None,
    taxes: &[],
    departments: &[],
    numbered: true,
    seconds: false,
    promotions: &["DISCOUNT"],
    terminal: None,
};

const GROCER: Shop = Shop {
    gateway: "gw-0012",
    store: 12,
    currency: "USD",
    words: words::ENGLISH,
    articles: 800,
    tax: 7,
    included: false,
    paper: PLAIN,
    catalogue: false,
    tills: &["till-1", "till-2"],
    doors: &[("main-entrance", "ENTRANCE")],
    receivers: &[("grocery", "GROCERY"), ("checkout", "CHECKOUT")],
};

/// Shops to train on.
pub const TRAINED: [Shop; 12] = [
    GROCER,
    Shop {
        gateway: "us-tx-2115",
        store: 2115,
        articles: 3000,
        paper: Paper {
            sku: Sku::Ean,
            taxes: &["O", "X", "N"],
            seconds: true,
            promotions: &["COUPON", "INSTANT SAVINGS"],
            terminal: Some("44"),
            ..PLAIN
        },
        tills: &["lane-01", "lane-02", "lane-03", "lane-04"],
        ..GROCER
    },
    Shop {
        gateway: "gw-london-3",
        store: 3,
        currency: "GBP",
        tax: 20,
        included: true,
        paper: Paper {
            numbered: false,
            seconds: true,
            promotions: &["MULTIBUY", "CLUBCARD"],
            ..PLAIN
        },
        doors: &[("front-door", "FRONT"), ("back-door", "BACK")],
        ..GROCER
    },
    Shop {
        gateway: "de-berlin-07",
        store: 7,
        currency: "EUR",
        words: words::GERMAN,
        tax: 19,
        included: true,
        paper: Paper {
            taxes: &["A", "B"],
            promotions: &["Rabatt", "Aktion"],
            seconds: true,
            ..PLAIN
        },
        tills: &["kasse-1", "kasse-2", "kasse-3"],
        doors: &[("eingang", "EINGANG")],
        ..GROCER
    },
    Shop {
        gateway: "gw-0044",
        store: 44,
        currency: "CHF",
        words: words::GERMAN,
        tax: 8,
        included: true,
        paper: Paper { taxes: &["1", "2"], sku: Sku::Short, terminal: Some("02"), ..PLAIN },
        catalogue: true,
        ..GROCER
    },
    Shop {
        gateway: "fr-lyon-2",
        store: 202,
        currency: "EUR",
        words: words::FRENCH,
        tax: 6,
        included: true,
        paper: Paper { promotions: &["REMISE"], seconds: true, terminal: Some("003"), ..PLAIN },
        tills: &["caisse-1", "caisse-2"],
        doors: &[("entree", "ENTREE")],
        ..GROCER
    },
    Shop {
        gateway: "es-0310",
        store: 310,
        currency: "EUR",
        words: words::SPANISH,
        tax: 10,
        included: true,
        paper: Paper { promotions: &["DESCUENTO", "2X1"], taxes: &["A", "B", "C"], ..PLAIN },
        tills: &["caja-1", "caja-2"],
        ..GROCER
    },
    Shop {
        gateway: "it-milano-1",
        store: 1,
        currency: "EUR",
        words: words::ITALIAN,
        tax: 10,
        included: true,
        paper: Paper { promotions: &["SCONTO"], departments: &["REP 1", "REP 2", "BAR"], ..PLAIN },
        tills: &["cassa"],
        ..GROCER
    },
    Shop {
        gateway: "gw-north-9",
        store: 9,
        currency: "SEK",
        words: words::NORTHERN,
        tax: 12,
        included: true,
        paper: Paper { promotions: &["Rabatt", "Korting"], numbered: false, ..PLAIN },
        receivers: &[("zone-a", "ZONE-A"), ("zone-b", "ZONE-B"), ("cash-desk", "CASH-DESK")],
        ..GROCER
    },
    Shop {
        gateway: "pl-waw-11",
        store: 11,
        currency: "PLN",
        words: words::POLISH,
        tax: 23,
        included: true,
        paper: Paper {
            promotions: &["RABAT", "OPUST"],
            taxes: &["A", "B", "C"],
            seconds: true,
            ..PLAIN
        },
        tills: &["kasa-1"],
        catalogue: true,
        ..GROCER
    },
    Shop {
        gateway: "jp-tokyo-5",
        store: 5,
        currency: "JPY",
        tax: 8,
        included: true,
        articles: 200,
        paper: Paper { departments: &["FOOD", "DRINK", "GOODS"], ..PLAIN },
        ..GROCER
    },
    Shop {
        gateway: "store-77",
        store: 77,
        words: words::DRUGSTORE,
        articles: 2000,
        paper: Paper {
            sku: Sku::Ean,
            taxes: &["T", "NT"],
            departments: &["HEALTH", "BEAUTY", "OFFICE", "APPAREL"],
            promotions: &["MEMBER PRICE", "SALE 20%"],
            seconds: true,
            ..PLAIN
        },
        catalogue: true,
        doors: &[("door-1", "STREET"), ("door-2", "MALL")],
        receivers: &[("beauty", "BEAUTY"), ("office", "OFFICE"), ("till-area", "TILLS")],
        ..GROCER
    },
];

/// Shops that training never sees: other languages, another trade, other names.
pub const HELD_OUT: [Shop; 3] = [
    Shop {
        gateway: "lisboa-norte",
        store: 815,
        currency: "EUR",
        words: words::PORTUGUESE,
        tax: 6,
        included: true,
        paper: Paper {
            promotions: &["PROMOCAO", "CARTAO CLIENTE"],
            taxes: &["(A)", "(C)"],
            seconds: true,
            ..PLAIN
        },
        tills: &["pos-lx-1", "pos-lx-2"],
        doors: &[("porta", "ENTRADA")],
        receivers: &[("frescos", "FRESCOS"), ("mercearia", "MERCEARIA")],
        ..GROCER
    },
    Shop {
        gateway: "brno42",
        store: 42,
        currency: "CZK",
        words: words::CZECH,
        tax: 12,
        included: true,
        articles: 1500,
        paper: Paper {
            promotions: &["SLEVA", "AKCE"],
            sku: Sku::Ean,
            terminal: Some("K2"),
            ..PLAIN
        },
        tills: &["pokladna"],
        doors: &[("vchod", "VCHOD")],
        receivers: &[("prodejna", "PRODEJNA"), ("sklad", "SKLAD")],
        ..GROCER
    },
    Shop {
        gateway: "hw-leeds-unit6",
        store: 6006,
        currency: "GBP",
        words: words::HARDWARE,
        tax: 20,
        included: true,
        articles: 2500,
        paper: Paper {
            sku: Sku::Short,
            departments: &["TIMBER", "PAINT", "ELECTRICAL", "GARDEN"],
            promotions: &["TRADE CARD"],
            numbered: false,
            seconds: true,
            ..PLAIN
        },
        catalogue: true,
        tills: &["desk-a", "desk-b"],
        doors: &[("yard-gate", "YARD")],
        receivers: &[("aisle-4", "AISLE-4"), ("trade-desk", "TRADE-DESK")],
    },
];
