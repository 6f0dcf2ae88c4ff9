//! How near two words are: what a hint guesses by.

/// How many letters were inserted, left out, mistaken or swapped with their neighbour between `a` and `b`, no letter
/// twice: the distance of optimal string alignment.
pub(super) fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (line, here) in a.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = line + 1;
        next.push(left);
        for (column, there) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX);
            let replaced = at(&row, column) + usize::from(here != *there);
            let mut best = replaced.min(at(&row, column + 1) + 1).min(left + 1);
            let neighbour = column.checked_sub(1).and_then(|it| Some((it, b.get(it)?)));
            if let Some((start, neighbour)) = neighbour
                && last == Some(*there)
                && here == *neighbour
            {
                best = best.min(at(&before, start) + 1);
            }
            next.push(best);
            left = best;
        }
        before = std::mem::replace(&mut row, next);
        last = Some(here);
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_any_kind_costs_one() {
        for (a, b, expected) in [
            ("", "", 0),
            ("baud", "baud", 0),
            ("bau", "baud", 1),
            ("bauds", "baud", 1),
            ("beud", "baud", 1),
            ("buad", "baud", 1),
            ("abud", "baud", 1),
            ("", "baud", 4),
            ("ca", "abc", 3),
            ("zoen", "zone", 1),
            ("größe", "grosse", 3),
        ] {
            assert_eq!((distance(a, b), distance(b, a)), (expected, expected), "{a} {b}");
        }
    }
}
