//! What the till prints: receipts whose articles are numbered, as ESC/POS text lines that every peer can split.
//!
//! A receipt is 16 lines and 8 articles. No byte is NUL, because some peers read lines as C strings.

/// Lines of one receipt.
pub const LINES: u32 = 16;
/// Numbered lines of one receipt.
pub const ARTICLES: u32 = 8;
/// What stands before an article's number.
const MARK: &[u8] = b"ARTICLE N";
const DIGITS: usize = 8;

/// The receipts `from..to`, which hold the articles `from * ARTICLES..to * ARTICLES`.
pub fn receipts(from: u32, to: u32) -> Vec<u8> {
    (from..to).flat_map(|number| receipt(number).into_bytes()).collect()
}

fn receipt(number: u32) -> String {
    let articles = number * ARTICLES..(number + 1) * ARTICLES;
    let cents = |article: u32| 100 + article * 37 % 900;
    let total = f64::from(articles.clone().map(cents).sum::<u32>()) / 100.0;
    let rule = "-".repeat(32);
    let body: String = articles
        .map(|n| format!("ARTICLE N{n:08}     {:>8.2}\n", f64::from(cents(n)) / 100.0))
        .collect();
    format!(
        "\x1b@CORNER SHOP\nReceipt No: {:06}\n2026-11-21 14:05  Till 1\n{rule}\n{body}{rule}\n\
         TOTAL                  {total:>8.2}\nCASH                   {total:>8.2}\nThank you\n\x1dVA\x01",
        number + 1
    )
}

/// The articles' numbers in what arrived.
pub fn numbers(text: &[u8]) -> impl Iterator<Item = u32> {
    let marks = text.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    marks.filter_map(|(at, _)| {
        let digits = text.get(at + MARK.len()..at + MARK.len() + DIGITS)?;
        std::str::from_utf8(digits).ok()?.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_is_sixteen_lines_and_each_article_has_its_own_number() {
        let text = receipts(3, 5);
        assert_eq!(text.iter().filter(|byte| **byte == b'\n').count() as u32, 2 * LINES);
        assert!(numbers(&text).eq(3 * ARTICLES..5 * ARTICLES));
        assert!(!text.contains(&0));
    }

    #[test]
    fn a_number_that_is_cut_off_is_none() {
        assert_eq!(numbers(b"ARTICLE N0000001").count(), 0);
        assert_eq!(numbers(b"ARTICLE N00000017 1.00").collect::<Vec<_>>(), [17]);
    }
}
