//! Any service data of Eddystone is a frame or none, and a page's name is printable.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tillgate::decode::beacon::eddystone;

fuzz_target!(|data: &[u8]| {
    let Some(frame) = eddystone::parse(data) else { return };
    if let Some(url) = frame.url() {
        assert!(url.starts_with("http") && url.bytes().all(|byte| byte.is_ascii_graphic()));
    }
});
