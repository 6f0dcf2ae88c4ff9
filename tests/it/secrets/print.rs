//! Documents that hold secrets, in every form that a till prints them in.

/// What was made up for this run.
pub struct Secrets {
    random: fastrand::Rng,
    /// Card numbers, and what else is on their stripes.
    pub numbers: Vec<String>,
    /// Labels with their codes.
    pub labelled: Vec<String>,
}

/// Prefix and length of cards of all brands.
const CARDS: &[(&str, usize)] = &[
    ("4", 16),
    ("4", 19),
    ("53", 16),
    ("2231", 16),
    ("37", 15),
    ("6011", 16),
    ("3530", 16),
    ("36", 14),
    ("62", 16),
    ("62", 19),
    ("6759", 16),
    ("2201", 16),
];

impl Secrets {
    pub fn new(seed: u64) -> Self {
        Self { random: fastrand::Rng::with_seed(seed), numbers: Vec::new(), labelled: Vec::new() }
    }

    /// A new card number of 16 digits or of any length.
    fn card(&mut self, any: bool) -> String {
        let cards = CARDS.iter().filter(|(_, length)| any || *length == 16).collect::<Vec<_>>();
        let (prefix, length) = **self.random.choice(&cards).unwrap();
        let mut number = prefix.to_owned();
        while number.len() < length - 1 {
            number.push(self.random.digit(10));
        }
        let check = (0..10).find(|check| luhn(&format!("{number}{check}"))).unwrap();
        number.push_str(&check.to_string());
        self.numbers.push(number.clone());
        number
    }

    /// So many digits of a stripe's discretionary data.
    fn data(&mut self, count: usize) -> String {
        let data: String = (0..count).map(|_| self.random.digit(10)).collect();
        self.numbers.push(data.clone());
        data
    }

    fn code(&mut self, label: &str, digits: usize) -> String {
        let code: String = (0..digits).map(|_| self.random.digit(10)).collect();
        let printed = format!("{label}{code}");
        self.labelled.push(printed.clone());
        printed
    }

    fn four(&mut self, separator: &str) -> String {
        let number = self.card(false);
        let groups: Vec<&str> = (0..4).map(|at| &number[4 * at..4 * at + 4]).collect();
        groups.join(separator)
    }

    /// Lines of plain text.
    pub fn lines(&mut self) -> Vec<String> {
        let mut lines = vec![
            format!("CARD {}", self.card(true)),
            format!("PAN{}", self.card(true)),
            format!("{} VISA 12,50", self.card(true)),
            format!("REF 000{}", self.card(false)),
            format!("5A08{}", self.card(false)),
            format!("PAN {}1227", self.card(false)),
            format!("]Q1{}", self.card(false)),
            format!("5A08{}5F24032905", self.card(false)),
            format!("16{}", self.card(false)),
            format!("9F6B13{}D2905", self.card(false)),
            format!("T{}2905201", self.card(false)),
        ];
        for separator in [" ", "-", ".", "/", "_", ":", "  ", "      ", " - ", "\n", "\n    "] {
            lines.push(format!("CARD {}", self.four(separator)));
        }
        let number = self.card(false);
        lines.push(format!("CARD {} {} {}", &number[..4], &number[4..10], &number[10..]));
        let number = self.card(false);
        lines.push(format!("CARD {}XXXX", &number[..12]));
        let number = self.card(false);
        lines.push(format!("CARD ********{}", &number[8..]));
        lines.extend(self.stripes());
        lines.push(self.code("CVV: ", 3));
        lines.push(self.code("CVC2 ", 3));
        lines.push(self.code("CID=", 4));
        lines.push(self.code("Security code ", 3));
        lines.push(self.code("CVV\n", 3));
        lines.push(self.code("PIN: ", 4));
        lines.push(format!("PIN BLOCK {}", self.data(16)));
        lines
    }

    fn stripes(&mut self) -> Vec<String> {
        let mut track = || (self.card(false), self.data(12));
        let mut lines = Vec::new();
        let (number, data) = track();
        lines.push(format!("%B{number}^DOE/JOHN^2712101{data}?"));
        let (number, data) = track();
        lines.push(format!(";{number}=2712101{data}?"));
        let (number, data) = track();
        lines.push(format!("{number}D2712101{data}F"));
        let (number, data) = track();
        lines.push(format!(";59{number}=7247240000{data}=1=00?"));
        let (number, data) = track();
        lines.push(format!("57{:02}{number}D2712101{data}", 12));
        let (number, data) = track();
        lines.push(format!("%B{number}^DOE/\nJOHN^2712101{data}?"));
        lines
    }

    /// ESC/POS documents beyond lines.
    pub fn printed(&mut self) -> Vec<Vec<u8>> {
        let style = |random: &mut fastrand::Rng, text: &str| -> Vec<u8> {
            let commands: [&[u8]; 6] = [
                b"\x1BE\x01",
                b"\x1BE\x00",
                b"\x1D!\x11",
                b"\x1D!\x00",
                b"\x1B-\x01",
                b"\x10\x04\x01",
            ];
            let each =
                text.bytes().map(|byte| [*random.choice(&commands).unwrap(), &[byte]].concat());
            each.collect::<Vec<_>>().concat()
        };
        let mut documents = Vec::new();
        let number = self.card(true);
        documents
            .push([b"CARD ".to_vec(), style(&mut self.random, &number), b"\n".to_vec()].concat());
        // Columns from the right to the left.
        let number = self.card(false);
        let mut placed = b"CARD".to_vec();
        for at in [3, 1, 0, 2] {
            let dots = 120 + 60 * at as u16;
            placed.extend(
                [&b"\x1B$"[..], &dots.to_le_bytes(), &number.as_bytes()[4 * at..4 * at + 4]]
                    .concat(),
            );
        }
        documents.push([&placed[..], b"\n"].concat());
        let number = self.card(true);
        documents.push([b"\x1BLCARD ", number.as_bytes(), b"\n\x0C\x1BS"].concat());
        let number = self.card(false);
        documents.push([b"\x1Dk\x49\x12{B", number.as_bytes(), b"\n"].concat());
        let number = self.card(false);
        documents.push([b"\x1Dk\x4A\x14{121", &number.as_bytes()[..16], b"\n"].concat());
        let number = self.card(false);
        let qr = [b"\x1D(k\x13\x001P0", number.as_bytes(), b"\x1D(k\x03\x001Q0"].concat();
        documents.push(qr);
        let number = self.card(true);
        documents.push([b"\x1B=\x02\x0C", number.as_bytes(), b"\r\n\x1B=\x01"].concat());
        let number = self.card(true);
        let noise: Vec<u8> = (0..200).map(|_| self.random.u8(0x80..)).collect();
        documents.push([&noise[..], b"\n", number.as_bytes(), b"\n", &noise].concat());
        let pan = self.four("\u{FF}").replace('\u{FF}', "\u{1}");
        let cp437 = pan.bytes().map(|byte| if byte == 1 { 0xFF } else { byte }).collect::<Vec<_>>();
        documents.push([&b"CARD "[..], &cp437, b"\n"].concat());
        documents
    }

    /// A number that breaks off: only so many digits of it are ever printed.
    pub fn broken_off(&mut self) -> Vec<u8> {
        let number = self.card(false);
        format!("CARD {}", &number[..13]).into_bytes()
    }
}

fn luhn(number: &str) -> bool {
    let digits = number.bytes().rev().map(|byte| u32::from(byte - b'0'));
    let sum: u32 =
        digits.enumerate().map(|(at, d)| d * (1 + at as u32 % 2)).map(|d| d / 10 + d % 10).sum();
    sum.is_multiple_of(10)
}
