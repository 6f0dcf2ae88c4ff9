//! What devices say and mean, in the few words that a panel has room for. Facts are redacted.

use tillgate_events::PaymentStatus;

use crate::cli::replay::money;
use crate::decode::device::DeviceFact;
use crate::decode::{DocumentFact, PaymentFact, PosFact, Said, ScaleFact, ScanFact};

/// What a device said, as a line; nothing for the end of a document.
pub fn said(said: &Said) -> Option<String> {
    Some(match said {
        Said::Fields(values) => values.join(" | "),
        Said::Printed(fact) => return printed(fact),
        Said::Closed => return None,
        Said::Payment(fact) => payment(fact),
        Said::Scan(scan) => scanned(scan),
        Said::Scale(ScaleFact::Weight { grams, stable, .. }) => {
            format!("{grams} g{}", if *stable { "" } else { ", moving" })
        }
        Said::Scale(ScaleFact::Under) => "less than nothing".to_owned(),
        Said::Scale(ScaleFact::Over) => "too much".to_owned(),
    })
}

/// What was printed, as a line.
pub fn printed(fact: &DocumentFact) -> Option<String> {
    match fact {
        DocumentFact::Line(line) => Some(line.text.clone()),
        DocumentFact::Barcode { symbology, data } => Some(format!("[{symbology} {data}]")),
        DocumentFact::DrawerKick => Some("[drawer kick]".to_owned()),
        DocumentFact::Graphic { .. } => Some("[graphic]".to_owned()),
        DocumentFact::End(_) => None,
    }
}

fn payment(fact: &PaymentFact) -> String {
    let of = |amount: &Option<i64>| amount.map_or(String::new(), |it| format!(" {}", money(it, 2)));
    match fact {
        PaymentFact::Requested { operation, amount, .. } => {
            format!("asked: {}{}", name(operation), of(amount))
        }
        PaymentFact::Result(result) => {
            let status = match result.status {
                PaymentStatus::Approved => "approved",
                PaymentStatus::Declined => "declined",
            };
            let why = result.card_name.iter().chain(&result.decline_reason);
            let why: String = why.map(|word| format!(" {word}")).collect();
            format!("{status}{}{why}", of(&result.amount))
        }
        PaymentFact::DayTotal { amount, .. } => format!("day's total{}", of(amount)),
        PaymentFact::Completed(_) => "done".to_owned(),
        PaymentFact::Aborted { reason, .. } => format!("gave up: {reason}"),
        PaymentFact::Slip(fact) => printed(fact).unwrap_or_default(),
    }
}

fn scanned(scan: &ScanFact) -> String {
    if scan.id {
        return format!("{} a person's document: not kept", scan.symbology);
    }
    let data = if scan.data.is_empty() {
        scan.gtin.clone().unwrap_or_default()
    } else {
        scan.data.clone()
    };
    format!("{} {data}", scan.symbology)
}

/// What became of it, as dialects name events; `None` where nothing takes it.
pub fn facts(facts: &[DeviceFact]) -> Option<String> {
    let mut words: Vec<String> = Vec::new();
    for fact in facts {
        match fact {
            DeviceFact::Pos(PosFact::Unmatched(_)) => return None,
            // Where a document ends is seen by its event.
            DeviceFact::Pos(PosFact::End(_)) => {}
            DeviceFact::Pos(fact) => words.push(name(fact)),
            DeviceFact::Payment(_) => words.push("payment".to_owned()),
            DeviceFact::Scan(_) => words.push("scan".to_owned()),
            DeviceFact::Scale(_) => words.push("weight".to_owned()),
        }
    }
    Some(words.join(", "))
}

/// `VoidItem { … }` as `void_item`.
fn name(value: &impl std::fmt::Debug) -> String {
    let shown = format!("{value:?}");
    let word: String = shown.chars().take_while(char::is_ascii_alphanumeric).collect();
    let mut name = String::new();
    for c in word.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::CardOperation;

    #[test]
    fn whatever_a_device_says_is_a_line() {
        let check = |what: Said, line: &str| assert_eq!(said(&what).as_deref(), Some(line));
        check(Said::Fields(vec!["S".into(), "TEA".into()]), "S | TEA");
        check(
            Said::Scale(ScaleFact::Weight { grams: 250, stable: false, net: false }),
            "250 g, moving",
        );
        let scan =
            ScanFact { symbology: "EAN13", data: "4006381333931".into(), ..ScanFact::default() };
        check(Said::Scan(scan), "EAN13 4006381333931");
        check(
            Said::Payment(PaymentFact::Requested {
                operation: CardOperation::Payment,
                amount: Some(1295),
                currency: None,
            }),
            "asked: payment 12.95",
        );
    }

    #[test]
    fn facts_have_the_names_of_events() {
        let pos = |fact| DeviceFact::Pos(fact);
        assert_eq!(
            facts(&[pos(PosFact::Total(1)), pos(PosFact::PrintedAt("x".into()))]).as_deref(),
            Some("total, printed_at")
        );
        assert_eq!(facts(&[pos(PosFact::Unmatched("x".into()))]), None);
    }
}
