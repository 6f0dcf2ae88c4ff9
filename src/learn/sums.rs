//! Which label is the total, the payment, the change: found by arithmetic, so that any language will do.
//!
//! A line whose amount is the sum of all amounts before it is a total. What follows and makes the total is a payment;
//! what is left of it, change. Documents vote by the labels of those lines.

use std::collections::BTreeMap;

use super::amounts;
use super::paper::Document;

/// A line with amounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Of the document's lines.
    pub line: usize,
    /// See [`amounts::label`].
    pub label: String,
    /// All of them.
    pub amounts: Vec<i64>,
}

/// Which amount of a line is the line's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Own {
    /// The last one.
    #[default]
    Last,
    /// The first one.
    First,
}

impl Row {
    fn own(&self, own: Own) -> i64 {
        let amount = match own {
            Own::Last => self.amounts.last(),
            Own::First => self.amounts.first(),
        };
        amount.copied().unwrap_or_default()
    }
}

/// What labels mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Which amount of a line counts.
    pub own: Own,
    /// Documents whose lines make their total.
    pub agreed: usize,
    /// What is to pay.
    pub total: Option<String>,
    /// The sum before tax.
    pub subtotal: Option<String>,
    /// What stands between the two.
    pub between: Vec<String>,
    /// Payments, with whether change was ever given on them.
    pub tenders: Vec<(String, bool)>,
    /// Given back.
    pub change: Option<String>,
    /// Articles: document and line.
    pub items: Vec<(usize, usize)>,
}

/// Lines with amounts.
#[must_use]
pub fn rows(document: &Document, sign: char) -> Vec<Row> {
    let row = |(line, text): (usize, &String)| {
        let amounts = amounts::of_line(text, sign);
        (!amounts.is_empty()).then(|| Row { line, label: amounts::label(text), amounts })
    };
    document.lines.iter().enumerate().filter_map(row).collect()
}

/// Finds out what the labels mean.
#[must_use]
pub fn find(documents: &[Document], sign: char) -> Sums {
    let all: Vec<Vec<Row>> = documents.iter().map(|document| rows(document, sign)).collect();
    let tried = [Own::Last, Own::First].map(|own| of(&all, own));
    let [last, first] = tried;
    if last.agreed < first.agreed { first } else { last }
}

fn of(all: &[Vec<Row>], own: Own) -> Sums {
    let mut votes = Votes::default();
    for rows in all {
        let labels = (1..rows.len()).filter(|at| is_sum(rows, *at, own));
        let labels = labels.filter_map(|at| rows.get(at)).map(|row| row.label.as_str());
        votes.once_each(labels.filter(|label| !label.is_empty()));
    }
    let mut sums = Sums { own, ..Sums::default() };
    let Some((label, _)) = votes.best() else { return sums };
    beyond(all, label, &mut sums);
    let mut tenders: BTreeMap<String, bool> = BTreeMap::new();
    let mut changes = Votes::default();
    for (document, rows) in all.iter().enumerate() {
        let Some((first, total)) = places(rows, &sums) else { continue };
        sums.agreed += 1;
        let items = rows.iter().take(first).map(|row| (document, row.line));
        sums.items.extend(items);
        let due = rows.get(total).map_or(0, |row| row.own(own));
        let rest = rows.get(total + 1..).unwrap_or_default();
        let (paid, given) = payments(rest, due, own);
        for row in &paid {
            *tenders.entry(row.label.clone()).or_default() |= given.is_some();
        }
        changes.once_each(given.iter().map(|row| row.label.as_str()));
    }
    sums.tenders = tenders.into_iter().filter(|(label, _)| !label.is_empty()).collect();
    sums.change = changes.best().map(|(label, _)| label.to_owned());
    // A line of no change is no payment.
    let change = sums.change.clone();
    sums.tenders.retain(|(label, _)| Some(label) != change.as_ref());
    sums
}

/// Whether the row is the sum of all before it.
fn is_sum(rows: &[Row], at: usize, own: Own) -> bool {
    let before = rows.iter().take(at).map(|row| row.own(own)).sum::<i64>();
    0 < at && rows.get(at).is_some_and(|row| row.own(own) == before && before != 0)
}

/// The label may be that of a subtotal, with tax or the like before the total.
fn beyond(all: &[Vec<Row>], label: &str, sums: &mut Sums) {
    let own = sums.own;
    let (mut votes, mut between, mut documents) = (Votes::default(), Votes::default(), 0);
    for rows in all {
        let found = (1..rows.len())
            .find(|at| is_sum(rows, *at, own) && rows.get(*at).is_some_and(|r| r.label == label));
        let Some(at) = found else { continue };
        documents += 1;
        let mut sum = rows.get(at).map_or(0, |row| row.own(own));
        let rest = rows.get(at + 1..).unwrap_or_default();
        for (index, row) in rest.iter().enumerate() {
            if 0 < index && row.own(own) == sum && !row.label.is_empty() {
                votes.once_each([row.label.as_str()]);
                between.once_each(rest.iter().take(index).map(|row| row.label.as_str()));
                break;
            }
            sum += row.own(own);
        }
    }
    match votes.best() {
        Some((total, count)) if documents * 3 <= count * 5 => {
            sums.subtotal = Some(label.to_owned());
            sums.between = between.0.into_keys().filter(|label| !label.is_empty()).collect();
            sums.total = Some(total.to_owned());
        }
        _ => sums.total = Some(label.to_owned()),
    }
}

/// Where the articles end and where the total is, if their sums agree.
fn places(rows: &[Row], sums: &Sums) -> Option<(usize, usize)> {
    let labelled = |label: &Option<String>, at: usize| {
        rows.get(at).is_some_and(|row| Some(&row.label) == label.as_ref())
    };
    if sums.subtotal.is_none() {
        let at =
            (1..rows.len()).find(|at| labelled(&sums.total, *at) && is_sum(rows, *at, sums.own))?;
        return Some((at, at));
    }
    let at =
        (1..rows.len()).find(|at| labelled(&sums.subtotal, *at) && is_sum(rows, *at, sums.own))?;
    let total = (at + 1..rows.len()).find(|other| labelled(&sums.total, *other))?;
    Some((at, total))
}

/// The rows that pay `due`, and the row that gives change.
fn payments(rows: &[Row], due: i64, own: Own) -> (Vec<&Row>, Option<&Row>) {
    if let Some(row) = rows.iter().find(|row| row.own(own) == due) {
        return (vec![row], None);
    }
    let later = |at: usize| rows.iter().skip(at + 1);
    for (at, first) in rows.iter().enumerate() {
        if let Some(given) = later(at).find(|row| first.own(own) - row.own(own).abs() == due) {
            return (vec![first], Some(given));
        }
        if let Some(second) = later(at).find(|row| first.own(own) + row.own(own) == due) {
            return (vec![first, second], None);
        }
    }
    (Vec::new(), None)
}

/// How many documents speak for a label.
#[derive(Debug, Default)]
struct Votes(BTreeMap<String, usize>);

impl Votes {
    /// One document's vote for each label.
    fn once_each<'l>(&mut self, labels: impl IntoIterator<Item = &'l str>) {
        let mut seen: Vec<&str> = Vec::new();
        for label in labels {
            if !seen.contains(&label) {
                seen.push(label);
                *self.0.entry(label.to_owned()).or_default() += 1;
            }
        }
    }

    fn best(&self) -> Option<(&str, usize)> {
        let best = self.0.iter().max_by_key(|(_, count)| **count);
        best.map(|(label, count)| (label.as_str(), *count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(texts: &[&str]) -> Vec<Document> {
        let lines = |text: &&str| text.lines().map(str::to_owned).collect();
        texts.iter().map(|text| Document { lines: lines(text), ..Document::default() }).collect()
    }

    #[test]
    fn labels_are_found_by_what_adds_up() {
        let found = find(
            &documents(&[
                "Blim 2,50\nBlam 3,00\nZUMMA 5,50\nPlenko 10,00\nRetu 4,50",
                "Blim 2,50\nZUMMA 2,50\nKarto 2,50",
                "Blum 1,00\nBlum 1,00\nZUMMA 2,00\nKarto 1,00\nPlenko 1,00",
            ]),
            ',',
        );
        assert_eq!(found.total.as_deref(), Some("zumma"));
        assert_eq!(found.tenders, [("karto".to_owned(), false), ("plenko".to_owned(), true)]);
        assert_eq!((found.change.as_deref(), found.agreed), (Some("retu"), 3));
        assert_eq!(found.items, [(0, 0), (0, 1), (1, 0), (2, 0), (2, 1)]);
        assert_eq!(found.subtotal, None);
    }

    #[test]
    fn tax_between_a_subtotal_and_the_total_is_seen() {
        let found = find(
            &documents(&[
                "A 1.00\nB 2.00\nSub 3.00\nTaxo 0.30\nFinal 3.30\nCash 3.30",
                "A 1.00\nC 4.00\nSub 5.00\nTaxo 0.50\nFinal 5.50\nCash 6.00\nBack 0.50",
            ]),
            '.',
        );
        assert_eq!(found.subtotal.as_deref(), Some("sub"));
        assert_eq!(found.total.as_deref(), Some("final"));
        assert_eq!(found.between, ["taxo"]);
    }

    #[test]
    fn the_amount_may_come_first() {
        let found = find(
            &documents(&[
                "5,00 A (2*2,50)\n1,00 B (1*1,00)\n6,00 ZUM",
                "2,00 C (1*2,00)\n2,00 ZUM",
            ]),
            ',',
        );
        assert_eq!((found.own, found.total.as_deref()), (Own::First, Some("zum")));
    }

    #[test]
    fn what_does_not_add_up_says_nothing() {
        assert_eq!(find(&documents(&["A 1.00\nB 2.00\nTOTAL 9.00"]), '.').total, None);
        assert_eq!(find(&[], '.').agreed, 0);
    }
}
