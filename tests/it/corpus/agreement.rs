//! How far printed lines agree with what others say was printed.

use std::fmt::Write as _;
use std::path::Path;

use tillgate::decode::LayoutLine;

/// Documents and lines that agree with an oracle.
#[derive(Default)]
pub struct Agreement {
    documents: usize,
    agreed: usize,
    lines: usize,
    enlarged: usize,
    differences: String,
}

impl Agreement {
    /// Compares a document line by line.
    pub fn compare(&mut self, path: &Path, expected: &[String], printed: &[&LayoutLine]) {
        self.documents += 1;
        self.lines += expected.len();
        let differ = |(e, p): &(&String, &&LayoutLine)| !agree(e, p);
        self.enlarged += expected.iter().zip(printed).filter(|(e, p)| **e != p.text).count();
        let differing: Vec<_> = expected.iter().zip(printed).filter(differ).collect();
        if differing.is_empty() && expected.len() == printed.len() {
            self.agreed += 1;
            return;
        }
        writeln!(self.differences, "{}", path.file_name().unwrap().to_str().unwrap()).unwrap();
        for (e, p) in differing {
            writeln!(self.differences, "  expected {e:?}\n   printed {:?}", p.text).unwrap();
        }
        writeln!(
            self.differences,
            "  {} lines expected, {} printed",
            expected.len(),
            printed.len()
        )
        .unwrap();
    }

    /// Compares with the `.expected.txt` beside a stream of receiptline.
    pub fn compare_with_text(&mut self, folder: &Path, path: &Path, printed: &[&LayoutLine]) {
        let name = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap();
        let text = std::fs::read_to_string(folder.join(format!("{name}.expected.txt"))).unwrap();
        let mut expected: Vec<String> = text.lines().map(|l| l.trim_end().to_owned()).collect();
        // Spaces at the end of a line and blank lines at the end of a document cannot be seen on paper.
        expected.truncate(expected.iter().rposition(|l| !l.is_empty()).map_or(0, |last| last + 1));
        self.compare(path, &expected, printed);
    }

    /// Says how much agreed; fails with what did not.
    pub fn finish(self, oracle: &str) {
        let Self { documents, agreed, lines, enlarged, differences } = self;
        println!(
            "{oracle}: {agreed} of {documents} documents agree; {lines} lines, {enlarged} of them enlarged"
        );
        assert!(differences.is_empty(), "{oracle}:\n{differences}");
    }
}

/// Whether a line agrees with the oracle. The oracle letter-spaces enlarged words ("T O T A L") to keep
/// their width on paper, we write them once: in enlarged lines only, spaces are not compared.
fn agree(expected: &str, printed: &LayoutLine) -> bool {
    let letters = |text: &str| text.replace(' ', "");
    printed.text == expected || (printed.enlarged && letters(&printed.text) == letters(expected))
}
