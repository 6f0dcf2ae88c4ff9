//! Which code page a till's text is in, where nothing but its letters tells.
//!
//! The text is laid out with each candidate, and its letters beyond ASCII are judged: whether they stand among
//! letters of their own script, whether small and capital letters follow each other as in words, and how common
//! they are. A page that a printer starts with is replaced only by one that is clearly better. It stays a guess,
//! and is marked as one.

/// Pages that are tried, the likelier first: of equal ones the first is proposed.
pub const CANDIDATES: &[&str] = &[
    "utf-8",
    "windows-1252",
    "cp858",
    "cp866",
    "windows-1251",
    "koi8-r",
    "cp852",
    "windows-1250",
    "cp857",
    "windows-1254",
    "cp737",
    "windows-1253",
    "cp775",
    "windows-1257",
];

/// Letters beyond ASCII that a verdict needs.
const LETTERS_MIN: i64 = 8;

/// Hundredths of a point a letter: what another page must have more than the one that printers start with, what the
/// next best may have less for it to be named as well, and what text has that makes sense.
const BETTER: i64 = 50;
const NEAR: i64 = 25;
const SENSE: i64 = 100;

/// Letters by how often they are printed, three points for those of the first list. Of Latin letters those of Europe's
/// languages get two, because a page's other letters stand in no text.
const CYRILLIC: [&str; 3] = ["оеаинтср", "влкмдпу", "яыьгзбчйхжіїє"];
const GREEK: [&str; 3] = ["αοιετσνη", "υρπκμλςω", "άέήίόύώγδθχφβ"];
const LATIN: &str = "äöüßéèêëàâçñáíóúîïôûåæøąćęłńśźżčřšžěůýťďňőűăâîșşțţğıİõãāčēģīķļņūėįųœ";

/// Marks that stand in any text.
const MARKS: &str = "€£°§№«»–—‘’“”„…·•©®¿¡½¼²³";

/// How much sense a text makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    points: i64,
    /// Characters beyond ASCII.
    letters: i64,
}

impl Score {
    /// The sense of lines.
    pub fn of<'l>(lines: impl IntoIterator<Item = &'l str>) -> Self {
        let mut score = Self::default();
        lines.into_iter().flat_map(str::split_whitespace).for_each(|word| score.add(word));
        score
    }

    fn add(&mut self, word: &str) {
        let chars: Vec<char> = word.chars().collect();
        for (at, c) in chars.iter().enumerate() {
            let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied();
            let after = chars.get(at + 1).copied();
            if !c.is_ascii() {
                self.letters += 1;
                self.points += points(before, *c, after);
            } else if matches!(c, '+' | '|')
                && [before, after].into_iter().flatten().any(|c| !c.is_ascii())
            {
                // Box drawing among letters was folded to these.
                self.letters += 1;
                self.points -= 3;
            }
        }
    }

    /// Hundredths of a point a letter, of a text that has `most` of them with the page that shows most. Letters that
    /// became ruled lines are missed; a letter takes three bytes at most.
    fn mean(self, most: i64) -> i64 {
        self.points * 100 / self.letters.max(most / 3).max(1)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
    Greek,
    Other,
}

fn script(c: char) -> Option<Script> {
    match c {
        '×' | '÷' => None,
        'a'..='z' | 'A'..='Z' | '\u{C0}'..='\u{24F}' => Some(Script::Latin),
        '\u{400}'..='\u{52F}' => Some(Script::Cyrillic),
        '\u{370}'..='\u{3FF}' => Some(Script::Greek),
        '\u{590}'..='\u{6FF}' | '\u{E00}'..='\u{E7F}' | '\u{3040}'..='\u{9FFF}' => {
            Some(Script::Other)
        }
        _ => None,
    }
}

fn points(before: Option<char>, c: char, after: Option<char>) -> i64 {
    let neighbours = || [before, after].into_iter().flatten();
    let Some(own) = script(c) else {
        let within = neighbours().any(|c| script(c).is_some());
        return match () {
            () if c == '\u{FFFD}' => -4,
            () if MARKS.contains(c) => -i64::from(before.is_some_and(|c| script(c).is_some())),
            () if within => -3,
            () => -2,
        };
    };
    if neighbours().filter_map(script).any(|other| other != own) {
        return -2;
    }
    if c.is_uppercase() && before.is_some_and(char::is_lowercase) {
        return -2;
    }
    // It ends words.
    if c == 'ς' && after.and_then(script).is_some() {
        return -3;
    }
    // A word of Europe's Latin has few letters beyond ASCII, hardly two in a row.
    if own == Script::Latin && neighbours().any(|c| !c.is_ascii() && script(c).is_some()) {
        return 0;
    }
    1 + common(own, c)
}

fn common(script: Script, c: char) -> i64 {
    let small = c.to_lowercase().next().unwrap_or(c);
    let level = |lists: [&str; 3]| {
        (0..3).rev().zip(lists).find(|(_, list)| list.contains(small)).map_or(-1, |(it, _)| it + 1)
    };
    match script {
        Script::Latin if LATIN.contains(small) => 2,
        Script::Latin => -2,
        Script::Cyrillic => level(CYRILLIC),
        Script::Greek => level(GREEK),
        Script::Other => 1,
    }
}

/// What is known of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against the one that printers start with.
    Usual,
    /// This one.
    Found {
        /// Its name.
        page: &'static str,
        /// Letters that say so.
        letters: i64,
        /// Pages that are nearly as good.
        others: Vec<&'static str>,
    },
    /// The text makes sense with none.
    Unknown,
}

/// The best page, of the text as it is usually read and as each candidate reads it.
#[must_use]
pub fn verdict(usual: Score, read: &[(&'static str, Score)]) -> Verdict {
    let most = read.iter().map(|(_, score)| score.letters).max().unwrap_or(0);
    if most < LETTERS_MIN {
        return Verdict::Usual;
    }
    let mut best: Option<(&'static str, Score)> = None;
    for (page, score) in read {
        if best.is_none_or(|(_, best)| best.mean(most) < score.mean(most)) {
            best = Some((*page, *score));
        }
    }
    let usual = usual.mean(most);
    match best {
        Some((page, score)) if (usual + BETTER).max(SENSE) <= score.mean(most) => {
            let near = |(other, it): &&(&'static str, Score)| {
                *other != page && score.mean(most) - it.mean(most) < NEAR
            };
            let others = read.iter().filter(near).map(|(page, _)| *page).collect();
            Verdict::Found { page, letters: score.letters, others }
        }
        _ if usual < SENSE => Verdict::Unknown,
        _ => Verdict::Usual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::codepage::CodePage;

    fn bytes(page: &CodePage, text: &str) -> Vec<u8> {
        let byte = |c: char| {
            let single = || (0x80..=0xFF).find(|byte| page.decode(&[*byte]) == c.to_string());
            u8::try_from(c).ok().filter(u8::is_ascii).or_else(single).expect("of the page")
        };
        text.chars().map(byte).collect()
    }

    /// What is found of `text` in bytes of `page`.
    fn found(page: &str, text: &str) -> Verdict {
        let bytes = bytes(&CodePage::named(page).unwrap(), text);
        let read = |page: &CodePage| Score::of([page.decode(&bytes).as_str()]);
        let read_by = |name: &&'static str| (*name, read(&CodePage::named(name).unwrap()));
        let all: Vec<_> = CANDIDATES.iter().map(read_by).collect();
        verdict(read(&CodePage::cp437()), &all)
    }

    fn check(page: &str, text: &str) {
        let verdict = found(page, text);
        assert!(
            matches!(verdict, Verdict::Found { page: found, .. } if found == page),
            "{page}: {text}: {verdict:?}"
        );
    }

    #[test]
    fn a_page_is_known_by_the_words_of_its_languages() {
        for page in ["cp866", "windows-1251", "koi8-r"] {
            check(page, "КАССОВЫЙ ЧЕК Молоко отборное Хлеб ржаной ИТОГО НАЛИЧНЫМИ СДАЧА");
            check(page, "СЫР РОССИЙСКИЙ КАРТОФЕЛЬ ИТОГ");
        }
        // In small letters only, KOI8-R reads as Greek does in its page.
        for page in ["cp866", "windows-1251"] {
            check(page, "пакет майка скидка всего");
        }
        for page in ["cp852", "windows-1250"] {
            check(page, "Masło śmietankowe Ser żółty DO ZAPŁATY Reszta gotówka Łódź Mąka");
            check(page, "Rohlík tukový Mléko čerstvé Máslo Česká republika Děkujeme za nákup");
        }
        for page in ["cp737", "windows-1253"] {
            check(page, "ΑΠΟΔΕΙΞΗ ΣΥΝΟΛΟ ΜΕΤΡΗΤΑ Γάλα πλήρες Ψωμί Τυρί φέτα");
        }
        check("cp857", "Teşekkürler Süt Yoğurt Kaşar Işıl ığdır şeker TOPLAM İADE");
        check("windows-1252", "Käse Brötchen süß Müsli Äpfel Grüße Straße");
    }

    #[test]
    fn what_a_printer_starts_with_needs_no_other() {
        assert_eq!(found("cp437", "Käse Brötchen Müsli Äpfel Grüße Straße"), Verdict::Usual);
        assert_eq!(found("cp437", "Tea Milk Bread Total Cash"), Verdict::Usual);
    }

    #[test]
    fn what_makes_no_sense_is_not_known() {
        let score = |points| Score { points, letters: 10 };
        assert_eq!(verdict(score(-20), &[("cp866", score(-5))]), Verdict::Unknown);
    }
}
