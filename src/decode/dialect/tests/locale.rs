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

/// When a receipt was printed, as `escpos-generic` or the file in `own` reads it.
fn printed_at(currency: &str, own: &str, line: &str) -> Option<String> {
    let setting = Setting { currency: Currency::new(currency).unwrap(), decimal: None };
    let text = format!("schema = 1\nid = \"x\"\nextends = \"text-generic\"\n{own}");
    let facts = read(Dialect::parse("d", &text, &setting).unwrap(), &[line]);
    facts.into_iter().find_map(|fact| match fact {
        PosFact::PrintedAt(at) => Some(at),
        _ => None,
    })
}

#[test]
fn the_currency_or_the_file_says_whether_the_month_comes_first_unless_there_is_no_such_month() {
    let month = "[locale]\nmonth_first = true\n";
    let day = "[locale]\nmonth_first = false\n";
    let own = "[locale]\ndate = [\"%d/%m/%y\"]\n";
    for (currency, file, line, expected) in [
        ("USD", "", "07/28/17", Some("2017-07-28")),
        ("USD", "", "07-08-2017", Some("2017-07-08")),
        ("USD", "", "28/07/17", Some("2017-07-28")),
        ("USD", "", "32/07/17", None),
        ("USD", "", "2017-07-28", Some("2017-07-28")),
        ("USD", "", "28.07.2017", Some("2017-07-28")),
        ("PHP", "", "11/21/2026 8:05 AM", Some("2026-11-21T08:05:00")),
        ("EUR", "", "07/08/17", Some("2017-08-07")),
        ("EUR", "", "07/28/17", Some("2017-07-28")),
        ("EUR", month, "07/28/17", Some("2017-07-28")),
        ("USD", day, "28/07/17", Some("2017-07-28")),
        ("USD", own, "28/07/17", Some("2017-07-28")),
        ("USD", own, "07/28/17", Some("2017-07-28")),
        ("USD", own, "07-28-17", None),
    ] {
        let found = printed_at(currency, file, line);
        assert_eq!(found.as_deref(), expected, "{currency} {file:?} {line}");
    }
}

#[test]
fn decimals_may_be_missing_where_shops_seldom_print_them() {
    check(',', ".", "IDR", &[("35.000", Some(3_500_000)), ("Rp 8.650,00", Some(865_000))]);
    check(',', ".", "HUF", &[("1.396 Ft", Some(139_600)), ("459Ft", Some(45_900))]);
    check('.', ",", "TWD", &[("NT$104", Some(10_400)), ("1,204", Some(120_400))]);
    check(',', ".", "SEK", &[("24,90kr", Some(2490)), ("24", None)]);
    check(',', ".", "TRY", &[("*12,50", Some(1250))]);
    check('.', ",", "ZAR", &[("R34.99", Some(3499)), ("-R10.00", Some(-1000))]);
}
