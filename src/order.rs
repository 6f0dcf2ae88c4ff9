//! Puts short lists in order: one sort for all of them, as each use of the standard library's costs 4 kB of program.
//!
//! Not for what every line of a till passes through: it asks for a place to keep the order in.

use std::cmp::Ordering;

/// Sorts by what `key` makes of each item; items of one key keep their order. Asks `key` O(n log n) times.
pub fn by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    let compare = |a: usize, b: usize| list.get(a).map(&key).cmp(&list.get(b).map(&key));
    let order = sorted(list.len(), &compare);
    for (at, from) in order.iter().enumerate() {
        // What stood there may have been moved on by the steps before.
        let mut from = *from;
        while from < at {
            from = order.get(from).copied().unwrap_or(at);
        }
        list.swap(at, from);
    }
}

fn sorted(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::by_key;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(mut list: Vec<(u8, u16)>) {
            let mut expected = list.clone();
            expected.sort_by_key(|(key, _)| *key);
            by_key(&mut list, |(key, _)| *key);
            prop_assert_eq!(list, expected);
        }
    }
}
