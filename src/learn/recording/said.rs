//! What machines, payment terminals, scanners and scales said, in a recording: a kind and a value of JSON.
//!
//! Everything was redacted by its decoder. Text that a person may have written by hand is redacted again when it is
//! read; an article's number is left as it is, whatever card it looks like.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::decode::{CardPayment, PaymentFact, Said, ScanFact, redact};

/// Kinds of records that hold JSON.
pub const KINDS: &[&str] = &["fields", "payment", "scan", "scale"];

/// A line for what was said `millis` after the start; nothing for what the dialect will find again.
#[must_use]
pub fn said(millis: u64, said: &Said) -> String {
    match said {
        Said::Printed(fact) => super::fact(millis, fact),
        Said::Closed => String::new(),
        Said::Fields(values) => line(millis, "fields", &fields(values)),
        Said::Payment(fact) => line(millis, "payment", &payment(fact.clone())),
        Said::Scan(fact) => line(millis, "scan", &scan(fact.clone())),
        Said::Scale(fact) => line(millis, "scale", fact),
    }
}

fn line(millis: u64, kind: &str, value: &impl Serialize) -> String {
    // Facts are numbers, texts and lists of them: JSON has a form for each.
    let json = serde_json::to_string(value).unwrap_or_default();
    format!("{millis} {kind} {json}\n")
}

/// Reads what stands behind one of [`KINDS`].
pub(super) fn read(kind: &str, json: &str) -> Result<Said, &'static str> {
    match kind {
        "fields" => parse(json).map(|values: Vec<String>| Said::Fields(fields(&values))),
        "payment" => parse(json).map(|fact| Said::Payment(payment(fact))),
        "scan" => parse(json).map(|fact| Said::Scan(scan(fact))),
        _ => parse(json).map(Said::Scale),
    }
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, &'static str> {
    // What the reader of JSON says may quote the line.
    serde_json::from_str(json).map_err(|_| "what stands behind this kind is not as it should be")
}

fn fields(values: &[String]) -> Vec<String> {
    values.iter().map(|value| redact::text(value)).collect()
}

fn payment(fact: PaymentFact) -> PaymentFact {
    match fact {
        PaymentFact::Result(result) => {
            let CardPayment { decline_reason, card_name, card_last4, terminal_id, .. } = &*result;
            let again = |text: &Option<String>| text.as_deref().map(redact::text);
            let four = |text: &String| text.chars().count() <= 4;
            PaymentFact::Result(Box::new(CardPayment {
                decline_reason: again(decline_reason),
                card_name: again(card_name),
                card_last4: card_last4.clone().filter(four),
                terminal_id: again(terminal_id),
                ..(*result).clone()
            }))
        }
        PaymentFact::Aborted { operation, code, reason } => {
            PaymentFact::Aborted { operation, code, reason: redact::text(&reason) }
        }
        other => other,
    }
}

fn scan(mut fact: ScanFact) -> ScanFact {
    if fact.gtin.is_none() && fact.elements.is_empty() {
        fact.data = redact::barcode(fact.symbology, &fact.data);
    }
    fact
}

#[cfg(test)]
mod tests {
    use super::super::{MAGIC, Record, read};
    use super::*;
    use crate::decode::{CardOperation, ScaleFact};

    /// What was said, and how it is written after its time.
    fn check(said: Said, written: &str) {
        assert_eq!(super::said(7, &said), format!("7 {written}\n"));
        let text = format!("{MAGIC}\n7 {written}\n");
        assert_eq!(read(&text), Ok(vec![Record::Said(7, said)]));
    }

    #[test]
    fn whatever_a_device_said_is_written_and_read() {
        check(Said::Fields(vec!["S".into(), "TEE \"A\"".into()]), r#"fields ["S","TEE \"A\""]"#);
        check(
            Said::Scale(ScaleFact::Weight { grams: 250, stable: true, net: false }),
            r#"scale {"weight":{"grams":250,"stable":true,"net":false}}"#,
        );
        check(Said::Scale(ScaleFact::Under), r#"scale "under""#);
        let aborted = PaymentFact::Aborted {
            operation: Some(CardOperation::Payment),
            code: 0x6C,
            reason: "aborted".into(),
        };
        check(
            Said::Payment(aborted),
            r#"payment {"aborted":{"operation":"payment","code":108,"reason":"aborted"}}"#,
        );
        let data = "4006381333931".to_owned();
        let scan = ScanFact {
            symbology: "EAN13",
            gtin: Some(format!("0{data}")),
            data,
            ..ScanFact::default()
        };
        let read_back = read(&format!("{MAGIC}\n{}", super::said(7, &Said::Scan(scan.clone()))));
        assert_eq!(read_back, Ok(vec![Record::Said(7, Said::Scan(scan))]));
    }

    #[test]
    fn what_is_not_as_it_should_be_is_told_without_quoting_it() {
        for record in [
            "fields 4111111111111111",
            "fields [4111111111111111]",
            "scale {\"4111111111111111\":1}",
            "payment \"4111111111111111\"",
            "scan {\"pan\":\"4111111111111111\"}",
        ] {
            let error = read(&format!("{MAGIC}\n7 {record}")).unwrap_err().to_string();
            assert_eq!(error, "line 2: what stands behind this kind is not as it should be");
        }
    }

    #[test]
    fn a_card_number_written_by_hand_does_not_come_back() {
        for record in [
            r#"fields ["P","4111111111111111"]"#,
            r#"scan {"symbology":"QR","data":"4111111111111111"}"#,
            r#"payment {"aborted":{"operation":null,"code":1,"reason":"4111111111111111"}}"#,
        ] {
            let found = format!("{:?}", read(&format!("{MAGIC}\n7 {record}")).unwrap());
            assert!(!found.contains("41111") && found.contains("1111"), "{found}");
        }
    }
}
