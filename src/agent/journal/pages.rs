//! Pages that wait for the store: those of one document are put together, so that a store that refuses for long gets
//! few.

use super::text::HOLE;
use crate::limits;
use crate::store::Page;

/// In the order in which they came.
#[derive(Debug, Default)]
pub struct Pages {
    waiting: Vec<Page>,
    bytes: usize,
    /// Pages whose text was left out because too much waited.
    holes: u64,
}

impl Pages {
    /// Takes pages.
    pub fn push(&mut self, pages: impl IntoIterator<Item = Page>) {
        for mut page in pages {
            if limits::JOURNAL_WAITING < self.bytes + page.text.len() + page.tail.len() {
                self.holes += 1;
                page.text = HOLE.to_owned();
                page.tail.clear();
            }
            self.bytes += page.text.len() + page.tail.len();
            let mut before = self.waiting.iter_mut().rev();
            match before
                .find(|it| (&it.device, it.paper) == (&page.device, page.paper))
                .filter(|it| !it.ends)
            {
                Some(open) => {
                    let again = page.text == HOLE && open.text.ends_with(HOLE);
                    open.text += if again { "" } else { &page.text };
                    (open.at, open.ends, open.tail) = (page.at, page.ends, page.tail);
                }
                None => self.waiting.push(page),
            }
        }
    }

    /// All of them.
    #[must_use]
    pub fn waiting(&self) -> &[Page] {
        &self.waiting
    }

    /// Whether one of them ends a document: the records of that end must go with it.
    #[must_use]
    pub fn any_ends(&self) -> bool {
        self.waiting.iter().any(|page| page.ends)
    }

    /// The store has them.
    pub fn written(&mut self) {
        self.waiting.clear();
        self.bytes = 0;
    }

    /// Pages whose text was left out.
    #[must_use]
    pub fn holes(&self) -> u64 {
        self.holes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(device: &str, text: &str, ends: bool) -> Page {
        let (device, text) = (device.to_owned(), text.to_owned());
        Page { device, text, ends, tail: String::new(), ..Page::default() }
    }

    fn texts(pages: &Pages) -> Vec<(&str, &str, bool)> {
        let one = |page: usize| {
            let Page { device, text, ends, .. } = &pages.waiting()[page];
            (device.as_str(), text.as_str(), *ends)
        };
        (0..pages.waiting().len()).map(one).collect()
    }

    #[test]
    fn pages_of_one_document_are_put_together() {
        let mut pages = Pages::default();
        pages.push([page("a", "1", false), page("b", "x", false), page("a", "2", true)]);
        assert!(pages.any_ends());
        pages.push([page("a", "3", true), page("a", "4", false), page("b", "y", false)]);
        let expected = [("a", "12", true), ("b", "xy", false), ("a", "3", true), ("a", "4", false)];
        assert_eq!(texts(&pages), expected);
        pages.written();
        assert!(pages.waiting().is_empty() && !pages.any_ends());
    }

    #[test]
    fn what_is_too_much_is_left_out_and_leaves_a_hole() {
        let mut pages = Pages::default();
        let long = "x".repeat(limits::JOURNAL_WAITING / 2);
        let (one, two) = (page("a", &long, false), page("a", &long, false));
        pages.push([one, two, page("a", "y", false), page("a", "z", true)]);
        assert_eq!(pages.holes(), 2);
        let page = pages.waiting().last().unwrap();
        assert_eq!((page.text.len(), page.ends), (2 * long.len() + HOLE.len(), true));
        assert!(page.text.ends_with(HOLE));
    }
}
