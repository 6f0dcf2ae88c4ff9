//! Which records are articles and which is their sum.

use std::collections::BTreeMap;

use super::{Fields, Kinds};

/// What a kind of record is, and the field of its amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An article.
    Item(usize),
    /// The sum of those before.
    Total(usize),
    /// It says the sum again.
    Tender(usize),
    /// Nothing is known.
    Unknown,
}

/// What the sums say.
#[derive(Debug)]
pub struct Sums {
    item: (String, usize),
    total: (String, usize),
    tenders: BTreeMap<String, usize>,
    /// The fields of an article's quantity and price, which make its amount.
    pub product: Option<(usize, usize)>,
    /// The kind that ends each sale.
    pub last: String,
    /// No point is written in amounts.
    pub minor: bool,
}

impl Sums {
    /// The kinds and fields of which one is the sum of the other in every sale: in two sales or more, one of several
    /// records.
    pub fn find(records: &[Fields], kinds: &Kinds) -> Option<Self> {
        let width = |all: &[Fields]| all.iter().map(Vec::len).min().unwrap_or_default();
        for (item, items) in kinds {
            for (total, totals) in kinds.iter().filter(|(total, _)| total != item) {
                for from in (1..width(items)).rev() {
                    for to in 1..width(totals) {
                        let found = Self::of(records, (item, from), (total, to));
                        if found.is_some() {
                            return found;
                        }
                    }
                }
            }
        }
        None
    }

    fn of(records: &[Fields], item: (&str, usize), total: (&str, usize)) -> Option<Self> {
        let (mut sum, mut count, mut sales, mut several) = (0, 0, 0, false);
        // Since the last total: kinds and amounts of what came.
        let (mut after, mut last): (Vec<&Fields>, Vec<String>) = (Vec::new(), Vec::new());
        let mut again: Option<BTreeMap<String, usize>> = None;
        let mut is_last: Option<i64> = None;
        for record in records {
            let kind = record.first()?.as_str();
            if kind == item.0 {
                if count == 0 && sales > 0 {
                    last.extend(after.last().and_then(|record| record.first()).cloned());
                    repeats(&mut again, &after, is_last?);
                    after.clear();
                }
                sum += cents(record.get(item.1)?)?;
                count += 1;
            } else if kind == total.0 {
                if cents(record.get(total.1)?)? != sum || count == 0 || sum == 0 {
                    return None;
                }
                (several, sales, is_last) = (several || 1 < count, sales + 1, Some(sum));
                (sum, count) = (0, 0);
                after = vec![record];
            } else if count == 0 {
                after.push(record);
            }
        }
        if sales < 2 || !several || count != 0 {
            return None;
        }
        last.extend(after.last().and_then(|record| record.first()).cloned());
        repeats(&mut again, &after, is_last?);
        last = before_first(records, sales).unwrap_or(last);
        let same = last.first().filter(|first| last.iter().all(|kind| kind == *first)).cloned();
        let point = |field: &String| field.contains(['.', ',']);
        let minor = !records
            .iter()
            .any(|r| r.first().is_some_and(|k| k == item.0) && r.get(item.1).is_some_and(point));
        Some(Self {
            product: product(records, item),
            item: (item.0.to_owned(), item.1),
            total: (total.0.to_owned(), total.1),
            tenders: again
                .unwrap_or_default()
                .into_iter()
                .filter(|(kind, _)| kind != total.0)
                .collect(),
            last: same.unwrap_or_default(),
            minor,
        })
    }

    pub fn role(&self, kind: &str) -> Role {
        match self.tenders.get(kind) {
            _ if self.item.0 == kind => Role::Item(self.item.1),
            _ if self.total.0 == kind => Role::Total(self.total.1),
            Some(at) => Role::Tender(*at),
            None => Role::Unknown,
        }
    }
}

/// Which two fields of all articles multiply to the amount. Single pieces prove nothing.
fn product(records: &[Fields], (item, amount): (&str, usize)) -> Option<(usize, usize)> {
    let items = || records.iter().filter(|record| record.first().is_some_and(|kind| kind == item));
    let width = items().map(Vec::len).min()?;
    let holds = |qty: usize, unit: usize| {
        let parts = |record: &Fields| {
            let parts = (milli(record.get(qty)?)?, cents(record.get(unit)?)?);
            Some((parts, cents(record.get(amount)?)?))
        };
        let makes = |record: &Fields| {
            parts(record).is_some_and(|((qty, unit), amount)| {
                // A weight times a price is rounded to the smallest coin.
                let exact = i128::from(qty) * i128::from(unit) - i128::from(amount) * 1000;
                exact.abs() <= 500
            })
        };
        let several = |record: &Fields| parts(record).is_some_and(|((qty, _), _)| qty != 1000);
        items().all(makes) && items().any(several)
    };
    let places = || (1..width).filter(|at| *at != amount);
    // A price has decimals sooner than a quantity has; of two whole numbers the quantity stands first.
    let pairs = places().flat_map(|qty| places().map(move |unit| (qty, unit)));
    let pairs = pairs.filter(|(qty, unit)| qty != unit && holds(*qty, *unit));
    let pointed = |at: usize| {
        items().any(|record| record.get(at).is_some_and(|field| field.contains(['.', ','])))
    };
    pairs.min_by_key(|(qty, unit)| (pointed(*qty) && !pointed(*unit), qty > unit))
}

/// A quantity in thousandths.
fn milli(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let good = !whole.is_empty() && whole.len() <= 9 && part.len() <= 3;
    if !good || !digits(whole) || !digits(part) {
        return None;
    }
    format!("{whole}{part:0<3}").parse().ok()
}

/// The kinds that come before the kind that begins each sale, where there is one.
fn before_first(records: &[Fields], sales: usize) -> Option<Vec<String>> {
    let kind = |record: &Fields| record.first().cloned();
    let first = kind(records.first()?)?;
    let begins = records.iter().filter(|record| record.first() == Some(&first)).count();
    let pairs = records.iter().zip(records.iter().skip(1));
    let before = pairs.filter(|(_, next)| next.first() == Some(&first));
    let ends = before.map(|(record, _)| record).chain(records.last());
    if begins == sales { ends.map(kind).collect() } else { None }
}

/// Keeps the kinds behind a total that say its amount again.
fn repeats(all: &mut Option<BTreeMap<String, usize>>, after: &[&Fields], amount: i64) {
    let all = all.get_or_insert_default();
    for record in after {
        let at = (1..).zip(record.iter().skip(1)).find(|(_, field)| cents(field) == Some(amount));
        if let (Some(kind), Some((at, _))) = (record.first(), at) {
            all.entry(kind.clone()).or_insert(at);
        }
    }
}

/// A number in hundredths, or in whatever it counts where it has no point.
fn cents(text: &str) -> Option<i64> {
    let number: String = text.chars().filter(|c| !matches!(c, '.' | ',')).collect();
    let plain = text.chars().rev().position(|c| matches!(c, '.' | ',')).is_none_or(|at| at == 2);
    let digits = number.strip_prefix('-').unwrap_or(&number);
    let good = plain
        && !digits.is_empty()
        && digits.len() <= 12
        && digits.chars().all(|c| c.is_ascii_digit());
    if good { number.parse().ok() } else { None }
}
