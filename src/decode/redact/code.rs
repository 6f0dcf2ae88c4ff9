//! Security codes, PINs and PIN blocks: known by the label that names them.
//!
//! The digits stand behind the label, on the next line, or below it in a table. An encrypted PIN is sixteen
//! or more hexadecimal digits.

use super::{Fate, set};

/// A kind of secret: its labels in lower case, and how many digits it has.
struct Kind {
    labels: &'static [&'static str],
    shortest: usize,
    longest: usize,
    hexadecimal: bool,
}

/// Names of card brands for their codes, and what terminals and shops print in several languages.
const KINDS: &[Kind] = &[
    Kind {
        labels: &[
            "cvv",
            "cvv2",
            "cvc",
            "cvc2",
            "cid",
            "csc",
            "cav",
            "cav2",
            "cvn",
            "cvn2",
            "cve",
            "cve2",
            "card verification",
            "card security",
            "security code",
            "verification code",
            "prüfnummer",
            "pruefnummer",
            "kartenprüfnummer",
            "kartenpruefnummer",
            "prüfziffer",
            "pruefziffer",
            "kartenprüfziffer",
            "sicherheitscode",
            "sicherheitsnummer",
            "cryptogramme",
            "code de sécurité",
            "code de securite",
            "código de seguridad",
            "codigo de seguridad",
            "código de segurança",
            "codigo de seguranca",
            "codice di sicurezza",
            "veiligheidscode",
            "beveiligingscode",
            "säkerhetskod",
            "sikkerhedskode",
            "kod bezpieczeństwa",
        ],
        shortest: 3,
        longest: 4,
        hexadecimal: false,
    },
    // ISO 9564.
    Kind { labels: &["pin", "geheimzahl"], shortest: 4, longest: 12, hexadecimal: false },
    Kind {
        labels: &["pin block", "pinblock", "pin-block", "encrypted pin", "epb"],
        shortest: 16,
        longest: 64,
        hexadecimal: true,
    },
];

/// Words that may stand between a label and the digits.
const FILLERS: &[&str] = &[
    "code", "value", "number", "no", "nr", "num", "nummer", "numero", "número", "visuel", "is",
    "was", "card", "data", "hex", "cvv", "cvc", "cvv2", "cvc2", "csc", "cid",
];

/// Characters that may stand there.
const PUNCTUATION: &[char] = &[
    ' ', '\n', ':', '=', '#', '.', '-', '(', ')', '[', ']', '/', '\'', '"', '_', '>', '<', '|',
    'º', '°',
];

/// Columns that a code in a table may be left or right of its label.
const ASIDE: usize = 2;

/// Marks the digits of every labelled code in folded `chars`.
pub(super) fn mark(chars: &[char], fates: &mut [Fate]) {
    for at in 0..chars.len() {
        let letter = |at: usize| chars.get(at).is_some_and(|c| c.is_alphabetic());
        if !letter(at) || at.checked_sub(1).is_some_and(letter) {
            continue;
        }
        let head = chars.get(at).and_then(|c| c.to_lowercase().next());
        for kind in KINDS {
            // Nearly no word begins like a label: seen before anything is compared.
            let like = kind.labels.iter().filter(|label| label.chars().next() == head);
            for end in like.filter_map(|label| word(chars, at, label)) {
                behind(chars, end, kind, fates);
                below(chars, at..end, kind, fates);
            }
        }
    }
}

/// Where `label` ends if it stands at `at` and no longer word does.
fn word(chars: &[char], at: usize, label: &str) -> Option<usize> {
    let rest = chars.get(at..)?;
    let mut end = 0;
    for wanted in label.chars() {
        let c = rest.get(end)?;
        if *c != wanted && !c.to_lowercase().eq([wanted]) {
            return None;
        }
        end += 1;
    }
    rest.get(end).is_none_or(|c| !c.is_alphabetic()).then_some(at + end)
}

/// The code behind a label that ends at `end`.
fn behind(chars: &[char], end: usize, kind: &Kind, fates: &mut [Fate]) {
    let mut at = end;
    loop {
        at += chars.iter().skip(at).take_while(|c| PUNCTUATION.contains(c)).count();
        // `CVV 2: 123`
        let numbered = chars.get(at) == Some(&'2')
            && chars.get(at + 1).is_some_and(|c| PUNCTUATION.contains(c) && *c != '.');
        match FILLERS.iter().find_map(|filler| word(chars, at, filler)) {
            Some(after) => at = after,
            None if numbered && !kind.hexadecimal => at += 1,
            None => break,
        }
    }
    take(chars, at, kind, fates);
}

/// The code that stands below a label which nothing but other labels follows on its line.
fn below(chars: &[char], label: std::ops::Range<usize>, kind: &Kind, fates: &mut [Fate]) {
    let Some(cut) = chars.iter().skip(label.end).position(|c| *c == '\n') else { return };
    let cut = label.end + cut;
    let line = chars.get(..cut).and_then(|text| text.iter().rposition(|c| *c == '\n'));
    let line = line.map_or(0, |end| end + 1);
    let head = chars.get(line..cut).unwrap_or_default();
    if head.iter().any(char::is_ascii_digit) {
        return;
    }
    let first = (cut + 1 + label.start - line).saturating_sub(ASIDE);
    let last = cut + 1 + label.end - line + ASIDE;
    for at in first.max(cut + 1)..last {
        let digit = |at: usize| chars.get(at).is_some_and(char::is_ascii_digit);
        if digit(at) && !digit(at - 1) {
            take(chars, at, kind, fates);
        }
    }
}

/// Masks the code that begins at `at`, if as many digits stand there as it has and no amount.
fn take(chars: &[char], at: usize, kind: &Kind, fates: &mut [Fate]) {
    let belongs = |c: &&char| c.is_ascii_digit() || kind.hexadecimal && c.is_ascii_hexdigit();
    let mut end = at;
    let mut count = 0;
    loop {
        let run = chars.iter().skip(end).take_while(belongs).count();
        count += run;
        end += run;
        // Hexadecimal digits are printed in groups.
        let next = chars.get(end + 1).is_some_and(|c| belongs(&c));
        if run == 0
            || !kind.hexadecimal
            || chars.get(end) != Some(&' ')
            || !next
            || kind.longest <= count
        {
            break;
        }
        end += 1;
    }
    let amount = matches!(chars.get(end), Some('.' | ','))
        && chars.get(end + 1).is_some_and(char::is_ascii_digit);
    if (kind.shortest..=kind.longest).contains(&count) && !amount {
        for at in at..end {
            if chars.get(at).is_some_and(|c| belongs(&c)) {
                set(fates, at..at + 1, Fate::Mask);
            }
        }
    }
}
