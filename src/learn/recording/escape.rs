//! Text on one line: control characters and backslashes are written as `\u{1b}`.

use std::fmt::Write as _;

/// `text` without control characters and backslashes.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\\' || c.is_control() {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// What was escaped.
///
/// # Errors
/// When a backslash is none of [`escaped`].
pub fn unescaped(text: &str) -> Result<String, &'static str> {
    const WRONG: &str = "a backslash is written as \\u{5c}";
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        let (digits, behind) =
            after.strip_prefix("u{").and_then(|after| after.split_once('}')).ok_or(WRONG)?;
        let code = u32::from_str_radix(digits, 16).map_err(|_| WRONG)?;
        out.push_str(before);
        out.push(char::from_u32(code).ok_or(WRONG)?);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}
