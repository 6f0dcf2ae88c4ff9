//! What a till says beside the sale: stock slips, online orders, loyalty, cash moved, operators, drawers.

use super::super::events::Event;
use super::super::money;
use super::Reader;
use crate::decode::{PosFact, StockMove};

impl Reader<'_> {
    /// `None` when a capture cannot be read.
    pub(super) fn beside(&self) -> Option<PosFact> {
        Some(match self.means.event {
            Event::Stock => PosFact::Stock(StockMove {
                reason: self.means.set.reason?,
                sku: self.text("sku"),
                description: self.text("desc"),
                quantity_milli: self.pieces()?,
                place: self.text("place"),
            }),
            Event::Order => {
                PosFact::Order { number: self.text("number")?, mode: self.means.set.mode? }
            }
            Event::OrderItem => PosFact::OrderItem {
                sku: self.text("sku"),
                description: self.text("desc"),
                quantity_milli: self.pieces()?,
            },
            Event::Loyalty => {
                let points = self.fields.get("points");
                let points = match points.map(|text| money::count(text, &self.dialect.locale)) {
                    Some(points) => Some(points?),
                    None => None,
                };
                PosFact::Loyalty { member: self.text("member"), points }
            }
            Event::PriceOverride => PosFact::PriceOverride {
                description: self.text("desc"),
                was: self.money("was"),
                now: self.amount(),
                reason: self.text("reason"),
            },
            Event::CashIn => self.cash(1)?,
            Event::CashOut => self.cash(-1)?,
            Event::SignOn | Event::SignOff => PosFact::Operator {
                signed_on: self.means.event == Event::SignOn,
                operator: self.text("operator"),
            },
            Event::DrawerOpened => PosFact::Drawer { open: true },
            Event::DrawerClosed => PosFact::Drawer { open: false },
            _ => return None,
        })
    }

    /// Whichever sign the paper prints, the event says which way the money goes.
    fn cash(&self, sign: i64) -> Option<PosFact> {
        let amount = self.amount()?.saturating_abs() * sign;
        Some(PosFact::CashMoved { amount, reason: self.text("reason") })
    }

    /// Thousandths; one piece where nothing is said.
    fn pieces(&self) -> Option<i64> {
        let quantity = self.fields.get("qty");
        quantity.map_or(Some(1000), |text| money::quantity(text, &self.dialect.locale))
    }
}
