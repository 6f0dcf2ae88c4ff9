//! A glance spares finders their work and changes nothing that is found.

use super::cases::{article, card, elements, embedded, is_common, receipt, surroundings, written};
use super::plainly::{Plainly, text_plainly};
use super::random::{for_cases, setting};
use super::*;

/// What finders look for, and what is like it.
const PIECES: &[&str] = &[
    "4111111111111111",
    "4000000000004002",
    "411111",
    "1111",
    "378282246310005",
    "%B",
    "^DOE/JOHN^",
    ";",
    "=",
    "?",
    "D",
    "d",
    "2712101",
    "27121010000000?",
    "CVV",
    "c.v.c.",
    "CV2",
    "CID:",
    "Security Code",
    "SEC-CODE",
    "code no.",
    "is ",
    "Prüfnummer",
    "PRUEFNUMMER",
    "Prüfziffer",
    "s\u{e4}kerhetskod",
    "SAEKERHETSKOD",
    "c2digo de seguridad",
    "c\u{c3}\u{b3}digo de seguridad",
    "cod. de seguranca",
    "CÓDIGO DE SEGURANÇA",
    "\u{212a}ARTENPRÜFNUMMER",
    "PIN",
    "pin block",
    "E.P.B",
    "Geheimzahl",
    "card verif",
    "CARD",
    "3-stellig ",
    "A1B2C3D4E5F60718",
    "**",
    "****",
    "x",
    "XX",
    "##",
    "•●",
    "* * ",
    "■",
    " ",
    " ",
    "  ",
    "-",
    ".",
    ",",
    ":",
    "/",
    "$",
    "\n",
    "\n",
    "\t",
    "\u{a0}",
    "\u{2010}",
    "\u{ad}",
    "\u{FFFD}",
    "\u{1D}",
    "]C1",
    "]Q1",
    "]E0",
    "0109506000134352",
    "5A08",
    "5a0841111111",
    "57",
    "16",
    "2905",
    "20261121",
    "12.99",
    "TEA",
    "ü",
    "４",
    "＊＊",
    "＝",
    "Ｄ",
    "٤١١١",
    "①",
    "EUR",
    "DE89 3704 0044 0532 0130 00",
    "4",
    "1",
    "0",
];

/// Anything from [`PIECES`], or what is printed around a number and made of one.
fn text_of(random: &mut fastrand::Rng) -> String {
    let number = card(random);
    let mut text = String::new();
    for _ in 0..random.usize(1..12) {
        match random.u8(0..24) {
            0 => text.push_str(&written(&number, random)),
            1 => text.push_str(&embedded(&number, is_common(&number), random)),
            2 => text.push_str(&surroundings(random)),
            3 => text.push_str(&elements(random)),
            4 => text.push_str(&receipt(random)),
            5 => text.push_str(&article(random)),
            6 => text.push_str(&random.u64(0..1_000_000).to_string()),
            _ => text.push_str(random.choice(PIECES).unwrap()),
        }
    }
    text
}

#[test]
fn a_finder_that_is_not_asked_would_have_found_nothing() {
    for_cases(setting("CASES", 200_000) / 20, |random, case| {
        let printed = text_of(random);
        let chars: Vec<char> = printed.chars().collect();
        let signs = Glance::default().text(&printed).signs;
        assert!(fates(&chars, signs) == fates(&chars, Signs::ALL), "{case}: {printed:?}");
        assert_eq!(text(&printed), text_plainly(&printed), "{case}");
    });
}

#[test]
fn lines_leave_as_if_every_finder_looked_at_each() {
    for_cases(setting("CASES", 200_000) / 50, |random, case| {
        let (mut quick, mut plainly) = (Redactor::default(), Plainly::default());
        let (mut shown, mut expected, mut printed) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..random.usize(2..6) {
            for line in text_of(random).split('\n') {
                let line = RawLine { text: line.to_owned(), ..RawLine::default() };
                printed.push(line.text.clone());
                quick.line(line.clone(), &mut shown);
                plainly.line(line, &mut expected);
            }
            match random.u8(0..12) {
                0 => {
                    quick.flush(&mut shown);
                    plainly.flush(&mut expected);
                }
                1 => {
                    quick.cut_off();
                    plainly.cut_off();
                }
                2 => {
                    quick.fact(DocumentFact::DrawerKick, &mut shown);
                    plainly.fact(DocumentFact::DrawerKick, &mut expected);
                }
                _ => assert_eq!(quick.preview(), plainly.preview(), "{case}: {printed:?}"),
            }
        }
        quick.flush(&mut shown);
        plainly.flush(&mut expected);
        assert_eq!(shown, expected, "{case}: {printed:?}");
    });
}

#[test]
fn ordinary_lines_show_no_sign_of_anything() {
    let lines = [
        "COFFEE BEANS 1KG          12.99 A",
        "2 x 1,50 Käse             3,00 B",
        "TOTAL EUR                 15.99",
        "CASH                      20.00",
        "21.11.2026 14:05",
        "Bon 0012 Kasse 3",
        "****************",
        "================",
        "Danke für Ihren Einkauf!",
        "MOLKO 3,2%   ИТОГ 12.00",
    ];
    for line in lines {
        assert!(Glance::default().line(line).signs.is_none(), "{line}");
    }
}
