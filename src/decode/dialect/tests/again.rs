//! Lines that come again, alike but for their digits, are read as if they came for the first time.

use super::*;

/// Lines of real receipts, and of all that the dialects know by a digit's value.
static LINES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/decode/dialect/testdata");
    let texts = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = texts.filter(|path| path.extension().is_some_and(|end| end == "txt"));
    let own = "2 for 1 TEA  -1.50\nTAX1 7%  0.42\nBUY 1 GET 1 FREE  -2.00\nMILK 1L 19% 1.09 A\nTEA 2 x 1.50 3.00\n\
        3 TEA @ 1.50  4.50\n12 KAFFEE  3,50\nVISA ****1234 9.99\nMILCH 1,5 kg x 2,00  3,00\n1.234,56 EUR\nB1 7.00";
    let texts =
        texts.map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned());
    let texts: Vec<String> = texts.chain([own.to_owned()]).collect();
    texts.iter().flat_map(|text| text.lines()).map(|line| line.trim().to_owned()).collect()
});

static DIALECTS: LazyLock<Vec<Arc<Dialect>>> = LazyLock::new(|| {
    let dialect = |id: &str| Arc::new(Dialect::builtin(id, &setting()).unwrap().unwrap());
    ["escpos-generic", "escpos-comma", "japan", "us"].map(dialect).into()
});

/// The line with other digits; a zero among them now and then.
fn other_digits(line: &str, random: &mut fastrand::Rng) -> String {
    let digit = |c: char| match c {
        '0'..='9' if random.u8(0..24) == 0 => '0',
        '1'..='9' => char::from(random.u8(b'1'..=b'9')),
        c => c,
    };
    line.chars().map(digit).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_a_line_means_does_not_depend_on_lines_that_were_like_it(seed: u64, which in 0..4_usize) {
        let mut random = fastrand::Rng::with_seed(seed);
        let dialect = &DIALECTS[which];
        let (mut knowing, mut new) = (Grammar::new(Arc::clone(dialect)), Grammar::new(Arc::clone(dialect)));
        let few: Vec<&String> = (0..8).map(|_| random.choice(LINES.iter()).unwrap()).collect();
        let (mut facts, mut expected) = (Vec::new(), Vec::new());
        for _ in 0..48 {
            let line = other_digits(random.choice(few.iter()).unwrap(), &mut random);
            let line = LayoutLine { text: line, ..LayoutLine::default() };
            knowing.step(DocumentFact::Line(line.clone()), &mut facts);
            new.forget();
            new.step(DocumentFact::Line(line.clone()), &mut expected);
            prop_assert_eq!(&facts, &expected, "{:?}", line);
            prop_assert_eq!(knowing.last(), new.last());
            if random.u8(0..16) == 0 {
                knowing.step(DocumentFact::End(DocumentEnd::Cut), &mut facts);
                new.step(DocumentFact::End(DocumentEnd::Cut), &mut expected);
            }
        }
    }
}
