//! Rules for numbers of restricted circulation, and the articles, prices and weights read by them.

use super::rule::measure_check;
use super::*;

/// `price 1234e-2`, `1086 g`, `12 pieces`, `wrong`, or nothing.
fn shown(rules: &Rules, digits: &str) -> String {
    let gtin = Gtin::parse(digits).unwrap();
    let Ok(found) = rules.read(gtin) else { return "wrong".to_owned() };
    let Measures { price, weight_grams, count, .. } = found.unwrap_or_default();
    match (price, weight_grams, count) {
        (Some(price), None, None) => format!("price {}e-{}", price.value, price.decimals),
        (None, Some(grams), None) => format!("{grams} g"),
        (None, None, Some(count)) => format!("{count} pieces"),
        _ => String::new(),
    }
}

fn check(country: &str, digits: &str, expected: &str) {
    let rules = Rules::of_country(country).unwrap();
    assert_eq!(shown(&rules, digits), expected, "{country} {digits}");
}

#[test]
fn countries_put_prices_weights_and_counts_into_numbers() {
    check("SE", "2088060112343", "price 1234e-2");
    check("SE", "2188060112340", "price 1234e-1");
    check("SE", "2288060112347", "price 1234e-0");
    check("SE", "2388060112344", "1234 g");
    check("SE", "2488060112341", "12340 g");
    check("SE", "2588060112348", "123400 g");
    check("no", "2302148210869", "1086 g");
    check("NO", "2368091402263", "226 g");
    check("FI", "2388060112344", "1234 g");
    check("EE", "2411111112342", "12340 g");
    check("LV", "2511111112349", "123400 g");
    check("LT", "2311111112345", "1234 g");
    check("DK", "2135040039753", "price 3975e-2");
    check("DK", "2435040039754", "price 3975e-2");
    check("DK", "2623570001505", "150 g");
    check("DK", "2712341002251", "225 g");
    check("DE", "2211114002394", "price 239e-2");
    check("DE", "02330714002396", "price 239e-2");
    check("DE", "2511119000129", "12 pieces");
    check("DE", "2930711068700", "6870 g");
    check("GB", "2011122912346", "price 1234e-2");
    check("IE", "2011122912346", "price 1234e-2");
}

#[test]
fn a_number_without_a_rule_or_of_free_circulation_holds_nothing() {
    check("SE", "2911111111111", "");
    check("SE", "5901234123457", "");
    check("US", "401111111119", "");
}

#[test]
fn a_price_whose_own_check_digit_is_wrong_is_wrong() {
    check("DE", "2511118000120", "wrong");
    check("GB", "2011122812349", "wrong");
}

#[test]
fn the_article_is_the_same_whatever_it_weighs_or_costs() {
    for (country, numbers, article) in [
        ("NO", ["2302148210869", "2302148200006"], "02302148200006"),
        ("GB", ["2011122912346", "2011122000005"], "02011122000005"),
    ] {
        for digits in numbers {
            let rules = Rules::of_country(country).unwrap();
            let found = rules.read(Gtin::parse(digits).unwrap()).unwrap().unwrap();
            assert_eq!(found.gtin.as_ref().map(Gtin::as_str), Some(article), "{digits}");
        }
    }
}

#[test]
fn field_check_digits_are_those_of_the_specification() {
    for (field, expected) in [("2875", 9), ("1234", 9), ("14685", 6), ("00239", 4), ("0000", 0)] {
        assert_eq!(measure_check(field), Some(expected), "{field}");
    }
    assert_eq!(measure_check("123"), None);
}

#[test]
fn a_shop_writes_its_own_rule() {
    let rules = Rules::parse(&["299IIIIL.LLLLC", "29IIIIIIPP.PPC"]).unwrap();
    let number = |payload| Gtin::from_payload(payload).unwrap();
    assert_eq!(shown(&rules, number("299123410000").as_gtin13().unwrap()), "454 g");
    assert_eq!(shown(&rules, number("290000000150").as_gtin13().unwrap()), "price 150e-2");
}

#[test]
fn a_broken_rule_is_told_with_its_reason() {
    for (rule, expected) in [
        ("20IIIIIIPPPP", RuleError::Length(12)),
        ("20IIIIIIPPPXC", RuleError::Sign('X')),
        ("20IIIIIIPPPPI", RuleError::Check),
        ("20IIIIICPPPPC", RuleError::Check),
        ("20IIIIIIIIIIC", RuleError::Field),
        ("20IIIIIIPPWWC", RuleError::Field),
        ("20IIIIIPIPPPC", RuleError::Field),
        ("20IIIIII.PPPPC", RuleError::Point),
        ("20IIIIIIP.P.PPC", RuleError::Point),
        ("20IIIIIVVPPPC", RuleError::Verifier),
        ("20IIIIIIVPPPC", RuleError::Verifier),
    ] {
        assert_eq!(Rules::parse(&[rule]), Err(expected), "{rule}");
    }
    let many = vec!["20IIIIIIPPPPC"; limits::SCAN_RULES + 1];
    assert_eq!(Rules::parse(&many), Err(RuleError::TooMany));
}

#[test]
fn every_rule_of_every_country_is_one() {
    for (codes, rules) in COUNTRIES {
        assert_eq!(Rules::parse(rules).map(|rules| rules.0.len()), Ok(rules.len()), "{codes:?}");
    }
}
