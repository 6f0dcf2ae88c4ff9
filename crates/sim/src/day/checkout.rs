//! Tills: baskets and tenders.

use tillgate_events::{Body, PaymentMethod};

use super::bill::{Bill, BillLine, Kind, Paid};
use super::goods::{PRODUCTS, Product, promoted, weight};
use super::paper::{self, Mark};
use super::people::{self, Visitor};
use super::shop::Shop;
use super::tables;
use super::{At, Device, MINUTE, moment, written};
use crate::store::{Style, Tax};

const COUPON: &str = "WELCOME5";

/// One register.
pub struct Till {
    pub device: Device,
    pub style: Style,
    tax: Tax,
    number: u32,
    /// When it is done with the customer before.
    free: At,
}

/// All registers, and what was sold today.
pub struct Tills {
    tills: [Till; 3],
    /// Today, and not voided.
    pub sold: Vec<Bill>,
}

impl Tills {
    pub fn new(rng: &mut fastrand::Rng) -> Self {
        let mut till = |device, style, tax| {
            let number = rng.u32(100..900_000);
            Till { device, style, tax, number, free: 0 }
        };
        let (added, included) = (Tax::Added { percent: 7 }, Tax::Included { percent: 19 });
        Self {
            tills: [
                till(Device::Till1, Style::Columns, added),
                till(Device::Till2, Style::Positioned, included),
                till(Device::Till3, Style::Plain, added),
            ],
            sold: Vec::new(),
        }
    }

    pub fn new_day(&mut self) {
        self.sold.clear();
    }

    /// The register that is free first, kept busy from `at` on for so long; where and when it is done.
    pub fn next(&mut self, at: At, busy: At) -> (&mut Till, At) {
        let [first, second, third] = &mut self.tills;
        let till = if first.free <= second.free && first.free <= third.free {
            first
        } else if second.free <= third.free {
            second
        } else {
            third
        };
        // A till prints one document after the other, and a second lies between two.
        let done = (at.max(till.free) + busy) / 1000 * 1000;
        till.free = done + 1000;
        till.number += 1;
        (till, done)
    }

    /// This register prints something from `at` on, as soon as it is free; when.
    pub fn busy(&mut self, device: Device, at: At) -> At {
        let Some(till) = self.tills.iter_mut().find(|till| till.device == device) else {
            return at;
        };
        let done = at.max(till.free) / 1000 * 1000 + 3000;
        till.free = done + 1000;
        done
    }
}

impl Shop {
    /// A visitor pays, or leaves without having found anything.
    pub fn pay(&mut self, visitor: &Visitor) {
        let lines = if visitor.buys { self.basket(visitor.pays) } else { Vec::new() };
        if lines.is_empty() {
            return people::leaves(self, visitor, visitor.pays + MINUTE / 2, None);
        }
        let busy = 6000 + 2500 * lines.len() as At;
        let mut bill = self.bill(visitor.pays, busy, Kind::Sale, lines);
        let done = self.at_of(&bill);
        let left = done + self.rng.i64(20_000..80_000);
        if self.chance(2) {
            self.cancel(&bill);
            return people::leaves(self, visitor, left, None);
        }
        self.tender(&mut bill);
        self.print(&bill, Mark::None);
        if self.chance(2) {
            self.copy(&bill);
        }
        let paid = (bill.id(), bill.expected().subtotal);
        self.tills.sold.push(bill);
        people::leaves(self, visitor, left, Some(paid));
        match self.rng.u32(0..100) {
            0..2 => self.give_back(left),
            2..4 => self.void(left),
            _ => {}
        }
    }

    /// Goods that are there, by their appeal. What is wanted and not there is a sale that is lost.
    fn basket(&mut self, at: At) -> Vec<BillLine> {
        let mut lines: Vec<BillLine> = Vec::new();
        for _ in 0..self.rng.usize(1..=7) {
            let Some(product) = self.taken() else { continue };
            if lines.iter().any(|line| line.product.id == product.id) {
                continue;
            }
            let wanted = if product.weighed { 1 } else { self.pick(&[1, 1, 1, 2, 2, 3]) };
            let pieces = self.shelf.take(product, wanted);
            if pieces < wanted {
                let missing = wanted - pieces;
                let value = (missing * product.price).to_string();
                let row = [written(at), product.id.to_string(), missing.to_string(), value];
                self.script.beside.push(tables::Kind::LostSales, row.to_vec());
            }
            if pieces > 0 {
                let grams = product.weighed.then(|| self.rng.i64(80..2500));
                let offer = promoted(product, self.day).map(|it| it.offer);
                lines.push(BillLine { product, pieces, grams, offer, voided: false });
            }
        }
        if lines.len() > 1 && self.chance(5) {
            let place = self.rng.usize(0..lines.len());
            if let Some(line) = lines.get_mut(place) {
                line.voided = true;
                self.shelf.book_change(line.product, line.pieces);
            }
        }
        lines
    }

    fn taken(&mut self) -> Option<&'static Product> {
        let all: u32 = PRODUCTS.iter().map(|product| weight(product, self.day)).sum();
        let mut left = self.rng.u32(0..all);
        PRODUCTS.iter().find(|product| {
            let weight = weight(product, self.day);
            let found = left < weight;
            left = left.saturating_sub(weight);
            found
        })
    }

    pub fn bill(&mut self, at: At, busy: At, kind: Kind, lines: Vec<BillLine>) -> Bill {
        let (till, done) = self.tills.next(at, busy);
        let (terminal, number, style, tax) =
            (till.device.name(), till.number, till.style, till.tax);
        let at = moment(done);
        let paid = Vec::new();
        Bill { terminal, number, at, style, tax, kind, lines, coupon: None, paid }
    }

    pub fn at_of(&self, bill: &Bill) -> At {
        let since = bill.at.duration_since(moment(0));
        since.as_millis() as At
    }

    pub fn device(&self, bill: &Bill) -> Device {
        let till = self.tills.tills.iter().find(|till| till.device.name() == bill.terminal);
        till.map_or(Device::Till1, |till| till.device)
    }

    fn tender(&mut self, bill: &mut Bill) {
        if bill.subtotal() > 2000 && self.chance(15) {
            bill.coupon = Some((COUPON, super::bill::share(bill.subtotal(), 5, 100)));
        }
        let total = bill.total();
        let last4 = self.rng.u16(0..10_000);
        let debit = PaymentMethod::DebitCard;
        match self.rng.u32(0..100) {
            0..40 => bill.paid.push(self.cash(total)),
            40..72 => {
                if self.chance(6) {
                    bill.paid.push(Paid::Declined);
                }
                let words = if self.rng.bool() { "VISA" } else { "MASTERCARD" };
                bill.paid.push(Paid::Card(words, PaymentMethod::CreditCard, last4, total));
            }
            72..84 => bill.paid.push(Paid::Card("GIROCARD", debit, last4, total)),
            84..91 => bill.paid.push(Paid::Other("APPLE PAY", PaymentMethod::MobilePay, total)),
            91..96 if total > 500 => {
                let points = PaymentMethod::LoyaltyPoints;
                bill.paid.push(Paid::Other("LOYALTY POINTS", points, 500));
                bill.paid.push(self.cash(total - 500));
            }
            _ if total > 1000 => {
                bill.paid.push(Paid::Other("GIFT CARD", PaymentMethod::GiftCard, 1000));
                bill.paid.push(self.cash(total - 1000));
            }
            _ => bill.paid.push(self.cash(total)),
        }
    }

    /// The exact amount, or the next multiple of a note.
    fn cash(&mut self, total: i64) -> Paid {
        let note = self.pick(&[1, 100, 500, 1000, 5000]);
        Paid::Cash((total + note - 1) / note * note)
    }

    pub fn print(&mut self, bill: &Bill, mark: Mark) {
        let (at, device) = (self.at_of(bill), self.device(bill));
        self.say(at, device, paper::receipt(bill, mark));
        self.expect(at, device, Body::Receipt(Box::new(bill.expected())));
    }

    fn pick(&mut self, choices: &[i64]) -> i64 {
        self.rng.choice(choices).copied().unwrap_or(1)
    }

    pub fn chance(&mut self, percent: u32) -> bool {
        self.rng.u32(0..100) < percent
    }
}
