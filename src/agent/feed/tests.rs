//! Bytes of a feed to records.

use jiff::tz::TimeZone;

use super::*;
use crate::time::Mono;
use crate::track::catalog::Article;

const NOW: Now = Now { mono: Mono(0), wall: UtcMs(1_000_000) };

fn feed() -> Feed {
    let codes = vec!["4006381333931".to_owned()];
    let sku = Some("PEN".to_owned());
    let article = Article { product_id: 7, sku, codes, ..Article::default() };
    let catalog = Arc::new(Catalog::of([article]));
    Feed::new("back-office", FeedReader::new(1, TimeZone::UTC), catalog)
}

fn said(feed: &mut Feed, text: &str) -> Vec<String> {
    let mut out = Vec::new();
    feed.push(NOW, text.as_bytes(), &mut out);
    let short = |record: &Record| match &record.body {
        Body::InventoryUpdated(it) => {
            format!(
                "{} {:?} {:+} {:?}",
                it.change.product_id, it.change.sku, it.change.quantity_delta, it.cause
            )
        }
        Body::InventoryCounted(it) => format!("{} {:?} is {}", it.product_id, it.sku, it.quantity),
        Body::Unknown(it) => format!("{}: {}", it.kind, it.text),
        other => format!("{other:?}"),
    };
    out.iter().map(short).collect()
}

#[test]
fn lines_become_records_however_they_are_cut() {
    let text = "trans_id,gtin,date_time,quantity,reason\r\n\
                A1,04006381333931,2021-01-06 09:00:00,-2,sale\r\n\
                {\"sku\":\"pen\",\"at\":\"2021-01-06T09:00:00\",\"quantity\":40}\n\
                item_id,employee_id,store_id,date_time,quantity\n\
                5,,1,2021-01-06 09:00:00,3\n";
    let expected = ["7 Some(\"PEN\") -2 Some(\"a1\")", "7 Some(\"PEN\") is 40", "5 None is 3"];
    for size in [1, 7, 1000] {
        let mut feed = feed();
        let pieces = text.as_bytes().chunks(size).map(|it| std::str::from_utf8(it).unwrap());
        let found: Vec<_> = pieces.flat_map(|it| said(&mut feed, it)).collect();
        assert_eq!(found, expected, "{size}");
        assert_eq!(feed.mistakes(), 0);
    }
}

#[test]
fn each_mistake_is_counted_and_told_up_to_a_bound() {
    let mut feed = feed();
    let unknown = "A1,,1,2021-01-06 09:00:00,-2,1,\n";
    let form = "stock_feed: a line of the feed: neither columns that are known nor a JSON object";
    assert_eq!(said(&mut feed, unknown), [form]);
    let code = "{\"sku\":\"4711\",\"at\":\"2021-01-06T09:00:00\",\"quantity\":40}\n";
    assert_eq!(said(&mut feed, code), ["stock_feed: a line of the feed: no product has this code"]);
    let long = "x".repeat(limits::TEXT_LINE_BYTES + 1) + "\n";
    assert_eq!(said(&mut feed, &long), ["stock_feed: a line of the feed: it is too long"]);
    let many = usize::try_from(limits::FEED_MISTAKES).unwrap();
    assert_eq!(said(&mut feed, &unknown.repeat(many)).len(), many - 3);
    assert_eq!(feed.mistakes(), limits::FEED_MISTAKES + 3);
    feed.came();
    assert_eq!(said(&mut feed, unknown).len(), 1, "a feed that came again is told of again");
}

#[test]
fn half_a_line_is_none() {
    let mut feed = feed();
    assert_eq!(said(&mut feed, "5,,1,2021-01-06 09:00:00,4"), Vec::<String>::new());
    feed.broken();
    assert_eq!(said(&mut feed, "0\n5,,1,2021-01-06 09:00:00,4\n"), ["5 None is 4"]);
}
