//! `[framer]`: every kind with its keys, and what is refused.

use std::time::Duration;

use super::*;
use crate::decode::display::DisplaySet;
use crate::decode::frame::check::{CheckAlgorithm, CheckEncoding, CheckOptions};
use crate::decode::frame::{
    self, CheckPlace, DelimitedOptions, DleOptions, FixedOptions, FrameKind, IdleOptions,
    LengthEncoding, LengthOptions, LineOptions,
};
use crate::decode::scale::{Protocol, Unit};
use crate::decode::scan::restricted::Rules;
use crate::decode::scan::{Letters, Suffix};
use crate::limits;

fn framer(keys: &str) -> Framer {
    let text = format!("schema = 1\nid = \"x\"\n[framer]\n{keys}\n");
    Dialect::parse("d.toml", &text, &setting()).unwrap_or_else(|error| panic!("{error}")).framer
}

fn frames(keys: &str) -> frame::FramerOptions {
    match framer(keys).kind {
        FramerKind::Frames(options) => *options,
        other => panic!("{other:?}"),
    }
}

fn check(keys: &str, expected: &FrameKind) {
    assert_eq!(&frames(keys).kind, expected);
}

#[test]
fn frames_are_described_by_their_keys() {
    check(
        "kind = \"line\"\ndelims = \"\\n\"\nmax_len = 80\ncr = \"ignore\"",
        &FrameKind::Line(LineOptions {
            delims: vec![b'\n'],
            max_len: 80,
            cr: frame::CarriageReturn::Ignore,
        }),
    );
    check(
        "kind = \"idle\"\ngap_ms = 70",
        &FrameKind::Idle(IdleOptions { gap: Duration::from_millis(70) }),
    );
    check("kind = \"fixed\"\nsize = 22", &FrameKind::Fixed(FixedOptions { size: 22 }));
    let crc = CheckOptions {
        algorithm: CheckAlgorithm::Crc16Xmodem,
        encoding: CheckEncoding::HexUpper,
        include_end: false,
        ..CheckOptions::default()
    };
    check(
        "kind = \"delimited\"\nstart = [1, 2]\nend = 4\nescape = 0x1B\nstart_in_data = true\n\
         check = { algorithm = \"crc16-xmodem\", encoding = \"hex-upper\", include_end = false, \
         place = \"before-end\", mark = \"#\" }",
        &FrameKind::Delimited(DelimitedOptions {
            start: vec![1, 2],
            end: vec![4],
            escape: Some(0x1B),
            start_in_data: true,
            check: Some(crc),
            place: CheckPlace::BeforeEnd { mark: Some(b'#') },
        }),
    );
    check(
        "kind = \"dle\"\ncheck_escaped = true",
        &FrameKind::Dle(DleOptions { check: None, check_escaped: true, ..DleOptions::default() }),
    );
    check(
        "kind = \"length\"\nstart = 1\nwidth = 4\nencoding = \"nibble30\"\nbias = -26\ntail = 3",
        &FrameKind::Length(LengthOptions {
            start: vec![1],
            offset: 1,
            width: 4,
            encoding: LengthEncoding::Nibble30,
            bias: -26,
            tail: vec![3],
            check: None,
        }),
    );
    let all = frames(
        "kind = \"line\"\nmax_frame = 9\npayload_idle_ms = 7\nsingles = [6, 21]\n\
         repeat_after_nak = 21\nnumbered = true\nbit7 = true",
    );
    assert_eq!((all.max_frame, all.idle, all.singles), (9, Duration::from_millis(7), vec![6, 21]));
    assert_eq!((all.repeat.after_nak, all.repeat.numbered, all.strip_bit7), (Some(21), true, true));
}

#[test]
fn devices_are_described_by_their_keys() {
    let display = framer(
        "kind = \"display\"\nset = \"utc\"\ncolumns = 40\nrows = 4\nsettle_ms = 9\nclear_settles = true",
    );
    let look = DisplayLook {
        set: DisplaySet::Utc,
        columns: 40,
        rows: 4,
        settle: Duration::from_millis(9),
        clear_settles: true,
    };
    assert!(matches!(display.kind, FramerKind::Display(it) if it == look), "{display:?}");
    assert_eq!((display.idle, display.is_printer()), (limits::DISPLAY_IDLE, true));
    let FramerKind::Scanner(scanner) = framer(
        "kind = \"scanner\"\nsuffix = \"tab\"\npreamble = \"AB\"\nletters = \"symbol\"\n\
         separator = \"~\"\nupc_e = true\ncountry = \"SE\"\nrules = [\"20IIIIIVPP.PPC\"]\nsilence_ms = 5",
    )
    .kind
    else {
        panic!()
    };
    let rules = Rules::parse(&["20IIIIIVPP.PPC"]).unwrap().then(Rules::of_country("SE").unwrap());
    assert_eq!(scanner.rules, rules);
    assert_eq!((scanner.suffix, scanner.letters), (Suffix::Byte(9), Letters::Symbol));
    assert_eq!(
        (&*scanner.preamble, scanner.separator, scanner.upc_e),
        (&b"AB"[..], Some('~'), true)
    );
    let FramerKind::Scale(scale) = framer(
        "kind = \"scale\"\nprotocol = \"cas-pd\"\nunit = \"lb\"\ndecimals = 1\nevery = true\npoll_ms = 500",
    )
    .kind
    else {
        panic!()
    };
    assert_eq!(
        (scale.protocol, scale.unit, scale.decimals),
        (Protocol::CasPd, Unit::Pound, Some(1))
    );
    assert_eq!((scale.every, scale.poll), (true, Duration::from_millis(500)));
    let zvt = framer("kind = \"zvt\"\npayload_idle_ms = 5\ndefault_page = \"cp850\"");
    assert!(matches!(zvt.kind, FramerKind::Zvt(idle) if idle == Duration::from_millis(5)));
}

/// Mistakes of a `[framer]`, whose first key stands on line 4.
fn refused(keys: &str, expected: &[&str]) {
    assert_eq!(
        mistakes(&format!("schema = 1\nid = \"x\"\n[framer]\n{keys}\n")),
        expected,
        "{keys}"
    );
}

#[test]
fn keys_that_a_kind_has_not_are_refused_with_their_place() {
    refused(
        "kind = \"text\"\nstx = 2\ncheck = {}\npages = { 1 = \"cp858\" }",
        &[
            "5:7 a framer of kind `text` has no `stx`",
            "6:9 a framer of kind `text` has no `check`",
            "7:9 a framer of kind `text` has no `pages`",
        ],
    );
    refused("kind = \"scale\"\nidle_ms = 2", &["5:11 a framer of kind `scale` has no `idle_ms`"]);
    refused("kind = \"dle\"\ndlee = 2", &["5:1 unknown key `dlee` in [framer]"]);
    // What is extended may have keys of another kind.
    let text = "schema = 1\nid = \"x\"\nextends = \"posnet-host\"\n[framer]\nkind = \"line\"\n";
    assert!(Dialect::parse("d", text, &setting()).is_ok());
}

#[test]
fn values_that_cannot_work_are_refused() {
    refused(
        "kind = \"line\"\ndelims = \"\\r\"\ncr = \"ignore\"",
        &["4:8 a line needs a delimiter that is not ignored"],
    );
    refused("kind = \"fixed\"", &["4:8 frames must have at least 1 byte and at most 262144"]);
    refused("kind = \"delimited\"\nstart = 300", &["5:9 `start`: `300` is not within 0 to 255"]);
    refused(
        "kind = \"delimited\"\nstart = \"Ł\"",
        &["5:9 `start`: `Ł` has characters that are no bytes"],
    );
    refused("kind = \"delimited\"\nescape = \"ab\"", &["5:10 `escape` is one byte"]);
    refused("kind = \"delimited\"\ncheck = { algorithm = \"md5\" }", &["5:23 unknown check `md5`"]);
    refused("kind = \"idle\"\ngap_ms = 0", &["5:10 `gap_ms` must be more than 0"]);
    refused("kind = \"scale\"\npoll_ms = 100", &["5:11 `poll_ms` must be 200 or more"]);
    refused("kind = \"scanner\"\ncountry = \"XX\"", &["5:11 no rules are known for `XX`"]);
    refused("kind = \"display\"\nrows = 9", &["5:8 `rows` must be 1 to 8"]);
    refused("kind = \"length\"\nbias = 99999999999", &["5:8 `bias` is too large"]);
}

#[test]
fn records_are_refused_with_their_place() {
    let head = "kind = \"line\"\n[fields]\nhead = \"0-4\"\nseparator = \"ab\"\nkey = \"==\"\n";
    refused(
        head,
        &[
            "6:8 `0-4` are no places",
            "7:13 `separator` is one byte",
            "8:7 `key` is a sign or a number of characters",
        ],
    );
    refused(
        "kind = \"line\"\n[[record]]\nevent = \"item\"\nfields = { desc = 1, price = 2 }\n\
         [[record]]\nmatch = { is = \"1\" }\nevent = \"total\"\nfields = { amount = { at = 1, decimals = 2, minor = true, part = 'x' } }\n\
         [[record]]\nmatch = { field = 0, is = \"1\" }",
        &[
            "5:1 event `item` needs `amount`",
            "7:22 unknown key `price` in [fields]",
            "9:9 key `field` is missing in [match]",
            "11:21 `decimals` and `minor` say the same",
            "11:66 `part` needs a group",
            "12:1 a rule needs `event`",
        ],
    );
    let both = "kind = \"line\"\n[[record]]\nends = true\n[[rule]]\nevent = \"skip\"\nre = 'x'";
    refused(both, &["5:1 a dialect has records or rules for lines, not both"]);
}
