//! The store of whole days: shoppers, tills, doors, tags, deliveries and screens from a seed, and the truth about them.
//!
//! Pure: virtual time only. [`Script::new`] plays all days and gives the bytes that hardware would have said, in the
//! order of their time, the records of the contract that must come of them, and the truth in tables.
//!
//! Invariants: the same setting gives the same bytes, another seed other ones; nobody enters a closed store; true stock
//! is never negative; the truth is never read back from bytes. Purchases of one visitor are one receipt.
//!
//! | module | job |
//! |---|---|
//! | [`goods`] | what is sold, and promotions with their true lift |
//! | `shelf` | stock as it is and as it is booked |
//! | `shop`, `people`, `checkout`, `beside` | who comes, where they go, what they pay |
//! | `follow` | what follows from stock |
//! | `supply`, `office` | trucks and their loads; slips, counts and orders |
//! | `air`, `screen` | what receivers of tags and screens say |
//! | `bill`, `paper` | a receipt's sums, and its rows as bytes |
//! | [`tables`] | the truth as CSV |

mod air;
mod beside;
mod bill;
mod checkout;
mod columns;
mod follow;
pub mod goods;
mod office;
mod paper;
mod people;
mod screen;
mod shelf;
mod shop;
mod supply;
pub mod tables;
#[cfg(test)]
mod tests;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, date};
use tillgate_events::Record;

pub use air::{TRUCKS, address as sensor};
use shop::Shop;
use tables::Tables;

/// Milliseconds since midnight of the first day.
pub type At = i64;

/// Milliseconds of a minute.
pub const MINUTE: At = 60_000;
/// Milliseconds of an hour.
pub const HOUR: At = 60 * MINUTE;
/// Milliseconds of a day: the store knows no daylight saving.
pub const DAY: At = 24 * HOUR;

/// The first day, a Monday.
pub const FIRST_DAY: Date = date(2026, 11, 2);

/// The store's number.
pub const STORE: u16 = 7;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Of everything that is drawn.
    pub seed: u64,
    /// How many days.
    pub days: u32,
    /// Visitors of a day, about.
    pub visitors: u32,
    /// The store closes after so many hours, or at its usual time if that is earlier.
    pub hours: u32,
}

impl Default for Setting {
    fn default() -> Self {
        Self { seed: 1, days: 1, visitors: 420, hours: 24 }
    }
}

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Device {
    /// ESC/POS, columns by spaces.
    Till1,
    /// ESC/POS, columns by position, with a display before the printer on the same line.
    Till2,
    /// A plain-text journal.
    Till3,
    /// The printer of the back office.
    Office,
    /// A line for each person.
    MainDoor,
    /// Totals since it was switched on.
    CarParkDoor,
    /// Receivers of tags.
    EntranceRadio,
    /// Receivers of tags.
    GroceryRadio,
    /// Receivers of tags.
    HouseholdRadio,
    /// Receivers of tags.
    CheckoutRadio,
    /// Receivers of tags.
    DockRadio,
    /// A screen that tells what it shows.
    Screen,
}

impl Device {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Till1,
        Self::Till2,
        Self::Till3,
        Self::Office,
        Self::MainDoor,
        Self::CarParkDoor,
        Self::EntranceRadio,
        Self::GroceryRadio,
        Self::HouseholdRadio,
        Self::CheckoutRadio,
        Self::DockRadio,
        Self::Screen,
    ];

    /// Tills, and the printer of the back office.
    pub fn prints(self) -> bool {
        matches!(self, Self::Till1 | Self::Till2 | Self::Till3 | Self::Office)
    }

    /// Its name in the gateway's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Till1 => "till-1",
            Self::Till2 => "till-2",
            Self::Till3 => "till-3",
            Self::Office => "back-office",
            Self::MainDoor => "main-entrance",
            Self::CarParkDoor => "car-park-entrance",
            Self::EntranceRadio => "radio-entrance",
            Self::GroceryRadio => "radio-grocery",
            Self::HouseholdRadio => "radio-household",
            Self::CheckoutRadio => "radio-checkout",
            Self::DockRadio => "radio-dock",
            Self::Screen => "screen-entrance",
        }
    }
}

/// What one device says at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spoken {
    /// When its first byte leaves.
    pub at: At,
    /// Who says it.
    pub device: Device,
    /// A whole document or line.
    pub bytes: Vec<u8>,
    /// Stock is counted here, or there is more of it afterwards: it is said when all before it was accepted, and
    /// nothing else before it was.
    pub barrier: bool,
}

/// All days.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// In the order of time.
    pub spoken: Vec<Spoken>,
    /// What must come of it, with virtual times, in the order of time.
    pub expected: Vec<Record>,
    /// What no event of today tells.
    pub beside: Tables,
}

impl Script {
    /// Plays all days.
    pub fn new(setting: &Setting) -> Self {
        let mut shop = Shop::new(setting);
        (0..setting.days).for_each(|day| shop.play(day));
        let mut script = shop.script;
        script.spoken.sort_by_key(|it| it.at);
        script.expected.sort_by_key(|record| record.at);
        let follows = follow::follow(&mut script.expected);
        script.expected.extend(follows);
        script.expected.sort_by_key(|record| record.at);
        script
    }
}

/// The local time of a moment.
pub fn moment(at: At) -> DateTime {
    FIRST_DAY.at(0, 0, 0, 0).saturating_add(SignedDuration::from_millis(at))
}

/// A moment as the tables have it.
pub fn written(at: At) -> String {
    moment(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// When the store opens and closes on a day, as moments. Sundays are short.
pub fn hours(setting: &Setting, day: u32) -> (At, At) {
    let (opens, closes) = if day % 7 == 6 { (10, 16) } else { (8, 20) };
    let closes = closes.min(opens + i64::from(setting.hours));
    let midnight = i64::from(day) * DAY;
    (midnight + opens * HOUR, midnight + closes * HOUR)
}
