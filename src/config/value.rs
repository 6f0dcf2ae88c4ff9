//! Readers of single values: from what is written to what is meant.
//!
//! Each is a function from a TOML value to a checked one, or what is wrong with it; none knows where it stands.

use std::net::{IpAddr, SocketAddr};
use std::path::{Component, PathBuf};
use std::time::Duration;

use tillgate_events::Currency;

use super::model::{LineFormat, Parity};
use crate::decode::codepage::CodePage;
use crate::limits;
use crate::spanned::{Fault, Value, did_you_mean, quote};

/// Characters of a name or a label.
const NAME_CHARS: usize = 64;

/// ISO 4217, the currencies in use.
const CURRENCIES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
    GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD \
    KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR \
    NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN \
    SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF \
    XPF YER ZAR ZMW ZWG";

/// What may stand in a topic as one level: letters, digits, `-`, `_`, `.`.
pub fn name(value: Value<'_>) -> Result<String, Fault> {
    let text = value.str()?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if text.is_empty() || text.len() > NAME_CHARS || !text.chars().all(allowed) {
        let fault = Fault::new(format!("{} cannot be part of a topic", quote(text)));
        return Err(fault.hint("1 to 64 letters, digits, `-`, `_` and `.`"));
    }
    Ok(text.to_owned())
}

/// Words for people: not empty, no control characters.
pub fn label(value: Value<'_>) -> Result<String, Fault> {
    let text = value.str()?;
    let length = text.chars().count();
    if text.trim().is_empty() || length > NAME_CHARS || text.chars().any(char::is_control) {
        let fault = Fault::new(format!("{} is no name", quote(text)));
        return Err(fault.hint("1 to 64 characters"));
    }
    Ok(text.to_owned())
}

/// `04:00`: how long after midnight the shop's day begins.
pub fn business_day_starts(value: Value<'_>) -> Result<Duration, Fault> {
    let text = value.str()?;
    let number = |text: &str| -> Option<u64> {
        let digits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    let time = text.split_once(':').and_then(|(hour, minute)| {
        let (hour, minute) = (number(hour)?, number(minute)?);
        (minute < 60).then(|| Duration::from_secs((hour * 60 + minute) * 60))
    });
    time.filter(|time| *time <= limits::BUSINESS_DAY_STARTS).ok_or_else(|| {
        let fault = Fault::new(format!("{} is no time at which a shop's day begins", quote(text)));
        fault.hint("a time from \"00:00\" to \"12:00\", as \"04:00\"")
    })
}

/// An absolute path without `..`.
pub fn path(value: Value<'_>) -> Result<PathBuf, Fault> {
    let text = value.str()?;
    let path = PathBuf::from(text);
    if !path.is_absolute() || text.contains('\0') {
        let fault = Fault::new(format!("{} is not an absolute path", quote(text)));
        return Err(fault.hint("begin it with `/`"));
    }
    if path.components().any(|part| part == Component::ParentDir) {
        return Err(Fault::new(format!("{} has `..` in it", quote(text))));
    }
    Ok(path)
}

/// Where the broker is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerUrl {
    /// Its name or address.
    pub host: String,
    /// Its TCP port.
    pub port: u16,
    /// `mqtts://`.
    pub tls: bool,
}

/// `mqtts://host[:port]`, or `mqtt://` for a broker on loopback.
pub fn broker_url(value: Value<'_>) -> Result<BrokerUrl, Fault> {
    broker_url_text(value.str()?)
}

/// The same, of a text.
pub fn broker_url_text(text: &str) -> Result<BrokerUrl, Fault> {
    let form = "write it as mqtts://broker.example.net:8883";
    if text.contains('@') {
        let fault = Fault::new("a URL with a user or password in it").secret();
        return Err(fault.hint("use `username` and `password_file`"));
    }
    let bad = |what: &str| Fault::new(format!("{} {what}", quote(text))).hint(form);
    let (tls, rest) = if let Some(rest) = text.strip_prefix("mqtts://") {
        (true, rest)
    } else if let Some(rest) = text.strip_prefix("mqtt://") {
        (false, rest)
    } else {
        return Err(bad("does not begin with mqtts:// or mqtt://"));
    };
    let (host, port) = host_and_port(rest).ok_or_else(|| bad("is not scheme://host:port"))?;
    let port = port.unwrap_or(if tls { 8883 } else { 1883 });
    if !tls && !is_loopback(host) {
        let fault = Fault::new(format!("mqtt:// to {} would send in the clear", quote(host)));
        return Err(fault.hint("use mqtts://; mqtt:// is only for a broker on this machine"));
    }
    Ok(BrokerUrl { host: host.to_owned(), port, tls })
}

fn host_and_port(rest: &str) -> Option<(&str, Option<u16>)> {
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match rest.strip_prefix('[') {
        Some(v6) => {
            let (host, after) = v6.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, if after.is_empty() { None } else { Some(after.strip_prefix(':')?) })
        }
        None => rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
            Some(digits.parse().ok().filter(|port: &u16| *port > 0)?)
        }
        Some(_) => return None,
        None => None,
    };
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | ':' | '_');
    (!host.is_empty() && host.len() <= 253 && host.chars().all(allowed)).then_some((host, port))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Seconds between two messages on `…/health`, or 0 for none.
pub fn health_interval(value: Value<'_>) -> Result<u64, Fault> {
    match value.integer(0..=86_400)? {
        1..=4 => {
            Err(Fault::new("less than 5 seconds").hint("0 for no health messages, else 5 to 86400"))
        }
        seconds => Ok(seconds),
    }
}

/// `127.0.0.1:9184`: an address of this machine alone, with a port.
pub fn listen(value: Value<'_>) -> Result<SocketAddr, Fault> {
    let text = value.str()?;
    let Ok(address) = text.parse::<SocketAddr>() else {
        let fault = Fault::new(format!("{} is no address with a port", quote(text)));
        return Err(fault.hint("as \"127.0.0.1:9184\" or \"[::1]:9184\""));
    };
    if !address.ip().is_loopback() {
        let fault = Fault::new(format!("{} would let the network in", quote(text)));
        return Err(fault.hint("metrics are told to this machine alone: 127.0.0.1 or [::1]"));
    }
    if address.port() == 0 {
        return Err(Fault::new("port 0 is none that could be asked").hint("as \"127.0.0.1:9184\""));
    }
    Ok(address)
}

/// `"512MiB"` or a number of bytes, within `low` to `high` bytes.
pub fn size(value: Value<'_>, low: u64, high: u64) -> Result<u64, Fault> {
    let (shown, bytes) = match value.str() {
        Ok(text) => (quote(text), size_in_words(text)?),
        Err(_) => {
            let bytes: u64 = value.integer(0..=u64::MAX)?;
            (format!("`{bytes}`"), bytes)
        }
    };
    if !(low..=high).contains(&bytes) {
        let range = format!("{} MiB to {} GiB", low >> 20, high >> 30);
        return Err(Fault::new(format!("{shown} is not within {range}")));
    }
    Ok(bytes)
}

fn size_in_words(text: &str) -> Result<u64, Fault> {
    const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let unit = UNITS.iter().find_map(|(unit, shift)| Some((text.strip_suffix(unit)?, *shift)));
    let bytes = unit
        .and_then(|(digits, shift)| digits.trim_end().parse::<u64>().ok()?.checked_mul(1 << shift));
    let fault = || Fault::new(format!("{} is not a size", quote(text)));
    bytes.ok_or_else(|| fault().hint("write \"512MiB\" or \"2GiB\""))
}

/// `8N1`, `7E1` and so on.
pub fn line_format(value: Value<'_>) -> Result<LineFormat, Fault> {
    let text = value.str()?;
    let parse = || {
        let [data, parity, stop] = text.as_bytes() else { return None };
        let parity = match parity {
            b'N' => Parity::None,
            b'E' => Parity::Even,
            b'O' => Parity::Odd,
            _ => return None,
        };
        let (b'7' | b'8', b'1' | b'2') = (data, stop) else { return None };
        Some(LineFormat { data_bits: data - b'0', parity, stop_bits: stop - b'0' })
    };
    parse().ok_or_else(|| {
        let fault = Fault::new(format!("{} is no line format", quote(text)));
        fault.hint("data bits 7 or 8, parity N, E or O, stop bits 1 or 2: \"8N1\", \"7E1\"")
    })
}

/// An ISO 4217 code.
pub fn currency(value: Value<'_>) -> Result<Currency, Fault> {
    let text = value.str()?;
    let known = || CURRENCIES.split_ascii_whitespace();
    known().find(|code| *code == text).and_then(Currency::new).ok_or_else(|| {
        let hint = did_you_mean(text, known());
        let fault = Fault::new(format!("{} is no currency of ISO 4217", quote(text)));
        fault.hint(hint.unwrap_or_else(|| "three capital letters, as \"EUR\"".to_owned()))
    })
}

/// `N` bytes in hexadecimal, with dashes where `dashes` (a UUID) is set.
pub fn hex<const N: usize>(value: Value<'_>, dashes: bool) -> Result<[u8; N], Fault> {
    let text = value.str()?;
    let uuid_shape = || {
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        parts == [8, 4, 4, 4, 12] || parts == [32]
    };
    let digits: String = text.chars().filter(|c| !(dashes && *c == '-')).collect();
    let bytes = unhex(&digits).and_then(|bytes| bytes.try_into().ok());
    bytes.filter(|_| !dashes || uuid_shape()).ok_or_else(|| {
        let fault = Fault::new(format!("{} is not {N} bytes in hexadecimal", quote(text)));
        fault.hint(if dashes {
            "a UUID, as \"f7826da6-4fa2-4e98-8024-bc5b71e0893e\"".to_owned()
        } else {
            format!("{} digits from 0-9 and a-f", 2 * N)
        })
    })
}

pub(super) fn unhex(digits: &str) -> Option<Vec<u8>> {
    let nibbles: Option<Vec<u32>> = digits.chars().map(|c| c.to_digit(16)).collect();
    let nibbles = nibbles.filter(|all| all.len() % 2 == 0)?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    };
    nibbles.chunks(2).map(byte).collect()
}

/// The decimal sign on this till's receipts.
pub fn decimal(value: Value<'_>) -> Result<char, Fault> {
    value.one_of(&[(",", ','), (".", '.')])
}

/// A code page that can be decoded: `cp858`, `windows-1252`, `shift_jis`.
pub fn code_page(value: Value<'_>) -> Result<String, Fault> {
    let text = value.str()?;
    if CodePage::named(text).is_none() {
        let fault = Fault::new(format!("{} is no code page known here", quote(text)));
        return Err(fault.hint("for instance \"cp858\", \"windows-1252\" or \"shift_jis\""));
    }
    Ok(text.to_owned())
}
