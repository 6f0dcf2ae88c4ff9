//! Facts in a few words: for those that a document may hold and that no record has a place for.

use super::{OrderMode, PosFact, StockReason};

impl PosFact {
    /// What a fact beside the sale says, as `[stock restock 4012345678901 x 2]`; `None` for all others.
    #[must_use]
    pub fn short(&self) -> Option<String> {
        let mut words: Vec<String> = Vec::new();
        match self {
            Self::Stock(moved) => {
                words.extend(["stock".to_owned(), moved.reason.name().to_owned()]);
                words.extend(moved.sku.clone());
                words.extend(moved.description.clone());
                words.push(times(moved.quantity_milli));
                words.extend(moved.place.clone());
            }
            Self::Order { number, mode } => {
                words.extend(["order".to_owned(), mode.name().to_owned(), number.clone()]);
            }
            Self::OrderItem { sku, description, quantity_milli } => {
                words.push("order item".to_owned());
                words.extend(sku.iter().chain(description).cloned());
                words.push(times(*quantity_milli));
            }
            Self::Loyalty { member, points } => {
                words.push("loyalty".to_owned());
                words.extend(member.clone());
                words.extend(points.map(|points| format!("{points} points")));
            }
            Self::PriceOverride { description, was, now, reason } => {
                words.push("price override".to_owned());
                words.extend(description.clone());
                words.extend(was.map(|was| format!("was {was}")));
                words.extend(now.map(|now| format!("now {now}")));
                words.extend(reason.clone());
            }
            Self::CashMoved { amount, reason } => {
                words.push(if *amount < 0 { "cash out" } else { "cash in" }.to_owned());
                words.push(amount.unsigned_abs().to_string());
                words.extend(reason.clone());
            }
            Self::Operator { signed_on, operator } => {
                words.push(if *signed_on { "signed on" } else { "signed off" }.to_owned());
                words.extend(operator.clone());
            }
            Self::Drawer { open } => {
                words.push(if *open { "drawer open" } else { "drawer closed" }.to_owned());
            }
            _ => return None,
        }
        Some(format!("[{}]", words.join(" ")))
    }
}

impl StockReason {
    /// As dialects spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Restock => "restock",
            Self::Shrink => "shrink",
            Self::Damage => "damage",
            Self::TransferIn => "transfer_in",
            Self::TransferOut => "transfer_out",
            Self::Count => "count",
        }
    }
}

impl OrderMode {
    /// As dialects spell it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PickUp => "pick_up",
            Self::ShipFromStore => "ship_from_store",
        }
    }
}

/// `x 2`, `x -0.5`.
fn times(milli: i64) -> String {
    let sign = if milli < 0 { "-" } else { "" };
    let (whole, part) = (milli.unsigned_abs() / 1000, milli.unsigned_abs() % 1000);
    let decimals = format!(".{part:03}");
    let decimals = if part == 0 { "" } else { decimals.trim_end_matches('0') };
    format!("x {sign}{whole}{decimals}")
}

#[cfg(test)]
mod tests {
    use super::super::StockMove;
    use super::*;

    fn check(fact: &PosFact, expected: &str) {
        assert_eq!(fact.short().as_deref(), Some(expected));
    }

    #[test]
    fn what_a_till_says_beside_the_sale_is_told_in_a_few_words() {
        let moved = |quantity_milli| StockMove {
            reason: StockReason::TransferOut,
            sku: Some("4711".into()),
            description: Some("TEA".into()),
            quantity_milli,
            place: Some("STORE 12".into()),
        };
        check(&PosFact::Stock(moved(2000)), "[stock transfer_out 4711 TEA x 2 STORE 12]");
        check(&PosFact::Stock(moved(-1250)), "[stock transfer_out 4711 TEA x -1.25 STORE 12]");
        let order = PosFact::Order { number: "W-1".into(), mode: OrderMode::PickUp };
        check(&order, "[order pick_up W-1]");
        let item = |sku: Option<&str>| PosFact::OrderItem {
            sku: sku.map(str::to_owned),
            description: Some("TEA".into()),
            quantity_milli: 1000,
        };
        check(&item(Some("4711")), "[order item 4711 TEA x 1]");
        check(&item(None), "[order item TEA x 1]");
        let loyalty = PosFact::Loyalty { member: Some("77".into()), points: Some(-120) };
        check(&loyalty, "[loyalty 77 -120 points]");
        let price = PosFact::PriceOverride {
            description: None,
            was: Some(250),
            now: Some(199),
            reason: Some("DAMAGED BOX".into()),
        };
        check(&price, "[price override was 250 now 199 DAMAGED BOX]");
        check(&PosFact::CashMoved { amount: -5000, reason: None }, "[cash out 5000]");
        check(
            &PosFact::CashMoved { amount: 5000, reason: Some("FLOAT".into()) },
            "[cash in 5000 FLOAT]",
        );
        check(
            &PosFact::Operator { signed_on: true, operator: Some("12".into()) },
            "[signed on 12]",
        );
        check(&PosFact::Drawer { open: false }, "[drawer closed]");
    }

    #[test]
    fn what_belongs_to_a_sale_has_its_own_place() {
        assert_eq!(PosFact::Total(100).short(), None);
        assert_eq!(PosFact::Deposit(super::super::Item::default()).short(), None);
    }
}
