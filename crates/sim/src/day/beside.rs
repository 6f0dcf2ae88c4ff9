//! What a till prints beside sales: copies, cancelled and voided receipts, returns, training, and the drawer without a
//! sale.

use tillgate_events::{Body, InventoryUpdated, NoSale, ReceiptVoided, StockReason, Unknown};

use super::bill::{Bill, BillLine, Kind, Paid, change};
use super::goods::PRODUCTS;
use super::paper::{self, Mark};
use super::shop::Shop;
use super::{At, moment};

impl Shop {
    /// Printed again, a second later.
    pub fn copy(&mut self, bill: &Bill) {
        let device = self.device(bill);
        let at = self.at_of(bill) + 500;
        self.say(at, device, paper::receipt(bill, Mark::Duplicate));
        let (kind, text) = ("reprint".to_owned(), bill.id());
        self.expect(at, device, Body::Unknown(Unknown { kind, text }));
    }

    /// Cancelled before it was paid: everything goes back to its shelf.
    pub fn cancel(&mut self, bill: &Bill) {
        for line in bill.open() {
            self.shelf.book_change(line.product, line.pieces);
        }
        let (at, device) = (self.at_of(bill), self.device(bill));
        self.say(at, device, paper::receipt(bill, Mark::Cancelled));
        let (receipt_id, terminal_id) = (bill.id(), bill.terminal.to_owned());
        let voided = ReceiptVoided { receipt_id, terminal_id, reason: None };
        self.expect(at, device, Body::ReceiptVoided(voided));
    }

    /// A piece of an earlier receipt of the day comes back and is put on its shelf.
    pub fn give_back(&mut self, at: At) {
        let Some(sold) = self.rng.choice(&self.tills.sold) else { return };
        let Some(line) = sold.open().find(|line| line.grams.is_none() && line.off() == 0) else {
            return;
        };
        let line =
            BillLine { product: line.product, pieces: 1, grams: None, offer: None, voided: false };
        let mut bill = self.bill(at, 20_000, Kind::Return, vec![line]);
        bill.paid.push(Paid::Cash(bill.total()));
        let at = self.at_of(&bill);
        self.coming.extend(bill.lines.iter().map(|line| (at, line.product, line.pieces)));
        self.print(&bill, Mark::None);
        self.barrier();
    }

    /// An earlier receipt of the day is voided at its till: everything goes back to its shelf.
    pub fn void(&mut self, at: At) {
        if self.tills.sold.is_empty() {
            return;
        }
        let sold = self.tills.sold.remove(self.rng.usize(0..self.tills.sold.len()));
        let device = self.device(&sold);
        let at = self.tills.busy(device, at);
        self.say(at, device, paper::void(sold.style, sold.number, moment(at)));
        self.barrier();
        let (receipt_id, terminal_id) = (sold.id(), sold.terminal.to_owned());
        let cause = Some(receipt_id.clone());
        let voided = ReceiptVoided { receipt_id, terminal_id, reason: None };
        self.expect(at, device, Body::ReceiptVoided(voided));
        let mut lines: Vec<&BillLine> = sold.open().collect();
        lines.sort_by_key(|line| line.product.id);
        for line in lines {
            self.coming.push((at, line.product, line.pieces));
            let change = change(line.product, line.pieces, StockReason::Sale);
            let updated = InventoryUpdated { change, cause: cause.clone() };
            self.expect(at, device, Body::InventoryUpdated(updated));
        }
    }

    /// The drawer is opened without a sale.
    pub fn tills_no_sale(&mut self, at: At) {
        let (till, done) = self.tills.next(at, 2000);
        let (device, style) = (till.device, till.style);
        self.say(done, device, paper::no_sale(style, moment(done)));
        let terminal_id = device.name().to_owned();
        self.expect(done, device, Body::NoSale(NoSale { terminal_id }));
    }

    /// Somebody learns the till: nothing leaves its shelf.
    pub fn tills_training(&mut self, at: At) {
        let line =
            |product| BillLine { product, pieces: 2, grams: None, offer: None, voided: false };
        let lines = PRODUCTS.iter().take(2).map(line).collect();
        let mut bill = self.bill(at, 60_000, Kind::Training, lines);
        bill.paid.push(Paid::Cash(bill.total()));
        self.print(&bill, Mark::None);
    }
}
