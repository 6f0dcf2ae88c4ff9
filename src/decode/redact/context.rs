//! What words near a number say of it.

use super::groups::follows_aim;

/// Words that say "this is a card's number", in lower case.
const CARD_WORDS: &[&str] = &[
    "card", "karte", "kreditk", "kort", "kaart", "tarjeta", "carta", "carte", "cartao", "cartão",
    "visa", "diners", "maestro", "debit", "credit", "account",
];

/// Words that say "this is a number of another kind", in lower case; the longer ones may go on.
const OTHER_WORDS: &[&str] = &[
    "order",
    "auftrag",
    "bestell",
    "pedido",
    "commande",
    "ordine",
    "receipt",
    "beleg",
    "bon",
    "bonnr",
    "rechnung",
    "rech",
    "invoice",
    "faktura",
    "factur",
    "fattura",
    "kvitto",
    "kvittering",
    "paragon",
    "ref",
    "trans",
    "trx",
    "txn",
    "serial",
    "serien",
    "fiscal",
    "fiskal",
    "tse",
    "uid",
    "uuid",
    "nfe",
    "chave",
    "imei",
    "iccid",
    "barcode",
    "gtin",
    "ean",
    "sku",
    "sscc",
    "ticket",
    "tracking",
    "parcel",
    "sendung",
    "coupon",
    "voucher",
    "gutschein",
    "signatur",
    "signature",
];

/// How far before a number such a word may stand, and how far behind it, in characters.
const WORDS_BEFORE: usize = 40;
const WORDS_AFTER: usize = 24;

/// Whether a word near `start..end` names a card, with no other digit between.
pub(super) fn is_named(chars: &[char], start: usize, end: usize) -> bool {
    let line = |c: &&char| **c != '\n';
    let after = chars.get(end..).unwrap_or_default().iter().take(WORDS_AFTER).take_while(line);
    let after: String = after.take_while(|c| !c.is_ascii_digit()).collect();
    [before(chars, start), after].iter().any(|text| {
        let text = text.to_lowercase();
        CARD_WORDS.iter().any(|word| text.contains(word))
            || text.split(|c: char| !c.is_alphabetic()).any(|word| word == "pan")
    })
}

/// Whether the last word before `start` that says anything says that the number is of another kind.
pub(super) fn is_other(chars: &[char], start: usize) -> bool {
    let text = before(chars, start).to_lowercase();
    let said = text.split(|c: char| !c.is_alphabetic()).rev().find_map(|word| {
        let card = CARD_WORDS.iter().any(|card| word.contains(card)) || word == "pan";
        let other = OTHER_WORDS.iter().any(|other| match other.len() {
            ..=4 => word == *other,
            _ => word.starts_with(other),
        });
        (card || other).then_some(other && !card)
    });
    said == Some(true)
}

/// The text before `start`, back to a digit; what a scanner sends with the number is no part of it.
fn before(chars: &[char], start: usize) -> String {
    let start = if follows_aim(chars, start.saturating_sub(1)) { start - 3 } else { start };
    let text = chars.get(start.saturating_sub(WORDS_BEFORE)..start).unwrap_or_default();
    let from = text.iter().rposition(char::is_ascii_digit).map_or(0, |at| at + 1);
    text.get(from..).unwrap_or_default().iter().collect()
}
