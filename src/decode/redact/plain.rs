//! Folding: one way of writing for the many that printers have, one character for one.
//!
//! Digits of every code page that printers use become ASCII digits, full-width characters their ASCII
//! counterparts, spaces and dashes of all widths a space and a hyphen. Line ends stay. What cannot be seen
//! (zero-width characters) is taken out of a line before anything looks at it.

/// Zeros of the scripts whose digits are in code pages of printers and journals: Arabic, Persian,
/// Devanagari, Bengali, Thai, Lao.
const ZEROS: &[char] = &['\u{660}', '\u{6F0}', '\u{966}', '\u{9E6}', '\u{E50}', '\u{ED0}'];

/// `text` as the finders read it; as many characters as `text` has.
pub(super) fn fold(text: &[char]) -> Vec<char> {
    text.iter().map(|c| folded(*c)).collect()
}

fn folded(c: char) -> char {
    match c {
        '\n' | ' '..='~' => c,
        '\u{FF01}'..='\u{FF5E}' => ascii(u32::from(c) - 0xFEE0),
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{FE58}' | '\u{FE63}' => '-',
        '·' | '\u{2219}' | '\u{22C5}' | '\u{30FB}' | '\u{FF65}' => '.',
        _ if c.is_whitespace() => ' ',
        _ => ZEROS
            .iter()
            .find(|zero| (**zero..=last(**zero)).contains(&c))
            .map_or(c, |zero| ascii(u32::from('0') + u32::from(c) - u32::from(*zero))),
    }
}

/// The digit nine of a script.
fn last(zero: char) -> char {
    char::from_u32(u32::from(zero) + 9).unwrap_or(zero)
}

fn ascii(value: u32) -> char {
    u8::try_from(value).map_or('\u{FFFD}', char::from)
}

/// Whether `c` takes no place on paper, so that it can only hide something.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}
