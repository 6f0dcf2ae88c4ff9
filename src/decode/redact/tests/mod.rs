//! Redaction by example; by property in [`random`].

mod cards;
mod cases;
mod codes;
mod cut;
mod glance;
mod plainly;
mod random;
mod tracks;

use super::*;
use crate::decode::DocumentFact;
use crate::limits;

fn check(input: &str, expected: &str) {
    assert_eq!(text(input), expected);
}

fn untouched(input: &str) {
    check(input, input);
}

#[test]
fn card_numbers_keep_their_last_four_digits() {
    check("VISA 4111111111111111", "VISA ************1111");
    check("4111 1111 1111 1111 12/27", "**** **** **** 1111 12/27");
    check("5500-0000-0000-0004", "****-****-****-0004");
    check("AMEX 3782 822463 10005 OK", "AMEX **** ****** *0005 OK");
    check("6011.1111.1111.1117", "****.****.****.1117");
    check("4 1 1 1  1 1 1 1  1 1 1 1  1 1 1 1", "* * * *  * * * *  * * * *  1 1 1 1");
    check("1 4111 1111 1111 1111", "1 **** **** **** 1111");
    check("４１１１１１１１１１１１１１１１", "************１１１１");
}

#[test]
fn masked_numbers_amounts_dates_and_articles_stay() {
    untouched("************1111");
    untouched("4111 11** **** 1111");
    untouched("XXXXXXXXXXXX7890");
    untouched("1072  1  80.00  80.00  80.00");
    untouched("4.00 12.50 3.00 100.00 4.00 4.00");
    untouched("2026-11-21 14:05:00 0003-01");
    untouched("4111111111111112");
    untouched("5012345678900 TEA 1.99");
    untouched("TEL : 07-5547360 / 016-7993391  FAX : 07-5624059");
    untouched("GST ID : 002116837376");
}

#[test]
fn an_article_number_is_told_from_a_card_by_how_it_was_printed() {
    // Passes as EAN-13 and as a Visa number of 13 digits.
    untouched("4000000000006");
    untouched("4000000000006 TEA 1.99");
    untouched("4 000000 000006");
    check("VISA 4000000000006", "VISA *********0006");
    check("4000000000006 MASTERCARD", "*********0006 MASTERCARD");
    check("PAN: 4000000000006", "PAN: *********0006");
    untouched("PANINI 4000000000006");
    untouched("CARD 12.00\n4000000000006 TEA");
    assert_eq!(barcode("EAN13", "4000000000006"), "4000000000006");
    assert_eq!(barcode("EAN13", "4222222222222"), "4222222222222");
    assert_eq!(barcode("EAN13", "4111111111111111"), "************1111");
    assert_eq!(barcode("CODE128", "4111111111111111"), "************1111");
}

#[test]
fn redacting_again_changes_nothing() {
    for secret in [
        "VISA 4000000000004002 4111 1111 1111",
        "CVV ;4111111111111111=27121010000000?123",
        "4111;4111111111111111=27121010000000?111111111111",
        "41111111 %B4111111111111111^DOE/JOHN^27121010000000? 11111111",
        "VISA 4111111111111111 \u{ad}",
    ] {
        let once = text(secret);
        check(&once, &once);
    }
}
