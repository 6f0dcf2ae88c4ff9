//! Frames and their checks, as a dialect describes them.

use super::super::compile::lookup;
use super::super::raw::RawCheck;
use super::compile::Reader;
use crate::decode::frame::check::{ByteOrder, CheckAlgorithm, CheckEncoding, CheckOptions};
use crate::decode::frame::{
    CarriageReturn, CheckPlace, DelimitedOptions, DleOptions, FixedOptions, FrameKind,
    FramerOptions, IdleOptions, LengthEncoding, LengthOptions, LineOptions, RepeatOptions,
};
use crate::limits;
use crate::spanned::{Fault, Place, Remarks};

const ALGORITHMS: &[(&str, CheckAlgorithm)] = &[
    ("xor", CheckAlgorithm::Xor),
    ("sum8", CheckAlgorithm::Sum8),
    ("sum16", CheckAlgorithm::Sum16),
    ("crc16-kermit", CheckAlgorithm::Crc16Kermit),
    ("crc16-xmodem", CheckAlgorithm::Crc16Xmodem),
    ("crc16-arc", CheckAlgorithm::Crc16Arc),
];
const ENCODINGS: &[(&str, CheckEncoding)] = &[
    ("raw", CheckEncoding::Raw),
    ("hex-upper", CheckEncoding::HexUpper),
    ("nibble30", CheckEncoding::Nibble30),
];
const ORDERS: &[(&str, ByteOrder)] =
    &[("low-first", ByteOrder::LowFirst), ("high-first", ByteOrder::HighFirst)];
const LENGTHS: &[(&str, LengthEncoding)] = &[
    ("u8", LengthEncoding::U8),
    ("u16le", LengthEncoding::U16Le),
    ("u16be", LengthEncoding::U16Be),
    ("bcd", LengthEncoding::Bcd),
    ("ascii", LengthEncoding::Ascii),
    ("nibble30", LengthEncoding::Nibble30),
];
const RETURNS: &[(&str, CarriageReturn)] =
    &[("delimiter", CarriageReturn::Delimiter), ("ignore", CarriageReturn::Ignore)];
/// Whether the check stands before the end mark.
const PLACES: &[(&str, bool)] = &[("after-end", false), ("before-end", true)];

/// The options for frames of this kind.
pub fn frames(read: Reader<'_>, kind: &str, place: &Place) -> Option<FramerOptions> {
    let raw = read.raw;
    let usual = FramerOptions::default();
    let check = raw.check.as_ref().map(|raw| check(raw, read.remarks));
    let kind = match kind {
        "line" => FrameKind::Line(line(read)),
        "delimited" => FrameKind::Delimited(delimited(read, check)),
        "dle" => FrameKind::Dle(dle(read, check)),
        "length" => FrameKind::Length(length(read, check)),
        "idle" => FrameKind::Idle(IdleOptions { gap: read.silence("gap_ms", limits::FRAME_GAP) }),
        "fixed" => FrameKind::Fixed(FixedOptions {
            size: read.number("size", 1..=limits::FRAME_BYTES_MAX as u64, 0),
        }),
        _ => return None,
    };
    let options = FramerOptions {
        kind,
        max_frame: read.number("max_frame", 1..=limits::FRAME_BYTES_MAX as u64, usual.max_frame),
        idle: read.silence("payload_idle_ms", usual.idle),
        singles: raw.bytes("singles").map_or(usual.singles, |(bytes, _)| bytes),
        repeat: RepeatOptions {
            after_nak: one_byte(read, "repeat_after_nak"),
            numbered: raw.flag("numbered").unwrap_or(false),
        },
        strip_bit7: raw.flag("bit7").unwrap_or(false),
    };
    if let Err(error) = crate::decode::frame::Framer::new(options.clone()) {
        read.remarks.mistake(place, Fault::new(error.to_string()));
    }
    Some(options)
}

fn line(read: Reader<'_>) -> LineOptions {
    let usual = LineOptions::default();
    LineOptions {
        delims: read.raw.bytes("delims").map_or(usual.delims, |(bytes, _)| bytes),
        max_len: read.number("max_len", 1..=limits::FRAME_BYTES_MAX as u64, usual.max_len),
        cr: read.one_of("cr", RETURNS, "carriage return mode").unwrap_or(usual.cr),
    }
}

fn delimited(read: Reader<'_>, check: Option<CheckOptions>) -> DelimitedOptions {
    let usual = DelimitedOptions::default();
    let raw = read.raw;
    DelimitedOptions {
        start: raw.bytes("start").map_or(usual.start, |(bytes, _)| bytes),
        end: raw.bytes("end").map_or(usual.end, |(bytes, _)| bytes),
        escape: one_byte(read, "escape"),
        start_in_data: raw.flag("start_in_data").unwrap_or(usual.start_in_data),
        check,
        place: check_place(raw.check.as_ref(), read.remarks),
    }
}

fn dle(read: Reader<'_>, check: Option<CheckOptions>) -> DleOptions {
    let usual = DleOptions::default();
    DleOptions {
        dle: one_byte(read, "dle").unwrap_or(usual.dle),
        stx: one_byte(read, "stx").unwrap_or(usual.stx),
        etx: one_byte(read, "etx").unwrap_or(usual.etx),
        check,
        check_escaped: read.raw.flag("check_escaped").unwrap_or(usual.check_escaped),
    }
}

fn length(read: Reader<'_>, check: Option<CheckOptions>) -> LengthOptions {
    let usual = LengthOptions::default();
    let raw = read.raw;
    let bias = raw.signed("bias").map_or(Some(usual.bias), |(bias, place)| {
        let bias = i32::try_from(bias).ok();
        if bias.is_none() {
            read.remarks.mistake(&place, Fault::new("`bias` is too large"));
        }
        bias
    });
    LengthOptions {
        start: raw.bytes("start").map_or(usual.start, |(bytes, _)| bytes),
        offset: read.number("offset", 0..=limits::FRAME_BYTES as u64, usual.offset),
        width: read.number("width", 1..=6, usual.width),
        encoding: read.one_of("encoding", LENGTHS, "encoding").unwrap_or(usual.encoding),
        bias: bias.unwrap_or(usual.bias),
        tail: raw.bytes("tail").map_or(usual.tail, |(bytes, _)| bytes),
        check,
    }
}

fn check(raw: &RawCheck, remarks: &Remarks<'_>) -> CheckOptions {
    let usual = CheckOptions::default();
    let seed = raw.seed.as_ref().map(|(seed, place)| {
        let seed = u16::try_from(*seed).ok();
        if seed.is_none() {
            remarks.mistake(place, Fault::new("`seed` must be 0 to 65535"));
        }
        seed.unwrap_or_default()
    });
    let algorithm = raw.algorithm.as_ref();
    let encoding = raw.encoding.as_ref();
    let order = raw.order.as_ref();
    CheckOptions {
        algorithm: algorithm
            .and_then(|name| lookup(name, ALGORITHMS, "check", remarks))
            .unwrap_or(usual.algorithm),
        seed: seed.unwrap_or(usual.seed),
        include_start: raw.include_start.unwrap_or(usual.include_start),
        include_end: raw.include_end.unwrap_or(usual.include_end),
        over_escaped: raw.over_escaped.unwrap_or(usual.over_escaped),
        encoding: encoding
            .and_then(|name| lookup(name, ENCODINGS, "encoding", remarks))
            .unwrap_or(usual.encoding),
        order: order.and_then(|name| lookup(name, ORDERS, "order", remarks)).unwrap_or(usual.order),
    }
}

fn check_place(raw: Option<&RawCheck>, remarks: &Remarks<'_>) -> CheckPlace {
    let before = raw.and_then(|raw| raw.place.as_ref());
    match before.and_then(|name| lookup(name, PLACES, "place", remarks)) {
        Some(true) => {
            let mark = raw.and_then(|raw| raw.mark.as_ref());
            CheckPlace::BeforeEnd { mark: mark.and_then(|mark| mark.first().copied()) }
        }
        _ => CheckPlace::AfterEnd,
    }
}

fn one_byte(read: Reader<'_>, key: &str) -> Option<u8> {
    let (bytes, place) = read.raw.bytes(key)?;
    if let [byte] = *bytes.as_slice() {
        return Some(byte);
    }
    read.remarks.mistake(&place, Fault::new(format!("`{key}` is one byte")));
    None
}
