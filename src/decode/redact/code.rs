//! Security codes, PINs and PIN blocks: known by the label that names them.
//!
//! The digits stand behind the label, on the next line, or below it in a table. An encrypted PIN is sixteen
//! or more hexadecimal digits.

use std::sync::LazyLock;

use super::{Fate, plain, set};

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
            "cv2",
            "cid",
            "csc",
            "cav",
            "cav2",
            "cvn",
            "cvn2",
            "cve",
            "cve2",
            "card verification",
            "card verif",
            "card ver",
            "card security",
            "security code",
            "sec code",
            "verification code",
            "verif code",
            "prüfnummer",
            "kartenprüfnummer",
            "prüfziffer",
            "kartenprüfziffer",
            "sicherheitscode",
            "sicherheitsnummer",
            "cryptogramme",
            "code de sécurité",
            "código de seguridad",
            "código de segurança",
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
        labels: &["pin block", "encrypted pin", "epb"],
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

/// Characters at most of a label whose letters may have points between them.
const ABBREVIATION: usize = 4;

/// Characters that may stand there.
const PUNCTUATION: &[char] = &[
    ' ', '\n', ':', '=', '#', '.', '-', '(', ')', '[', ']', '/', '\'', '"', '_', '>', '<', '|',
    'º', '°',
];

/// `3 digits`: how long a code is, said between its label and the code.
const LENGTHS: &[&str] = &["digits", "digit", "stellig", "stellen", "chiffres", "cifre", "cifras"];

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

/// The bit of digits in [`BEGINNINGS`]; those below it are of the letters of ASCII.
const DIGIT: u32 = 1 << 26;

/// By the first letter of labels: what their second and their third character may be.
static BEGINNINGS: LazyLock<[[u32; 2]; 26]> = LazyLock::new(|| {
    let mut all = [[0; 2]; 26];
    for label in KINDS.iter().flat_map(|kind| kind.labels) {
        let mut chars = label.chars();
        let known = chars.next().and_then(letter_of).and_then(|letter| all.get_mut(letter));
        let Some([second, third]) = known else { continue };
        for (place, c) in [second, third].into_iter().zip(chars) {
            *place |= bit(plain_letter(c).unwrap_or(c));
            // As `word` reads it: any digit, or two letters, of which the other one is an `e`.
            *place |= if c.is_ascii() { 0 } else { DIGIT };
        }
        if label.chars().nth(1).is_some_and(|c| !c.is_ascii()) {
            *third |= bit('e');
        }
    }
    all
});

/// Whether a word may begin like a label. In vain it may say so.
pub(super) fn may_begin(text: &str) -> bool {
    let mut chars = text.chars().map(plain::folded).filter(|c| *c != '.');
    let Some(first) = chars.next() else { return false };
    let Some(letter) = letter_of(first) else {
        // There are few that become one of ASCII's.
        return first.to_lowercase().any(|c| c.is_ascii());
    };
    let may = |places: &[u32; 2]| {
        let fits = |place: &u32| chars.next().is_some_and(|c| !c.is_ascii() || place & bit(c) != 0);
        places.iter().all(fits)
    };
    BEGINNINGS.get(letter).is_some_and(may)
}

/// The number of a letter of ASCII in either case.
fn letter_of(c: char) -> Option<usize> {
    let place = u32::from(c.to_ascii_lowercase()).checked_sub(u32::from('a'))?;
    usize::try_from(place).ok().filter(|place| *place < 26)
}

fn bit(c: char) -> u32 {
    match letter_of(c) {
        Some(letter) => 1 << letter,
        None if c.is_ascii_digit() => DIGIT,
        None => 0,
    }
}

/// Where `label` ends if it stands at `at` and no longer word does.
///
/// Where it has a space there may be none, a dash or a point. Letters of an abbreviation may have points
/// between them. A letter beyond ASCII may be printed without its accent, as `ue`, or as whatever another code
/// page makes of it: one or two characters.
fn word(chars: &[char], at: usize, label: &str) -> Option<usize> {
    let rest = chars.get(at..)?;
    let short = label.len() <= ABBREVIATION;
    let mut end = 0;
    for wanted in label.chars() {
        if wanted == ' ' {
            end += rest.iter().skip(end).take_while(|c| matches!(c, ' ' | '-' | '.')).count();
            continue;
        }
        if short && 0 < end && rest.get(end) == Some(&'.') {
            end += 1;
        }
        let c = rest.get(end)?;
        let same = *c == wanted || c.to_lowercase().eq([wanted]);
        end += match plain_letter(wanted) {
            _ if same => 1,
            Some(letter) if c.eq_ignore_ascii_case(&letter) => {
                1 + usize::from(matches!(rest.get(end + 1), Some('e' | 'E')))
            }
            // Raised digits, which are folded, are among what becomes of letters.
            Some(_) if !c.is_ascii() || c.is_ascii_digit() => {
                1 + usize::from(rest.get(end + 1).is_some_and(|c| !c.is_ascii()))
            }
            _ => return None,
        };
    }
    rest.get(end).is_none_or(|c| !c.is_alphabetic()).then_some(at + end)
}

/// The letter of ASCII that is printed for one of the labels' other letters.
fn plain_letter(c: char) -> Option<char> {
    match c {
        'ä' | 'á' => Some('a'),
        'ç' => Some('c'),
        'é' => Some('e'),
        'ń' => Some('n'),
        'ó' => Some('o'),
        'ü' | 'ú' => Some('u'),
        _ => None,
    }
}

/// The code behind a label that ends at `end`.
fn behind(chars: &[char], end: usize, kind: &Kind, fates: &mut [Fate]) {
    let mut at = end;
    loop {
        at += chars.iter().skip(at).take_while(|c| PUNCTUATION.contains(c)).count();
        // `CVV 2: 123`
        let numbered = chars.get(at) == Some(&'2')
            && chars.get(at + 1).is_some_and(|c| PUNCTUATION.contains(c) && *c != '.');
        let filler = FILLERS.iter().find_map(|filler| word(chars, at, filler));
        match filler.or_else(|| length(chars, at)) {
            Some(after) => at = after,
            None if numbered && !kind.hexadecimal => at += 1,
            None => break,
        }
    }
    take(chars, at, kind, fates);
}

/// Where `3 digits` ends, if it stands at `at`.
fn length(chars: &[char], at: usize) -> Option<usize> {
    matches!(chars.get(at)?, '3' | '4').then_some(())?;
    let gap = chars.iter().skip(at + 1).take_while(|c| matches!(c, ' ' | '-')).count();
    LENGTHS.iter().find_map(|word| self::word(chars, at + 1 + gap, word))
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
    let belongs = |at: usize| {
        let c = chars.get(at);
        c.is_some_and(|c| c.is_ascii_digit() || kind.hexadecimal && c.is_ascii_hexdigit())
    };
    let mut end = at;
    let mut count = 0;
    loop {
        let run = (end..chars.len()).take_while(|at| belongs(*at)).count();
        let spaced =
            run == 1 && (count == 0 || belongs(end.wrapping_sub(2)) && count < kind.longest);
        count += run;
        end += run;
        // Hexadecimal digits are printed in groups, others perhaps one by one.
        let next = chars.get(end) == Some(&' ') && belongs(end + 1);
        let alone = spaced && !belongs(end + 2);
        if run == 0 || !next || kind.longest <= count || !kind.hexadecimal && !alone {
            break;
        }
        end += 1;
    }
    let amount = matches!(chars.get(end), Some('.' | ',')) && belongs(end + 1);
    if (kind.shortest..=kind.longest).contains(&count) && !amount {
        for at in (at..end).filter(|at| belongs(*at)) {
            set(fates, at..at + 1, Fate::Mask);
        }
    }
}
