//! HTTP/1.1 as far as one page needs it (RFC 9112), sans-IO: bytes of a request to the answer, once there are enough.
//!
//! Fields of the request mean nothing here and its body is not read: the answer always ends the connection.

use crate::limits::METRICS_REQUEST_BYTES;

/// The one page.
const PATH: &str = "/metrics";

/// Prometheus' text format.
const PAGE_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What is answered to a request that began with `bytes`; `None` while its head is incomplete.
pub fn answer(bytes: &[u8], page: impl FnOnce() -> String) -> Option<Vec<u8>> {
    let Some(line) = request_line(bytes) else {
        return (bytes.len() > METRICS_REQUEST_BYTES)
            .then(|| refusal("431 Request Header Fields Too Large", ""));
    };
    let answer = match method_and_path(line) {
        Err(status) => refusal(status, ""),
        Ok(("GET", PATH)) => whole("200 OK", PAGE_TYPE, "", &page()),
        Ok((_, PATH)) => refusal("405 Method Not Allowed", "Allow: GET\r\n"),
        Ok(_) => refusal("404 Not Found", ""),
    };
    Some(answer)
}

/// The first line of a head that is complete and not too long.
fn request_line(bytes: &[u8]) -> Option<&[u8]> {
    let head = bytes.get(..METRICS_REQUEST_BYTES).unwrap_or(bytes);
    // A line may end without CR, and empty lines before the first one are passed over.
    let start = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
    let head = head.get(start..)?;
    let ends = |end: &[u8]| head.windows(end.len()).any(|part| part == end);
    if !ends(b"\r\n\r\n") && !ends(b"\n\n") {
        return None;
    }
    let line = head.split(|byte| *byte == b'\n').next()?;
    Some(line.strip_suffix(b"\r").unwrap_or(line))
}

fn method_and_path(line: &[u8]) -> Result<(&str, &str), &'static str> {
    const BAD: &str = "400 Bad Request";
    let line = std::str::from_utf8(line).map_err(|_| BAD)?;
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(BAD);
    };
    let token = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphabetic());
    let minor = version.strip_prefix("HTTP/1.");
    match minor {
        Some(minor) if minor.len() == 1 && minor.bytes().all(|it| it.is_ascii_digit()) => {}
        _ if version.starts_with("HTTP/") => return Err("505 HTTP Version Not Supported"),
        _ => return Err(BAD),
    }
    if !token(method) || target.is_empty() {
        return Err(BAD);
    }
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    Ok((method, path))
}

fn refusal(status: &str, fields: &str) -> Vec<u8> {
    whole(status, "text/plain; charset=utf-8", fields, &format!("{status}\n"))
}

fn whole(status: &str, content_type: &str, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nConnection: close\r\n{fields}\r\n{body}"
    )
    .into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ask(request: &[u8]) -> Option<String> {
        answer(request, || "page\n".to_owned()).map(|it| String::from_utf8(it).unwrap())
    }

    fn check(request: &str, expected: &str) {
        let told = ask(request.as_bytes()).unwrap_or_default();
        assert!(told.starts_with(&format!("HTTP/1.1 {expected}\r\n")), "{request:?}: {told}");
        let (head, body) = told.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("\r\nContent-Length: {}", body.len())), "{told}");
        assert!(head.contains("\r\nConnection: close"), "{told}");
    }

    #[test]
    fn there_is_one_page_to_get() {
        check("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", "200 OK");
        check("GET /metrics?x=1 HTTP/1.0\n\n", "200 OK");
        check("\r\nGET /metrics HTTP/1.1\r\n\r\nrest", "200 OK");
        check("GET / HTTP/1.1\r\n\r\n", "404 Not Found");
        check("GET /metrics/ HTTP/1.1\r\n\r\n", "404 Not Found");
        check("GET http://x/metrics HTTP/1.1\r\n\r\n", "404 Not Found");
        check("POST /metrics HTTP/1.1\r\n\r\n", "405 Method Not Allowed");
        check("HEAD /metrics HTTP/1.1\r\n\r\n", "405 Method Not Allowed");
        check("GET /metrics HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported");
        check("GET /metrics HTTP/1.10\r\n\r\n", "505 HTTP Version Not Supported");
        check("GET /metrics\r\n\r\n", "400 Bad Request");
        check("GET  /metrics HTTP/1.1\r\n\r\n", "400 Bad Request");
        check("G\u{e4}T /metrics HTTP/1.1\r\n\r\n", "400 Bad Request");
        check("GET /metrics SPDY/1\r\n\r\n", "400 Bad Request");
        check(
            &format!("GET /metrics HTTP/1.1\r\nX: {}", "x".repeat(9000)),
            "431 Request Header Fields Too Large",
        );
        check(
            &format!("GET /metrics HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(9000)),
            "431 Request Header Fields Too Large",
        );
    }

    #[test]
    fn the_page_is_the_body() {
        let told = ask(b"GET /metrics HTTP/1.1\r\n\r\n").unwrap();
        assert!(told.ends_with("\r\n\r\npage\n"), "{told}");
        assert!(told.contains("\r\nContent-Type: text/plain; version=0.0.4"), "{told}");
    }

    proptest! {
        #[test]
        fn however_a_request_comes_in_it_is_answered_when_its_head_is_whole(
            bytes in proptest::collection::vec(any::<u8>(), 0..200),
            cut in 0..200_usize,
        ) {
            let mut bytes = bytes;
            let part = ask(bytes.get(..cut).unwrap_or(&bytes));
            bytes.extend_from_slice(b"x\r\n\r\n");
            let whole = ask(&bytes);
            prop_assert!(whole.is_some());
            // What was enough is not changed by what follows.
            prop_assert!(part.is_none() || part == whole);
        }
    }
}
