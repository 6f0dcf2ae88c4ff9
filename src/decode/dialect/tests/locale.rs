//! Amounts as shops of many countries print them, and what is never guessed.

use super::*;

/// Reads `TOTAL …` in a locale; `None` where the line is not understood.
fn total(decimal: char, group: &str, currency: &str, printed: &str) -> Option<i64> {
    let text = format!(
        "schema = 1\nid = \"x\"\n[framer]\nkind = \"text\"\n[locale]\ndecimal = \"{decimal}\"\ngroup = \"{group}\"\n\
         currency = \"{currency}\"\n[[rule]]\nevent = \"total\"\nre = '^TOTAL +%{{money:amount}}$'\n"
    );
    let facts =
        read(Dialect::parse("d", &text, &setting()).unwrap(), &[&format!("TOTAL {printed}")]);
    facts.iter().find_map(|fact| match fact {
        PosFact::Total(amount) => Some(*amount),
        _ => None,
    })
}

fn check(decimal: char, group: &str, currency: &str, cases: &[(&str, Option<i64>)]) {
    for (printed, expected) in cases {
        assert_eq!(total(decimal, group, currency, printed), *expected, "{currency} {printed:?}");
    }
}

#[test]
fn signs_stand_before_and_after_and_a_credit_is_negative() {
    check(
        '.',
        ",",
        "USD",
        &[
            ("$5.00", Some(500)),
            ("-$5.00", Some(-500)),
            ("$-5.00", Some(-500)),
            ("5.00-", Some(-500)),
            ("5.00 -", Some(-500)),
            ("5.00 CR", Some(-500)),
            ("($5.00)", Some(-500)),
            ("\u{2212}5.00", Some(-500)),
            ("+5.00", Some(500)),
            ("5.00 USD", Some(500)),
            (".50", Some(50)),
            ("1,234,567.89", Some(123_456_789)),
            ("1.234,56", None),
            ("5.0", None),
            ("5.000", None),
            ("5", None),
            ("\\5.00", None),
        ],
    );
}

#[test]
fn groups_are_those_of_the_locale_and_no_other() {
    let cases = |text: &'static str| [(text, Some(123_456))];
    check(',', ".", "EUR", &cases("1.234,56 €"));
    check(',', ". ", "EUR", &cases("1 234,56"));
    check(',', " ", "EUR", &cases("1\u{a0}234,56"));
    check(',', " ", "EUR", &cases("1\u{202f}234,56 EUR"));
    check('.', "'", "CHF", &cases("CHF 1'234.56"));
    check('.', "'", "CHF", &cases("1\u{2019}234.56"));
    check(',', "", "PLN", &cases("1234,56 zł"));
    check(',', "", "PLN", &[("1.234,56", None), ("1 234,56", None)]);
    check('.', ",", "INR", &[("Rs.1,00,000.00", Some(10_000_000))]);
}

#[test]
fn currencies_without_decimals_and_with_three_have_their_own_shape() {
    check(
        '.',
        ",",
        "JPY",
        &[
            ("¥1,234", Some(1234)),
            ("￥1,234-", Some(-1234)),
            ("\\1,234", Some(1234)),
            ("-\\500", Some(-500)),
            ("1,234円", Some(1234)),
            ("12.34", None),
            ("1,23", None),
        ],
    );
    check('.', ",", "KRW", &[("\\12,000", Some(12_000)), ("₩500", Some(500))]);
    check(
        '.',
        ",",
        "KWD",
        &[("KWD 1.250", Some(1250)), ("1,234.500", Some(1_234_500)), ("1.25", None)],
    );
    check(',', ".", "TND", &[("1.234,500", Some(1_234_500))]);
    check(',', ".", "CLP", &[("$1.234", Some(1234)), ("1,50", None)]);
}

#[test]
fn zeros_in_front_are_the_rest_of_another_number() {
    let cases =
        [("000,00", None), ("0,50", Some(50)), ("010,00", None), ("1.000,00", Some(100_000))];
    check(',', ".", "EUR", &cases);
}
