//! `%{name}` and `%{name:capture}` in patterns.
//!
//! Built-in names follow the locale, so the same rules read a decimal point and a decimal comma. The file's
//! own word lists (`[words]`) may use the built-in ones and each other, a few levels deep.

use std::collections::BTreeMap;

use regex_syntax::hir::Hir;
use regex_syntax::{ParserBuilder, ast};
use tillgate_events::Currency;

use super::{Locale, classes};
use crate::limits;
use crate::spanned::quote;

/// How deep word lists may stand in each other.
const DEPTH: usize = 8;

/// Parts of patterns by name.
#[derive(Debug)]
pub struct Macros {
    parts: BTreeMap<String, String>,
}

impl Macros {
    /// The built-in parts; `tender` is the alternation of all tender words.
    pub fn new(locale: &Locale, own: Currency, tender: &str) -> Self {
        let (currency, behind) = currency(own);
        let exact = number(locale, &exact_decimals(locale, own));
        let loose = number(locale, &format!("(?:{}[0-9]{{1,4}})?", decimal(locale)));
        let amount = format!("(?:{currency}\\s*)?{exact}(?:\\s?{behind})?");
        let decimals = format!("(?:{}[0-9]{{1,3}})?", decimal(locale));
        let parts = [
            (
                "money",
                format!(
                    "(?:\\(\\s?(?:{currency}\\s*)?{exact}\\s?\\)|[*=]?[-+\u{2212}]?(?:{currency}\\s*)?[-\u{2212}]?{exact}(?:\\s?{behind})?(?:\\s?-|\\s?CR\\b)?)"
                ),
            ),
            (
                "negative",
                format!(
                    "(?:\\(\\s?{amount}\\s?\\)|[-\u{2212}]{amount}|{currency}\\s*[-\u{2212}]{exact}|{amount}(?:\\s?-|\\s?CR\\b))"
                ),
            ),
            ("price", format!("(?:(?:{currency}\\s*)?(?:{loose})(?:\\s?{behind})?)")),
            ("qty", format!("-?[0-9]{{1,4}}{decimals}")),
            ("int", "[0-9]{1,4}".to_owned()),
            ("weight", format!("[0-9]{{1,4}}{decimals}\\s?(?:kgs?|gr?|gm|lbs?|oz)\\b")),
            ("percent", "[0-9]{1,3}(?:[.,][0-9]{1,2})?\\s?%".to_owned()),
            ("currency", currency.clone()),
            // Between a number and an amount: where a space groups thousands, one is not enough.
            ("gap", if locale.group.contains(&' ') { "\\s{2,}" } else { "\\s+" }.to_owned()),
            ("date", dates(&locale.dates)),
            (
                "time",
                "\\b[0-9]{1,2}(?::[0-9]{2}(?::[0-9]{2})?(?:\\s?[ap]\\.?m\\b)?|h[0-9]{2}\\b)"
                    .to_owned(),
            ),
            ("tender", tender.to_owned()),
        ];
        Self { parts: parts.map(|(name, part)| (name.to_owned(), part)).into() }
    }

    /// The names of all parts.
    #[cfg(test)]
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.keys().map(String::as_str)
    }

    /// Adds the file's word lists; false for a name that is taken.
    pub fn define(&mut self, name: &str, part: &str) -> bool {
        let free = !self.parts.contains_key(name);
        if free {
            self.parts.insert(name.to_owned(), part.to_owned());
        }
        free
    }

    /// A pattern with all its parts filled in, or what is wrong with it.
    pub fn expand(&self, pattern: &str) -> Result<String, String> {
        let mut out = String::with_capacity(pattern.len() * 4);
        self.expand_into(pattern, DEPTH, &mut out)?;
        Ok(out)
    }

    /// The syntax of a pattern with all its parts, ignoring case, or what is wrong with it.
    pub fn parse(&self, pattern: &str) -> Result<Hir, String> {
        let source = classes::narrow(&self.expand(pattern)?);
        let parsed = ParserBuilder::new().case_insensitive(true).build().parse(&source);
        parsed.map_err(|error| told(&error, pattern))
    }

    fn expand_into(&self, pattern: &str, depth: usize, out: &mut String) -> Result<(), String> {
        let mut rest = pattern;
        while let Some((before, after)) = rest.split_once("%{") {
            let (inside, behind) =
                after.split_once('}').ok_or_else(|| "`%{` without its `}`".to_owned())?;
            let (name, capture) = match inside.split_once(':') {
                Some((name, capture)) => (name, Some(capture)),
                None => (inside, None),
            };
            let part = self.parts.get(name).ok_or_else(|| self.unknown(name))?;
            let depth =
                depth.checked_sub(1).ok_or_else(|| format!("`%{{{name}}}` contains itself"))?;
            out.push_str(before);
            match capture {
                Some(capture) => {
                    out.push_str(&format!("(?P<{capture}>"));
                }
                None => out.push_str("(?:"),
            }
            self.expand_into(part, depth, out)?;
            out.push(')');
            rest = behind;
        }
        out.push_str(rest);
        if out.len() > limits::PATTERN_BYTES {
            return Err(format!("longer than {} bytes with its parts", limits::PATTERN_BYTES));
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<&str> = self.parts.keys().map(String::as_str).collect();
        format!("unknown part `%{{{name}}}`; there are: {}", names.join(", "))
    }
}

fn decimal(locale: &Locale) -> String {
    regex_syntax::escape(&locale.decimal.to_string())
}

/// Currencies that have decimals which shops seldom print.
const SELDOM_PRINTED: [&str; 5] = ["COP", "CRC", "HUF", "IDR", "TWD"];

/// The decimals that every amount of the currency has.
fn exact_decimals(locale: &Locale, own: Currency) -> String {
    match locale.minor {
        0 => String::new(),
        minor if SELDOM_PRINTED.contains(&own.code()) => {
            format!("(?:{}[0-9]{{{minor}}})?", decimal(locale))
        }
        minor => format!("{}[0-9]{{{minor}}}", decimal(locale)),
    }
}

/// Grouped or plain digits, then decimals; `.50` without a leading digit too.
fn number(locale: &Locale, decimals: &str) -> String {
    let mut group = String::new();
    for c in &locale.group {
        match c {
            ' ' => group.push_str(" \u{a0}\u{202f}"),
            '\'' => group.push_str("'\u{2019}"),
            c => group.push_str(&regex_syntax::escape(&c.to_string())),
        }
    }
    let grouped = if group.is_empty() {
        String::new()
    } else {
        format!("[1-9][0-9]{{0,2}}(?:[{group}][0-9]{{2,3}})+|")
    };
    let bare = match locale.minor {
        0 => String::new(),
        minor => format!("|{}[0-9]{{{minor}}}", decimal(locale)),
    };
    // No zero stands in front of another digit: `000.00` is the rest of a number that the locale writes otherwise.
    format!("(?:(?:{grouped}0|[1-9][0-9]{{0,8}}){decimals}{bare})")
}

/// Signs of currencies, and the letters of the shop's own and of those that are printed far from home. Kept
/// short: it stands in every amount of every pattern. Letters in front of an amount begin a word, those behind
/// it (`24,90kr`) end one.
fn currency(own: Currency) -> (String, String) {
    let letters = match own.code() {
        "CHF" => "|s?fr\\.",
        "CZK" => "|kč",
        "DKK" | "ISK" | "NOK" | "SEK" => "|kr\\.?",
        "HUF" => "|ft",
        "IDR" => "|rp",
        "INR" => "|rs\\.?",
        "PLN" => "|zł",
        "RON" => "|lei",
        "ZAR" => "|r",
        _ => "",
    };
    let code = own.code().to_lowercase();
    // In the character sets of Japan and Korea the sign stands in the place of the backslash.
    let sign = if matches!(own.code(), "JPY" | "KRW") { "|\\\\" } else { "" };
    let signs = format!("[$€£¥￥₩₹₺₫฿円元원]|(?:usd?|hk|nt|[acrs])\\${sign}");
    let letters = format!("(?:{code}|eur|usd|rm{letters})");
    (format!("(?:{signs}|\\b{letters})"), format!("(?:{signs}|{letters}(?:\\b|$))"))
}

/// An alternation of date formats.
fn dates(formats: &[String]) -> String {
    let one = |format: &String| {
        let mut pattern = String::new();
        let mut chars = format.chars();
        while let Some(c) = chars.next() {
            match c {
                '%' => pattern.push_str(match chars.next() {
                    Some('Y') => "[0-9]{4}",
                    // About the names of months: `7 Kasse 2` is no date.
                    Some('b' | 'B' | 'h') => "[jfmasond][aepuco][nbrylgptvc][a-z]{0,6}",
                    _ => "[0-9]{1,2}",
                }),
                ' ' => pattern.push_str("\\s+"),
                other => pattern.push_str(&regex_syntax::escape(&other.to_string())),
            }
        }
        pattern
    };
    let all: Vec<String> = formats.iter().map(one).collect();
    format!("\\b(?:{})\\b", if all.is_empty() { "[^\\s\\S]".to_owned() } else { all.join("|") })
}
/// What is wrong with a pattern, and where in the text of the file: filled in, nobody would know it again.
fn told(error: &regex_syntax::Error, pattern: &str) -> String {
    let what = match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        other => other.to_string(),
    };
    match ast::parse::Parser::new().parse(&without_parts(pattern)) {
        Err(own) => {
            let (before, rest) =
                pattern.split_at_checked(own.span().start.offset).unwrap_or(("", pattern));
            let at = before.chars().count() + 1;
            format!("{}, at character {at}: {}", own.kind(), quote(rest))
        }
        Ok(_) => format!("{what}, in {}", quote(pattern)),
    }
}

/// The pattern with as many letters instead of each part.
fn without_parts(pattern: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(pattern.len()), pattern);
    while let Some((before, after)) = rest.split_once("%{") {
        let Some((inside, behind)) = after.split_once('}') else { break };
        out.push_str(before);
        out.extend(std::iter::repeat_n('x', inside.len() + "%{}".len()));
        rest = behind;
    }
    out + rest
}
