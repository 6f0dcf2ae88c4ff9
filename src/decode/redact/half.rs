//! Halves of numbers, where a line was cut off: nothing can check them, so what may be one is hidden.

use super::groups::{Gap, groups};
use super::pan::{hide_but_four, values};
use super::{Fate, apply, brand, plain, set};

/// Digits of half a number that are worth hiding at its beginning: six may be shown.
const HEAD_MIN: usize = 7;

/// And at its end: four may be shown, and a short number says nothing.
const REST_MIN: usize = 8;

/// Hides the digits at the end of `text` with which a card's number may begin.
pub(super) fn without_head(text: &str) -> Vec<Fate> {
    let chars = plain::fold(&text.chars().collect::<Vec<_>>());
    let mut fates = vec![Fate::Keep; chars.len()];
    let groups = groups(&chars, &[]);
    let chain = groups.iter().rposition(|group| group.gap == Gap::Break).unwrap_or(0);
    let trailing = |c: &char| matches!(c, ' ' | '-' | '.');
    let ends = groups.last().is_some_and(|last| chars.iter().skip(last.end).all(trailing));
    for group in groups.iter().skip(chain).filter(|_| ends) {
        let digits: Vec<u8> = values(&chars, group.start..chars.len()).collect();
        let count = HEAD_MIN..=brand::DIGITS_MAX;
        if count.contains(&digits.len()) && brand::may_begin_card(&digits) {
            for at in (group.start..chars.len())
                .filter(|at| chars.get(*at).is_some_and(char::is_ascii_digit))
            {
                set(&mut fates, at..at + 1, Fate::Mask);
            }
            break;
        }
    }
    fates
}

/// `text` without the digits it begins with, but for four.
pub(super) fn without_rest(text: &str) -> String {
    let all: Vec<char> = text.chars().collect();
    let chars = plain::fold(&all);
    let mut fates = vec![Fate::Keep; chars.len()];
    let groups = groups(&chars, &[]);
    let leads =
        groups.first().is_some_and(|first| chars.iter().take(first.start).all(|c| *c == ' '));
    let chain = groups
        .iter()
        .skip(1)
        .take_while(|group| group.gap == Gap::Same(' ') || group.gap == Gap::Same('-'));
    let end = chain.last().or(groups.first()).map_or(0, |group| group.end);
    let count = values(&chars, 0..end).count();
    if leads && (REST_MIN..=brand::DIGITS_MAX).contains(&count) {
        hide_but_four(&chars, 0..end, &mut fates);
    }
    apply(&all, &fates)
}
