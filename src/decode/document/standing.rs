//! Where a printer's decoder stands in the middle of a document, so that another one can go on there.
//!
//! It holds nothing that is not redacted. Lines that wait for their neighbours are shown as they would be if the
//! device went away now: half a number at their end is hidden. Bytes of a line that is not finished are not part of it;
//! [`Standing::middle`] says that there were some.
//!
//! What is not part of it either: sizes, margins and tabs that the till chose. They move text on the paper and change
//! none.

use std::fmt::Write as _;

use crate::decode::detect::Language;
use crate::decode::fact::DocumentFact;

/// The settings of a charset: page, national variant, double-byte mode, Shift_JIS, UTF-8.
pub type Characters = [u8; 5];

/// See the module's doc.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Bytes were taken that are not yet part of a fact.
    pub middle: bool,
    /// Half a number was hidden at the end: its rest may come.
    pub half: bool,
    /// What the device speaks, where that was found out.
    pub language: Language,
    /// Bit 7 is parity, where that was found out.
    pub strip: bool,
    /// How text is read.
    pub characters: Option<Characters>,
    /// Facts that wait for what comes next.
    pub held: Vec<DocumentFact>,
}

const LANGUAGES: [(&str, Language); 3] =
    [("escpos", Language::Escpos), ("star", Language::Star), ("text", Language::Text)];

impl Standing {
    /// All but the facts, in a line.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = String::new();
        for (word, set) in [("middle", self.middle), ("half", self.half), ("strip", self.strip)] {
            if set {
                let _ = write!(words, "{word} ");
            }
        }
        if let Some((name, _)) = LANGUAGES.iter().find(|(_, it)| *it == self.language) {
            let _ = write!(words, "{name} ");
        }
        if let Some([page, national, double, shift, unicode]) = self.characters {
            let _ = write!(words, "{page}/{national}/{double}/{shift}/{unicode}");
        }
        words.trim_end().to_owned()
    }

    /// Reads what [`Standing::words`] wrote; unknown words are passed over.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        let mut standing = Self::default();
        for word in words.split(' ') {
            match word {
                "middle" => standing.middle = true,
                "half" => standing.half = true,
                "strip" => standing.strip = true,
                _ => {
                    let known = LANGUAGES.iter().find(|(name, _)| *name == word);
                    standing.language = known.map_or(standing.language, |(_, it)| *it);
                    let numbers: Option<Vec<u8>> =
                        word.split('/').map(|number| number.parse().ok()).collect();
                    let characters = numbers.and_then(|numbers| numbers.try_into().ok());
                    standing.characters = characters.or(standing.characters);
                }
            }
        }
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(standing: &Standing, words: &str) {
        assert_eq!(standing.words(), words);
        assert_eq!(&Standing::of_words(words), standing);
    }

    #[test]
    fn a_standing_is_written_in_a_line_and_read_again() {
        let none = Standing::default();
        check(&none, "");
        check(&Standing { middle: true, half: true, ..none.clone() }, "middle half");
        let language = Language::Star;
        check(&Standing { language, strip: true, ..none.clone() }, "strip star");
        check(&Standing { characters: Some([255, 2, 0, 1, 0]), ..none }, "255/2/0/1/0");
    }

    #[test]
    fn unknown_words_are_passed_over() {
        assert_eq!(Standing::of_words("later 1/2 256/0/0/0/0 // middle").words(), "middle");
    }
}
