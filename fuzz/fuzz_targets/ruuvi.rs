//! What a RAWv2 packet says lies within the ranges of its format.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::beacon::ruuvi;

fuzz_target!(|data: &[u8]| {
    let Some(ruuvi) = ruuvi::parse(data) else { return };
    assert_eq!(data.len(), 24);
    assert!(ruuvi.pressure.is_none_or(|pascal| (50_000..=115_534).contains(&pascal)));
    assert!(ruuvi.millivolts.is_none_or(|supply| (1600..=3646).contains(&supply)));
    assert!(ruuvi.power.is_none_or(|power| (-40..=20).contains(&power)));
});
