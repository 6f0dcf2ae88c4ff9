//! Lines of a stock feed: an answer to each, never a panic; what is said against a line quotes nothing of it; and a
//! line says the same however often it comes.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use tillgate::decode::stock_feed::{FeedReader, StockLine};

fuzz_target!(|text: &str| {
    let mut reader = FeedReader::new(1, TimeZone::UTC);
    for line in text.lines() {
        let said = reader.line(line);
        assert_eq!(said, reader.line(line));
        match said {
            Err(error) => assert!(line.len() < 60 || !error.to_string().contains(line)),
            Ok(Some(StockLine::Change { id, quantity, .. })) => {
                assert!(quantity != 0 && !id.is_empty());
            }
            Ok(Some(StockLine::Count { quantity, .. })) => assert!(quantity >= 0),
            Ok(_) => {}
        }
    }
});
