//! Rows of paper as a till sends them: two styles of ESC/POS, and plain text.
//!
//! The two styles are those that tills use: columns made with spaces, and columns made by moving the print
//! position (`ESC $`) without a single space between them.

use super::receipt::{NAME_WIDTH, Row, WIDTH};

/// How a till prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// ESC/POS, columns by spaces.
    Columns,
    /// ESC/POS, columns by position.
    Positioned,
    /// Text lines with CR LF, as a journal printer or a camera system gets them.
    Plain,
}

/// Dots of one character in font A.
const CELL_DOTS: usize = 12;

/// `ESC @`, initialise; `ESC t 19`, code page 858.
const START: &[u8] = b"\x1b@\x1bt\x13";
/// `ESC p 0`, a pulse on the drawer's pin 2: on 50 ms, off 500 ms.
const KICK: &[u8] = b"\x1bp\x00\x19\xfa";
/// `GS V 66 0`, feed and cut.
const CUT: &[u8] = b"\x1dVB\x00";

/// All bytes of a document.
pub fn document(style: Style, rows: &[Row], kick: bool) -> Vec<u8> {
    let mut out = Vec::new();
    if style == Style::Plain {
        rows.iter().for_each(|row| plain(row, &mut out));
        out.extend_from_slice(b"\r\n\r\n");
        return out;
    }
    out.extend_from_slice(START);
    rows.iter().for_each(|row| escpos(style, row, &mut out));
    if kick {
        out.extend_from_slice(KICK);
    }
    out.extend_from_slice(CUT);
    out
}

fn plain(row: &Row, out: &mut Vec<u8>) {
    let line = match row {
        Row::Logo | Row::Barcode(_) | Row::Qr(_) => return,
        Row::Title(text) | Row::Centre(text) => format!("{:^WIDTH$}", ascii(text)),
        Row::Left(text) => ascii(text),
        Row::Item { name, detail, amount } => columns(&ascii(name), detail, amount),
        Row::Pair { left, right } | Row::Total { left, right } => columns(&ascii(left), "", right),
        Row::Rule => "-".repeat(WIDTH),
        Row::Blank => String::new(),
    };
    out.extend_from_slice(line.trim_end().as_bytes());
    out.extend_from_slice(b"\r\n");
}

fn escpos(style: Style, row: &Row, out: &mut Vec<u8>) {
    match row {
        Row::Logo => return logo(out),
        Row::Barcode(data) => return barcode(data, out),
        Row::Qr(data) => return qr(data, out),
        Row::Title(text) => {
            return around(
                b"\x1ba\x01\x1bE\x01\x1d!\x11",
                text,
                b"\n\x1d!\x00\x1bE\x00\x1ba\x00",
                out,
            );
        }
        Row::Centre(text) => return around(b"\x1ba\x01", text, b"\n\x1ba\x00", out),
        Row::Left(text) => encode(text, out),
        Row::Item { name, detail, amount } => fields(style, name, detail, amount, out),
        Row::Pair { left, right } => fields(style, left, "", right, out),
        Row::Total { left, right } => {
            out.extend_from_slice(b"\x1bE\x01\x1d!\x01");
            fields(style, left, "", right, out);
            return out.extend_from_slice(b"\n\x1d!\x00\x1bE\x00");
        }
        Row::Rule => encode(&"-".repeat(WIDTH), out),
        Row::Blank => {}
    }
    out.push(b'\n');
}

fn around(before: &[u8], text: &str, after: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(before);
    encode(text, out);
    out.extend_from_slice(after);
}

fn fields(style: Style, left: &str, middle: &str, right: &str, out: &mut Vec<u8>) {
    if style == Style::Columns {
        return encode(&columns(left, middle, right), out);
    }
    encode(left, out);
    if !middle.is_empty() {
        position(NAME_WIDTH + 1, out);
        encode(middle, out);
    }
    position(WIDTH - right.chars().count().min(WIDTH), out);
    encode(right, out);
}

/// `ESC $ nL nH`, to a column.
fn position(column: usize, out: &mut Vec<u8>) {
    let [low, high] = ((column * CELL_DOTS) as u16).to_le_bytes();
    out.extend_from_slice(&[0x1b, b'$', low, high]);
}

fn columns(left: &str, middle: &str, right: &str) -> String {
    if middle.is_empty() {
        let width = WIDTH - right.chars().count().min(WIDTH);
        format!("{left:<width$}{right}")
    } else {
        let width = WIDTH - NAME_WIDTH - 9;
        format!("{left:<NAME_WIDTH$}{middle:>width$}{right:>9}")
    }
}

/// `GS v 0`: a raster of 16 x 32 bytes, 128 by 32 dots.
fn logo(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1ba\x01\x1dv0\x00\x10\x00\x20\x00");
    // A pattern that contains every byte value twice: also those that look like commands.
    out.extend((0..512_u16).map(|n| n as u8));
    out.extend_from_slice(b"\n\x1ba\x00");
}

/// `GS k 73`: Code 128, code set B.
fn barcode(data: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1dh\x3c\x1dw\x02\x1dkI");
    out.push((data.len() + 2) as u8);
    out.extend_from_slice(b"{B");
    out.extend_from_slice(data.as_bytes());
    out.push(b'\n');
}

/// `GS ( k`: model 2, size 4, error level M, store, print.
fn qr(data: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\x1d(k\x04\x001A2\x00\x1d(k\x03\x001C\x04\x1d(k\x03\x001E1");
    let [low, high] = ((data.len() + 3) as u16).to_le_bytes();
    out.extend_from_slice(&[0x1d, b'(', b'k', low, high]);
    out.extend_from_slice(b"1P0");
    out.extend_from_slice(data.as_bytes());
    out.extend_from_slice(b"\x1d(k\x03\x001Q0\n");
}

/// Code page 858 for what the store prints.
const CP858: [(char, u8); 11] = [
    ('ä', 0x84),
    ('ö', 0x94),
    ('ü', 0x81),
    ('Ä', 0x8e),
    ('Ö', 0x99),
    ('Ü', 0x9a),
    ('ß', 0xe1),
    ('é', 0x82),
    ('è', 0x8a),
    ('à', 0x85),
    ('€', 0xd5),
];

fn encode(text: &str, out: &mut Vec<u8>) {
    out.extend(text.chars().map(|char| {
        let in_page = CP858.iter().find(|(known, _)| *known == char).map(|(_, byte)| *byte);
        in_page.or(u8::try_from(char).ok().filter(u8::is_ascii)).unwrap_or(b'?')
    }));
}

/// As a till without code pages spells it.
pub fn ascii(text: &str) -> String {
    let mut out = String::new();
    for char in text.chars() {
        match char {
            'ä' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'é' | 'è' => out.push('e'),
            '€' => out.push_str("EUR"),
            _ => out.push(if char.is_ascii() { char } else { '?' }),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::catalog::ARTICLES;

    fn item() -> Row {
        Row::Item { name: "Käse".into(), detail: "2 x 2.89".into(), amount: "5.78".into() }
    }

    #[test]
    fn columns_are_padded_to_the_width_of_the_paper() {
        let bytes = document(Style::Columns, &[item()], false);
        let line = b"K\x84se                     2 x 2.89     5.78\n";
        assert_eq!(line.len(), WIDTH + 1);
        assert_eq!(bytes, [START, line, CUT].concat());
    }

    #[test]
    fn positioned_columns_hold_no_space_between_them() {
        let bytes = document(Style::Positioned, &[item()], true);
        let line = b"K\x84se\x1b$\xb4\x002 x 2.89\x1b$\xc8\x015.78\n";
        assert_eq!(bytes, [START, line, KICK, CUT].concat());
    }

    #[test]
    fn plain_text_is_ascii_with_crlf() {
        let bytes = document(Style::Plain, &[Row::Logo, item(), Row::Rule], true);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.is_ascii());
        assert_eq!(text.lines().next(), Some("Kaese                    2 x 2.89     5.78"));
        assert!(text.split_inclusive('\n').all(|line| line.ends_with("\r\n")));
    }

    #[test]
    fn every_name_fits_its_column_and_its_code_page() {
        for article in &ARTICLES {
            assert!(ascii(article.name).len() <= NAME_WIDTH, "{}", article.name);
            let mut bytes = Vec::new();
            encode(article.name, &mut bytes);
            assert!(!bytes.contains(&b'?'), "{}", article.name);
        }
    }
}
