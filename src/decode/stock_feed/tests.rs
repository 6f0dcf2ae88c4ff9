//! Lines as feeds write them, and as nobody should.

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

fn reader() -> FeedReader {
    FeedReader::new(1, TimeZone::get("Europe/Berlin").unwrap())
}

/// What a line says, in short.
fn read(reader: &mut FeedReader, line: &str) -> String {
    match reader.line(line) {
        Ok(None) => "nothing".to_owned(),
        Ok(Some(StockLine::Noted)) => "noted".to_owned(),
        Ok(Some(StockLine::Count { product, at, quantity })) => {
            format!("count {product:?} {at} {quantity}")
        }
        Ok(Some(StockLine::Change { id, product, at, quantity, reason })) => {
            format!("{id} {product:?} {at} {quantity} {reason:?}")
        }
        Err(error) => error.to_string(),
    }
}

fn check(line: &str, expected: &str) {
    assert_eq!(read(&mut reader(), line), expected, "{line}");
}

#[test]
fn a_line_of_columns_is_a_change_or_a_count_by_how_many_there_are() {
    let at = "2021-01-06T08:00:00.000Z";
    check("{ab-1},5,1,2021-01-06 09:00:00,-2,1", &format!("ab-1 Id(5) {at} -2 Sale"));
    check("AB,5,1,2021-01-06T09:00:00,2,1", &format!("ab Id(5) {at} 2 Return"));
    check("a,5,1,2021-01-06T08:00:00Z,-1,2", &format!("a Id(5) {at} -1 Lost"));
    check("a;5;1;2021-01-06 09:00:00;20.0;3", &format!("a Id(5) {at} 20 InboundShipment"));
    check("a\t5\t1\t2021-01-06 09:00:00\t-3\tBOPIS", &format!("a Id(5) {at} -3 Bopis"));
    check("5,7,1,2021-01-06 09:00:00,40", &format!("count Id(5) {at} 40"));
    check("5,,1,2021-01-06 09:00:00,0", &format!("count Id(5) {at} 0"));
    check("\"5\",\"\",\"1\",\"2021-01-06 09:00:00\",\"7\"", &format!("count Id(5) {at} 7"));
}

#[test]
fn a_line_of_json_names_what_it_says() {
    let at = "2026-11-21T08:00:00.000Z";
    check(
        r#"{"id":"x-1","sku":"A 7","at":"2026-11-21T09:00:00+01:00","quantity":-2,"reason":"damage"}"#,
        &format!("x-1 Code(\"A 7\") {at} -2 Damaged"),
    );
    check(
        r#"{"product_id":5,"counted_at":"2026-11-21T09:00:00","quantity":12}"#,
        &format!("count Id(5) {at} 12"),
    );
    check(r#"{"quantity":12}"#, "`item_id` is missing");
    check(r#"{"item_id":[5],"quantity":12}"#, "`item_id` is not a whole number");
    check(r#"{"item_id":5"#, "neither columns that are known nor a JSON object");
}

#[test]
fn named_columns_hold_until_others_are_named() {
    let mut reader = reader();
    let count = "count Id(5) 2021-01-06T08:00:00.000Z 3";
    assert_eq!(read(&mut reader, "quantity,item_id,date_time"), "nothing");
    assert_eq!(read(&mut reader, "3,5,2021-01-06 09:00:00"), count);
    assert_eq!(read(&mut reader, "5,,1,2021-01-06 09:00:00,3"), count, "another number of fields");
    reader.came();
    let form = "neither columns that are known nor a JSON object";
    assert_eq!(read(&mut reader, "3,5,2021-01-06 09:00:00"), form);
}

#[test]
fn what_makes_no_sense_is_told_with_its_place_and_never_quoted() {
    check("a,5,1,2021-01-06 09:00:00,-1,9", "`change_type_id` is not one that is known");
    check("a,5,1,yesterday,-1,1", "`date_time` is not a date and time");
    check("a,5,1,2021-01-06 09:00:00,0,1", "`quantity` is not other than 0 where it is a change");
    check("5,,1,2021-01-06 09:00:00,-1", "`quantity` is not 0 or more where it is a count");
    check("5,,1,2021-01-06 09:00:00,1.5", "`quantity` is not a whole number");
    check(",5,1,2021-01-06 09:00:00,-1,1", "`trans_id` is missing");
    check("a,0,1,2021-01-06 09:00:00,-1,1", "`item_id` is not above 0");
    check("a,5,2,2021-01-06 09:00:00,-1,1", "it is another store's");
    let card = "`trans_id` is not a number of a stock system";
    check("4111111111111111,5,1,2021-01-06 09:00:00,-1,1", card);
    check("4111111111111111", "neither columns that are known nor a JSON object");
}

#[test]
fn the_online_stores_own_row_of_a_pick_up_is_only_noted() {
    check("a,5,0,2021-01-06 12:00:00,-3,4", "noted");
    check("a,5,0,2021-01-06 12:00:00,-3,1", "it is another store's");
    let mut online = FeedReader::new(0, TimeZone::UTC);
    assert_eq!(read(&mut online, "a,5,0,2021-01-06 12:00:00,-3,4"), "noted");
    let sale = "a Id(5) 2021-01-06T12:00:00.000Z -3 Sale";
    assert_eq!(read(&mut online, "a,5,0,2021-01-06 12:00:00,-3,1"), sale);
}

proptest! {
    #[test]
    fn no_line_panics_and_none_is_quoted(line in "\\PC{0,200}", rest in "[0-9,;{}\":a-z_ -]{0,80}") {
        let mut reader = reader();
        for line in [&line, &rest] {
            if let Err(error) = reader.line(line) {
                let quoted = line.len() > 24 && error.to_string().contains(line.as_str());
                prop_assert!(!quoted);
            }
        }
    }
}
