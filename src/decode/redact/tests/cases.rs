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
    number.push(check_digit(&number));
    number
}

/// The number as someone might print it: together, in equal groups or as its brand does.
pub fn written(number: &str, random: &mut fastrand::Rng) -> String {
    let separators = [" ", "-", ".", "  ", " - ", "      ", "--"];
    let rare =
        [" ", "-", "/", "_", ":", "|", ",", "=", "**", ")(", "] [", "@", "<", "\"", ", ", "$", "%"];
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

/// The number as it stands in a longer run of digits or hexadecimal digits: in what chips, payment terminals,
/// scanners and carelessly programmed tills write. `common`: of a kind that is found without more reason.
pub fn embedded(number: &str, common: bool, random: &mut fastrand::Rng) -> String {
    let month = random.u8(1..=12);
    let expiry = match random.bool() {
        true => format!("{}{month:02}", random.u8(26..35)),
        false => format!("{month:02}{}", random.u8(26..35)),
    };
    let length = number.len();
    let filled = format!("{number}{}", if length % 2 == 1 { "F" } else { "" });
    let bytes = filled.len() / 2;
    let front = *random.choice(&["", "9F1A020840", "4F07A0000000031010", "5F2A020978"]).unwrap();
    let behind = *random.choice(&["", "5F2403290531", "9F3303E0F8C8", "5F340101"]).unwrap();
    let code = *random.choice(&["", "201", "2010000012345"]).unwrap();
    let date = format!("2026{month:02}{}", random.u8(10..29));
    let time = *random.choice(&["", "1005", "100523"]).unwrap();
    let aim = *random.choice(&["]Q1", "]C0", "]A0", "]d1", "]L2", "]z0"]).unwrap();
    let goods = *random.choice(&["0109506000134352", "010950600013435217261130"]).unwrap();
    let card = *random.choice(&["CARD ", "VISA ", "PAN ", "Kartennr. "]).unwrap();
    match random.u8(0..if common { 14 } else { 10 }) {
        0 => format!("{front}5A{bytes:02X}{filled}{behind}"),
        1 => format!("{front}57{:02X}{number}D{expiry}{code}F{behind}", bytes + 4),
        2 => format!("9F6B{:02X}{number}D{expiry}", bytes + 3),
        3 => format!("{length}{number}"),
        4 => format!("{length}{number}000000000000001200"),
        5 => format!("{number}{expiry}{code}"),
        6 => format!("{length}{number}{expiry}"),
        // An article's number may look like one of the short ones.
        7 if length < 15 => format!("{card}{aim}{number}"),
        7 => format!("{aim}{number}"),
        8 => format!("]C1{goods}21{number}"),
        9 => format!("{date}{number}{time}"),
        10 => format!("{}{number}", touching(random)),
        11 => format!("{number}{}", touching(random)),
        12 => format!("{card}{}{number}{}", random.u64(1..9_999_999), random.u32(0..999_999)),
        _ => format!("{}{number}{expiry}{code}", random.u64(1..9_999_999)),
    }
}

/// One to four digits with which no element string and no date begins.
fn touching(random: &mut fastrand::Rng) -> String {
    random.u16(3..9999).to_string()
}

/// Whether a card of the kinds that need least reason has this number, and it is no date.
pub fn is_common(number: &str) -> bool {
    let part = |range| number.get(range).and_then(|part: &str| part.parse::<u16>().ok());
    if matches!((part(0..2), part(2..4), part(4..6)), (Some(22..=27), Some(1..=12), Some(1..=31))) {
        return false;
    }
    match (number.len(), part(0..4)) {
        (16, Some(first)) => matches!(first, 4000..=5000 | 5100..=5599 | 2221..=2720),
        (15, Some(first)) => matches!(first, 3400..=3499 | 3700..=3799),
        _ => false,
    }
}

/// A number of an order, a receipt or a transfer of `length` digits.
pub fn order(length: usize, random: &mut fastrand::Rng) -> String {
    let first = random.digit(10);
    std::iter::once(first).chain((1..length).map(|_| random.digit(10))).collect()
}

/// A receipt's number made of store, date, till and a count.
pub fn receipt(random: &mut fastrand::Rng) -> String {
    let date = format!("26{:02}{:02}", random.u8(1..=12), random.u8(1..29));
    let (store, till) = (random.u16(1..300), random.u8(1..20));
    let count = random.u32(1..99_999);
    match random.u8(0..5) {
        0 => format!("{store:04}{date}{till:03}{count:07}"),
        1 => format!("20{date}{store:04}{till:02}{count:06}"),
        2 => format!("{store:04}{till:02}20{date}{count:05}"),
        3 => {
            format!("20{date}{:02}{:02}00{store:04}{count:06}", random.u8(8..21), random.u8(0..60))
        }
        _ => format!("{date}{store:04}{till:03}{count:06}"),
    }
}

/// Element strings of an article with its lot, its serial number and its date, as GS1 has them.
pub fn elements(random: &mut fastrand::Rng) -> String {
    let mut goods: String = (0..13).map(|_| random.digit(10)).collect();
    goods.push(check_digit(&goods));
    let date = format!("{}{:02}{:02}", random.u8(26..30), random.u8(1..=12), random.u8(1..29));
    let lot = order(random.usize(3..=12), random);
    match random.u8(0..4) {
        0 => format!("01{goods}"),
        1 => format!("01{goods}17{date}10{lot}"),
        2 => format!("02{goods}37{}", random.u8(1..99)),
        _ => format!("01{goods}3103{:06}", random.u32(100..9999)),
    }
}

/// The digit that makes GS1's check hold.
fn check_digit(number: &str) -> char {
    let digits = number.chars().rev().zip([3, 1].into_iter().cycle());
    let sum: u32 = digits.map(|(c, weight)| c.to_digit(10).unwrap() * weight).sum();
    char::from_digit((10 - sum % 10) % 10, 10).unwrap()
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
