//! What devices say that have no receipts, in words.

use crate::decode::device::DeviceFact;
use crate::decode::{PosFact, ScaleFact, ScanFact};
use crate::track::speaker;

/// A fact as a line of text; nothing for what only ends something. Facts are redacted.
pub fn words(fact: &DeviceFact) -> Option<String> {
    match fact {
        DeviceFact::Pos(PosFact::Unmatched(text)) => Some(text.clone()),
        DeviceFact::Pos(PosFact::End(_)) => None,
        // A scan in a stock mode; a scanner's rules read nothing of a sale.
        DeviceFact::Pos(fact) => Some(fact.short().unwrap_or_else(|| "[of a receipt]".to_owned())),
        DeviceFact::Payment(fact) => speaker::payment_said(fact),
        DeviceFact::Scan(fact) => Some(scan(fact)),
        DeviceFact::Scale(fact) => Some(scale(*fact)),
    }
}

/// `[scan EAN13 4006381333931 article 04006381333931]`
fn scan(scan: &ScanFact) -> String {
    let mut words = vec![format!("scan {}", scan.symbology)];
    if scan.id {
        words.push("a document of a person: nothing is kept".to_owned());
    }
    words.extend((!scan.data.is_empty()).then(|| scan.data.clone()));
    words.extend(scan.gtin.as_ref().map(|gtin| format!("article {gtin}")));
    words.extend(scan.elements.iter().map(|one| format!("({}){}", one.ai, one.value)));
    words.extend(scan.price.map(|it| format!("price {} of {} decimals", it.value, it.decimals)));
    words.extend(scan.weight_grams.map(|grams| format!("weight {grams} g")));
    words.extend(scan.count.map(|count| format!("{count} pieces")));
    words.extend(scan.add_on.as_ref().map(|digits| format!("beside it {digits}")));
    format!("[{}]", words.join(" "))
}

/// `[scale 1250 g, at rest]`
fn scale(fact: ScaleFact) -> String {
    match fact {
        ScaleFact::Weight { grams, stable, net } => {
            let rest = if stable { "at rest" } else { "in motion" };
            format!("[scale {grams} g, {rest}{}]", if net { ", net" } else { "" })
        }
        ScaleFact::Under => "[scale under zero]".to_owned(),
        ScaleFact::Over => "[scale over its capacity]".to_owned(),
    }
}
