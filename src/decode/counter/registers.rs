//! Totals in 16-bit registers, as a Modbus counter keeps them, to [`DoorFact`]s.
//!
//! Modbus says nothing of numbers wider than a register; makers put the words of 32 bits in either order.

use crate::decode::DoorFact;

/// How a total lies in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// 16 bits in one.
    One,
    /// 32 bits in two, the more significant word first.
    HighFirst,
    /// 32 bits in two, the less significant word first.
    LowFirst,
}

impl Layout {
    /// Registers of one total.
    #[must_use]
    pub fn words(self) -> u16 {
        if self == Self::One { 1 } else { 2 }
    }

    /// Bits after which it begins again.
    #[must_use]
    pub fn bits(self) -> u32 {
        16 * u32::from(self.words())
    }

    /// The totals in these registers, first those of who came in; `None`: they are not so many.
    #[must_use]
    pub fn totals(self, words: &[u16]) -> Option<DoorFact> {
        let wide = |high: u16, low: u16| u64::from(high) << 16 | u64::from(low);
        let (entered, exited) = match (self, words) {
            (Self::One, &[entered, exited]) => (entered.into(), exited.into()),
            (Self::HighFirst, &[a, b, c, d]) => (wide(a, b), wide(c, d)),
            (Self::LowFirst, &[a, b, c, d]) => (wide(b, a), wide(d, c)),
            _ => return None,
        };
        Some(DoorFact::Totals { entered, exited })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(layout: Layout, words: &[u16], expected: Option<(u64, u64)>) {
        let expected = expected.map(|(entered, exited)| DoorFact::Totals { entered, exited });
        assert_eq!(layout.totals(words), expected, "{layout:?} {words:?}");
    }

    #[test]
    fn words_are_put_together_in_the_order_of_the_maker() {
        check(Layout::One, &[65_535, 7], Some((65_535, 7)));
        check(Layout::HighFirst, &[1, 2, 0, 9], Some((65_538, 9)));
        check(Layout::LowFirst, &[2, 1, 9, 0], Some((65_538, 9)));
    }

    #[test]
    fn an_answer_of_another_length_says_nothing() {
        for layout in [Layout::One, Layout::HighFirst, Layout::LowFirst] {
            for words in [&[][..], &[1], &[1, 2, 3], &[1, 2, 3, 4, 5]] {
                check(layout, words, None);
            }
        }
        check(Layout::One, &[1, 2, 3, 4], None);
        check(Layout::HighFirst, &[1, 2], None);
    }

    proptest! {
        #[test]
        fn any_totals_are_read_back(entered: u32, exited: u32) {
            let [high, low] = [16, 0].map(|by| [entered, exited].map(|it| (it >> by) as u16));
            let expected = Some(DoorFact::Totals { entered: entered.into(), exited: exited.into() });
            prop_assert_eq!(Layout::HighFirst.totals(&[high[0], low[0], high[1], low[1]]), expected);
            prop_assert_eq!(Layout::LowFirst.totals(&[low[0], high[0], low[1], high[1]]), expected);
        }
    }
}
