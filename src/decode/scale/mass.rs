//! Units of mass, by integers.
//!
//! Factors are exact: one pound is 453.59237 g (international yard and pound agreement, 1959), an ounce a
//! sixteenth of it; a troy ounce is 31.1034768 g. Grams are rounded, half away from zero.

/// A unit that a scale or a label may count in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// `kg`.
    #[default]
    Kilogram,
    /// `g`.
    Gram,
    /// `lb`.
    Pound,
    /// `oz`.
    Ounce,
    /// `ozt`.
    TroyOunce,
    /// `t`.
    Tonne,
}

impl Unit {
    /// The unit of this name, in any case, with spaces around or a dot behind.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name.trim().trim_end_matches('.').to_ascii_lowercase().as_str() {
            "kg" => Some(Self::Kilogram),
            "g" => Some(Self::Gram),
            "lb" | "lbs" => Some(Self::Pound),
            "oz" => Some(Self::Ounce),
            "ozt" => Some(Self::TroyOunce),
            "t" => Some(Self::Tonne),
            _ => None,
        }
    }

    /// Grams of `mantissa` × 10^-`decimals` of this unit; nothing beyond what a shop could weigh.
    #[must_use]
    pub fn grams(self, mantissa: i64, decimals: u8) -> Option<i64> {
        let divisor = 10_i128.checked_pow(u32::from(decimals))? * NANO;
        let scaled = i128::from(mantissa).checked_mul(self.nanograms())?;
        let half = if scaled < 0 { -divisor } else { divisor } / 2;
        let grams = scaled.checked_add(half)? / divisor;
        i64::try_from(grams).ok().filter(|grams| grams.abs() <= GRAMS_MAX)
    }

    fn nanograms(self) -> i128 {
        match self {
            Self::Kilogram => 1_000 * NANO,
            Self::Gram => NANO,
            Self::Pound => 453_592_370_000,
            Self::Ounce => 28_349_523_125,
            Self::TroyOunce => 31_103_476_800,
            Self::Tonne => 1_000_000 * NANO,
        }
    }
}

const NANO: i128 = 1_000_000_000;

/// A hundred tonnes; more is a broken reading.
const GRAMS_MAX: i64 = 100_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, mantissa: i64, decimals: u8, expected: Option<i64>) {
        let grams = Unit::named(name).and_then(|unit| unit.grams(mantissa, decimals));
        assert_eq!(grams, expected, "{mantissa}e-{decimals} {name}");
    }

    #[test]
    fn every_unit_becomes_whole_grams() {
        check("kg", 1086, 3, Some(1086));
        check("KG", -5, 1, Some(-500));
        check("g", 4, 1, Some(0));
        check("g", 5, 1, Some(1));
        check("g", -5, 1, Some(-1));
        check(" lb.", 100, 2, Some(454));
        check("lbs", 22, 1, Some(998));
        check("oz", 160, 1, Some(454));
        check("ozt", 1, 0, Some(31));
        check("t", 1, 0, Some(1_000_000));
    }

    #[test]
    fn what_no_shop_weighs_is_none() {
        check("kg", i64::MAX, 0, None);
        check("kg", 1, 40, None);
        check("stone", 1, 0, None);
    }
}
