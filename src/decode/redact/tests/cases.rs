//! Card numbers of all brands, written in all the ways that the redactor claims to read.

/// Prefix and length of cards in use.
const CARDS: &[(&str, usize)] = &[
    ("4", 16),
    ("4", 13),
    ("4", 19),
    ("51", 16),
    ("55", 16),
    ("2221", 16),
    ("2720", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("644", 16),
    ("65", 16),
    ("3528", 16),
    ("3589", 16),
    ("36", 14),
    ("38", 14),
    ("305", 14),
    ("62", 16),
    ("62", 19),
    ("81", 16),
    ("6759", 16),
    ("6759", 13),
    ("5018", 16),
    ("5018", 19),
    ("6304", 18),
    ("2200", 16),
    ("9792", 16),
    ("8600", 16),
];

/// A number that passes Luhn's check.
pub fn card(random: &mut fastrand::Rng) -> String {
    let (prefix, length) = *random.choice(CARDS).unwrap();
    let mut number = prefix.to_owned();
    while number.len() < length - 1 {
        number.push(random.digit(10));
    }
    let sum: u32 = number
        .chars()
        .rev()
        .enumerate()
        .map(|(place, c)| {
            let d = c.to_digit(10).unwrap() * (2 - place as u32 % 2);
            d / 10 + d % 10
        })
        .sum();
    number.push(char::from_digit((10 - sum % 10) % 10, 10).unwrap());
    number
}

/// An article's number that passes GS1's check.
pub fn article(random: &mut fastrand::Rng) -> String {
    let length = random.choice([8, 12, 13, 14]).unwrap();
    let mut number: String = (1..length).map(|_| random.digit(10)).collect();
    let digits = number.chars().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = digits.map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
    number.push(char::from_digit((10 - sum % 10) % 10, 10).unwrap());
    number
}

/// The number as someone might print it: together, in equal groups or as its brand does.
pub fn written(number: &str, random: &mut fastrand::Rng) -> String {
    let separators = [" ", "-", ".", "  ", " - ", "      ", "--"];
    let rare = [" ", "-", "/", "_", ":", "|", ",", "=", "**", ")(", "] ["];
    let one = *random.choice(&separators).unwrap();
    match random.u8(0..7) {
        0 => number.to_owned(),
        1 if number.len() < 16 => grouped(number, &[4, 6, 5], || one),
        2 => grouped(number, &[1], || one),
        3 => grouped(number, &[random.usize(2..=9)], || one),
        4 => {
            let one = *random.choice(&rare).unwrap();
            grouped(number, &[4], || one)
        }
        5 => format!("000{number}")[number.len() + 3 - 19.min(number.len() + 3)..].to_owned(),
        _ => grouped(number, &[4], || random.choice(&separators).unwrap()),
    }
}

fn grouped(number: &str, sizes: &[usize], mut separator: impl FnMut() -> &'static str) -> String {
    let mut out = String::new();
    let mut sizes = sizes.iter().cycle();
    let mut rest = number;
    while !rest.is_empty() {
        let (group, after) = rest.split_at((*sizes.next().unwrap()).min(rest.len()));
        out.push_str(group);
        if !after.is_empty() {
            out.push_str(separator());
        }
        rest = after;
    }
    out
}

/// Words, amounts, dates and numbers as they stand around a card's number: in a line of their own or on its
/// line, always apart from it by something that is no separator. Never eight digits in a row, which might be
/// the number's by chance.
pub fn surroundings(random: &mut fastrand::Rng) -> String {
    match random.u8(0..8) {
        0 => String::new(),
        1 => format!("TOTAL {}.{:02} EUR", random.u32(0..999), random.u32(0..100)),
        2 => format!("{:02}.11.26 um 14:05 Uhr", random.u8(1..29)),
        3 => format!("AID: A00{}H", random.u32(10_000..99_999)),
        4 => format!("TID {}x", random.u32(1_000_000..9_999_999)),
        5 => "KARTENZAHLUNG".to_owned(),
        6 => format!("EXP 12/27 AUTH {}A", random.u32(0..999_999)),
        _ => (0..random.usize(0..12)).map(|_| random.alphabetic()).collect(),
    }
}

/// The longest piece of `number` that `shown` has as consecutive digits, whatever separates them; letters
/// and `*` are no separators.
pub fn leak(number: &str, shown: &str) -> usize {
    let read = |c: char| match c {
        '*' => Some('*'),
        _ if c.is_alphabetic() => Some('*'),
        _ => c.is_ascii_digit().then_some(c),
    };
    let digits: String = shown.chars().filter_map(read).collect();
    let shown =
        |size: usize| (0..=number.len() - size).any(|at| digits.contains(&number[at..at + size]));
    // From four on: more is a leak, less says nothing.
    (4..=number.len()).take_while(|size| shown(*size)).last().unwrap_or(0)
}
