//! Scans that name a person: driving licences, passports, boarding passes, contact cards, payment slips.
//!
//! Of those nothing is kept, only that one was scanned. Detection errs on the side of dropping: a shop's own
//! barcodes do not begin like these. Many of them have line ends inside, so the decoder must drop what follows
//! in the same burst as well.
//!
//! Source: AAMVA DL/ID Card Design Standard, annex D (`@` LF RS CR `ANSI `; earlier ones `AAMVA`); ICAO 9303
//! (machine-readable zones); the Argentine DNI; IATA resolution 792 (boarding passes); EPC069-12 (`BCD`); RFC 6350.

/// How such a payload begins, in upper case.
const STARTS: [&str; 7] =
    ["BEGIN:VCARD", "BEGIN:VEVENT", "MECARD:", "BIZCARD:", "BCD\n00", "BCD\r\n00", "HC1:"];

/// What stands in the head of a driving licence, also behind a letter or a preamble nobody told of.
const LICENCES: [&str; 2] = ["ANSI 6", "AAMVA"];

/// Characters looked at for a start: controls and an `@` may stand before it.
const HEAD: usize = 24;

/// Line lengths of machine-readable zones.
const ZONES: [usize; 3] = [30, 36, 44];

/// Whether `data`, without framing and identifiers, names a person or begins to.
#[must_use]
pub fn is_personal(data: &str) -> bool {
    let head: String = data.chars().take(HEAD).collect::<String>().to_ascii_uppercase();
    let bare = head.trim_start_matches(|c: char| c == '@' || c.is_control() || c == ' ');
    let licence = head
        .strip_prefix('@')
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_control));
    let inside = LICENCES.iter().any(|word| head.contains(word));
    // A payment slip is cut after its first line.
    let slip = head == "BCD";
    let start = slip || STARTS.iter().any(|start| bare.starts_with(start));
    licence || inside || start || is_zone(data) || is_pass(data) || is_card(data)
}

/// Whether `data` is a line from the inside of a driving licence: `DAQ`, `DCS`, … or `ZNA`, ….
#[must_use]
pub fn is_licence_line(data: &str) -> bool {
    let mut head = data.trim_start_matches(char::is_control).chars();
    match (head.next(), head.next(), head.next()) {
        (Some('D'), Some('A'..='D' | 'L'), Some(c)) => c.is_ascii_uppercase(),
        (Some('Z'), Some(state), Some(c)) => state.is_ascii_uppercase() && c.is_ascii_uppercase(),
        _ => false,
    }
}

/// Whether the data of this application identifier names a person or tells where one lives.
#[must_use]
pub fn is_personal_ai(code: &str) -> bool {
    matches!(code.parse(), Ok(4300..=4319 | 7250..=7259))
}

/// A line of a passport or an identity card.
fn is_zone(data: &str) -> bool {
    data.lines().any(|line| {
        let zone = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'<';
        ZONES.contains(&line.len()) && line.contains("<<") && line.bytes().all(zone)
    })
}

/// A South American identity card: fields between `@`, surname, names and sex among them.
fn is_card(data: &str) -> bool {
    let fields: Vec<&str> = data.split('@').collect();
    let name =
        |field: &str| field.len() > 1 && field.chars().all(|c| c.is_alphabetic() || c == ' ');
    fields.len() > 5
        && fields.windows(3).any(|three| match three {
            [surname, names, "M" | "F" | "X"] => name(surname) && name(names),
            _ => false,
        })
}

/// A boarding pass: `M`, number of legs, the name in twenty characters, `E` for an electronic ticket.
fn is_pass(data: &str) -> bool {
    let mut chars = data.chars();
    let legs = (chars.next(), chars.next());
    let name: String = chars.by_ref().take(20).collect();
    matches!(legs, (Some('M'), Some('1'..='4')))
        && name.contains('/')
        && name.chars().all(|c| c.is_ascii_uppercase() || " /-.'".contains(c))
        && matches!(chars.next(), Some('E' | ' '))
        && data.len() >= 58
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_persons_are_known_by_how_they_begin() {
        for data in [
            "@\n\u{1e}\rANSI 636014040002DL00410278ZV03190008DLDAQD1234",
            "@\n\u{1c}\rAAMVA6360",
            "@",
            "@\n\u{1e}",
            "@ANSI 6360",
            "ANSI 636014",
            "r@ANSI 636014",
            "\u{1e}\rANSI 636014",
            "begin:vcard\nN:Doe",
            "MECARD:N:Doe;",
            "BCD\n002\n1\nSCT",
            "BCD",
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
            "00123456789@PEREZ@JUAN CARLOS@M@12345678@A@01/01/1980",
            "M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 226F001A0025 100",
        ] {
            assert!(is_personal(data), "{data:?}");
        }
    }

    #[test]
    fn goods_are_not() {
        for data in [
            "",
            "5901234123457",
            "@ABC123",
            "M1/ABC",
            "ANSI",
            "https://example.com",
            "A<<B",
            "0107032069804988",
            "BCD1",
            "A@B@C@D@E@F",
        ] {
            assert!(!is_personal(data), "{data:?}");
        }
    }

    #[test]
    fn lines_from_inside_a_licence_are_known() {
        assert!(
            ["DAQD1234", "DCSSMITH", "ZVA01", "\u{1e}DAG1 ROAD"].iter().all(|d| is_licence_line(d))
        );
        assert!(!["D1", "DA", "Z1A", "5901234123457", ""].iter().any(|d| is_licence_line(d)));
    }

    #[test]
    fn addresses_and_names_in_element_strings_are_personal() {
        assert!(["4300", "4308", "7253"].iter().all(|code| is_personal_ai(code)));
        assert!(!["01", "4320", "7240"].iter().any(|code| is_personal_ai(code)));
    }
}
