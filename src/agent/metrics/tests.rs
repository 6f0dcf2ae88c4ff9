//! The page as a parser of the format reads it, and the server as a client meets it.

use std::collections::BTreeMap;

use super::*;
use crate::agent::health::statement::samples::statement;

/// Families of a page, each with its type and its samples; anything that the format forbids is an error.
fn parse(page: &str) -> Result<BTreeMap<String, (String, Vec<String>)>, String> {
    let mut families: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    let (mut helped, mut open) = (String::new(), String::new());
    for line in page.lines() {
        let bad = |why: &str| Err(format!("{why}: {line}"));
        if let Some(help) = line.strip_prefix("# HELP ") {
            let Some((name, words)) = help.split_once(' ') else { return bad("no help") };
            if words.is_empty() || families.contains_key(name) {
                return bad("twice, or without words");
            }
            name.clone_into(&mut helped);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            let Some((name, kind)) = kind.split_once(' ') else { return bad("no type") };
            let is_total = name.ends_with("_total");
            if name != helped
                || is_total != (kind == "counter")
                || !["counter", "gauge"].contains(&kind)
            {
                return bad("a type that does not follow its help, or does not fit the name");
            }
            name.clone_into(&mut open);
            families.insert(open.clone(), (kind.to_owned(), Vec::new()));
        } else {
            let name = line.split(['{', ' ']).next().unwrap_or_default();
            let ordinary = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let Some((series, value)) = line.rsplit_once(' ') else { return bad("no value") };
            if name != open || !name.chars().all(ordinary) || value.parse::<f64>().is_err() {
                return bad("a sample outside its family, or without a number");
            }
            let (_, samples) = families.get_mut(name).ok_or("no family")?;
            if samples.iter().any(|known| known.rsplit_once(' ').is_some_and(|it| it.0 == series)) {
                return bad("a series twice");
            }
            samples.push(line.to_owned());
        }
    }
    if page.ends_with('\n') { Ok(families) } else { Err("the last line does not end".to_owned()) }
}

fn check(page: &str, samples: &[&str]) {
    let families = parse(page).unwrap();
    let all: Vec<&String> = families.values().flat_map(|(_, samples)| samples).collect();
    for sample in samples {
        assert!(all.iter().any(|it| it == sample), "{sample} is missing:\n{page}");
    }
}

#[test]
fn the_page_is_in_the_format_and_tells_what_the_statement_does() {
    let page = text::render(&statement());
    check(
        &page,
        &[
            "tillgate_records_accepted_total{class=\"pos\"} 40",
            "tillgate_oldest_unkept_seconds{class=\"pos\"} 90",
            "tillgate_store_commits_total 90",
            "tillgate_cloud_reconnects_total 2",
            "tillgate_connected 1",
            "tillgate_device_up{device=\"till-1\"} 1",
            "tillgate_device_up{device=\"a \\\"b\\\\c\\nd\"} 0",
            "tillgate_device_degraded{device=\"till-1\"} 1",
        ],
    );
    assert!(!page.contains("null") && !page.contains("oldest_unkept_seconds{class=\"dock\"}"));
}

#[test]
fn the_parser_of_this_test_sees_mistakes() {
    for bad in [
        "x 1\n",
        "# HELP x words\n# TYPE x counter\nx 1\n",
        "# HELP x words\n# TYPE x gauge\nx many\n",
        "# HELP x words\n# TYPE x gauge\nx 1\nx 2\n",
        "# HELP x words\n# TYPE x gauge\nx 1",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

async fn ask(port: u16, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut said = Vec::new();
    for part in request.chunks(7) {
        // The answer may come before the end of a request that is too long.
        let _ = stream.write_all(part).await;
    }
    // A connection that is one too many may be reset.
    let _ = stream.read_to_end(&mut said).await;
    String::from_utf8(said).unwrap()
}

#[tokio::test]
async fn a_client_gets_one_answer_and_the_one_too_many_gets_none() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_told, seen) = watch::channel(Some(statement()));
    tokio::spawn(async move { answer_all(&listener, &seen).await });
    let page = ask(port, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n") && page.contains("tillgate_info{"), "{page}");
    let mut silent = Vec::new();
    for _ in 0..limits::METRICS_CONNECTIONS {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(b"GET /met").await.unwrap();
        silent.push(stream);
    }
    let mut one_too_many = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let mut said = Vec::new();
    // Closed, or reset because it had written.
    let _ = one_too_many.read_to_end(&mut said).await;
    assert_eq!(said, b"");
    // A place becomes free when one of them goes, at the latest when its time is over.
    drop(silent);
    let page = loop {
        let page = ask(port, b"GET /metrics HTTP/1.1\r\n\r\n").await;
        if !page.is_empty() {
            break page;
        }
    };
    assert!(page.starts_with("HTTP/1.1 200 OK\r\n"), "{page}");
}
