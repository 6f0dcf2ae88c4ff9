//! Frames that are found, and noise of which nothing is said.

use super::*;
use proptest::prelude::*;

const RECORDS: [&str; 6] = ["S|TEA|249", "S|BREAD|320", "T|569", "P|569", "S|MILK 1L|115", "T|115"];

fn framed(frame: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    RECORDS.iter().flat_map(|record| frame(record.as_bytes())).collect()
}

/// What is found, and that it holds exactly the records.
fn check(bytes: &[u8], toml: &[&str], records: &[&str]) -> Framing {
    let found = find(bytes).expect("frames");
    for line in toml {
        assert!(found.toml.lines().any(|other| other == *line), "{line:?} is not in {found:?}");
    }
    let texts: Vec<_> = found.frames.iter().map(|it| String::from_utf8_lossy(it)).collect();
    assert_eq!(texts, records);
    found
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

fn sum(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum.wrapping_add(*byte))
}

#[test]
fn stx_etx_and_lrc_are_found() {
    let bytes = framed(|data| {
        let body = [data, b"\x03"].concat();
        [b"\x02".as_slice(), &body, &[xor(&body)]].concat()
    });
    let toml =
        ["kind = \"delimited\"", "start = 0x02", "end = 0x03", "check = { algorithm = \"xor\" }"];
    check(&bytes, &toml, &RECORDS);
    // Acknowledged by the other side, and cut at both ends.
    let acked = framed(|data| {
        let body = [data, b"\x03"].concat();
        [b"\x02".as_slice(), &body, &[xor(&body)], b"\x06"].concat()
    });
    let cut = &acked[3..acked.len() - 4];
    check(cut, &toml, &RECORDS[1..5]);
}

#[test]
fn other_checks_between_marks_are_found() {
    let without_end = framed(|data| [b"\x02".as_slice(), data, b"\x03", &[xor(data)]].concat());
    check(&without_end, &["check = { algorithm = \"xor\", include_end = false }"], &RECORDS);
    let hex = framed(|data| {
        [b"$", data, b"*", format!("{:02X}", xor(data)).as_bytes(), b"\r\n"].concat()
    });
    let line = "check = { algorithm = \"xor\", include_end = false, encoding = \"hex-upper\", place = \"before-end\", mark = 0x2a }";
    check(&hex, &["start = 0x24", "end = 0x0d", line], &RECORDS);
}

#[test]
fn lines_with_a_sum_are_found_and_a_person_is_told() {
    let bytes = framed(|data| [data, format!("|{:02X}\r", sum(data)).as_bytes()].concat());
    let found = find(&bytes).unwrap();
    assert!(found.toml.starts_with("kind = \"line\"\n"), "{found:?}");
    assert_eq!(found.frames.len(), RECORDS.len());
    assert!(found.doubts[0].contains("sum8") && found.doubts[0].contains("does not verify"));
}

#[test]
fn frames_of_one_size_are_found() {
    let records: Vec<String> =
        [(1, "TEA", 249), (1, "BREAD", 320), (2, "", 569), (1, "MILK", 115), (2, "", 115)]
            .iter()
            .map(|(kind, name, cents)| format!("#{kind}{name:8}{cents:06};"))
            .collect();
    let texts: Vec<&str> = records.iter().map(String::as_str).collect();
    let found = check(records.concat().as_bytes(), &["kind = \"fixed\"", "size = 17"], &texts);
    assert!(found.doubts[0].contains("17 bytes"));
}

#[test]
fn frames_that_say_their_length_are_found_and_marked_where_no_check_proves_them() {
    let length = |data: &[u8], more: usize| u8::try_from(data.len() + more).unwrap();
    let frame = |data: &[u8]| [&[0x02, length(data, 0)], data].concat();
    let found = find(&framed(frame)).unwrap();
    for line in ["kind = \"length\"", "offset = 1", "encoding = \"u8\"", "bias = 2"] {
        assert!(found.toml.lines().any(|other| other == line), "{line} is not in {found:?}");
    }
    assert_eq!((found.head, found.checked, found.frames.len()), (1, false, RECORDS.len()));
    assert!(found.doubts[0].contains("the length is a guess"), "{found:?}");
    let wide = find(&framed(|data| [&[0x01, 0x00, length(data, 0)], data].concat())).unwrap();
    assert!(
        wide.toml.contains("encoding = \"u16be\"") || wide.toml.contains("offset = 2"),
        "{wide:?}"
    );
    let checked = find(&framed(|data| {
        let body = [&[length(data, 0)], data].concat();
        [b"\x02".as_slice(), &body, &[xor(&body)]].concat()
    }));
    let checked = checked.unwrap();
    assert!(checked.toml.contains("kind = \"length\"") && checked.checked, "{checked:?}");
}

#[test]
fn frames_between_silences_are_proposed_where_nothing_else_tells_them_apart() {
    let bursts: Vec<Vec<u8>> = RECORDS.iter().map(|record| record.as_bytes().to_vec()).collect();
    let found = by_silence(&bursts).unwrap();
    assert!(found.toml.starts_with("kind = \"idle\"\n") && found.by_silence, "{found:?}");
    assert_eq!((found.frames, found.doubts.len()), (bursts.clone(), 1));
    let paper: Vec<Vec<u8>> =
        bursts.iter().map(|burst| [burst.as_slice(), b"\r\n"].concat()).collect();
    assert_eq!(by_silence(&paper), None);
    assert_eq!(by_silence(&bursts[..2]), None);
}

#[test]
fn of_one_frame_again_and_again_nothing_is_said() {
    let frame = [b"\x02S|TEA|249\x03".as_slice(), &[xor(b"S|TEA|249\x03")]].concat();
    assert_eq!(find(&frame.repeat(20)), None);
    assert_eq!(find(b""), None);
    let paper =
        b"\x1b@SHOP\nTea 2,50\nTotal 2,50\n\x1dV\0\x1b@SHOP\nMilk 1,00\nTotal 1,00\n\x1dV\0";
    assert_eq!(find(paper), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn of_noise_nothing_is_said(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        prop_assert_eq!(find(&bytes), None);
    }

    #[test]
    fn of_text_nothing_is_said(lines in prop::collection::vec("[ -~]{0,40}", 0..20)) {
        prop_assert_eq!(find(lines.join("\r\n").as_bytes()), None);
    }
}
