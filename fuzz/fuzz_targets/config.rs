//! Any text as a configuration file: an answer, never a panic.
#![no_main]

use std::io;
use std::path::{Path, PathBuf};

use libfuzzer_sys::fuzz_target;
use tillgate::config::{self, Environment, Folder, Severity};
use tillgate::time::UtcMs;

/// A machine where every file exists and none can be read.
struct Odd;

impl Environment for Odd {
    fn exists(&self, _: &Path) -> bool {
        true
    }
    fn bytes(&self, _: &Path, _: u64) -> io::Result<Vec<u8>> {
        Err(io::ErrorKind::PermissionDenied.into())
    }
    fn folder(&self, _: &Path) -> Folder {
        Folder::Usable
    }
    fn credentials(&self) -> Option<PathBuf> {
        None
    }
    fn knows_time_zone(&self, name: &str) -> bool {
        name == "UTC"
    }
    fn now(&self) -> UtcMs {
        UtcMs(1_790_000_000_000)
    }
    fn time_zones(&self) -> Vec<String> {
        vec!["UTC".to_owned()]
    }
}

fuzz_target!(|text: &str| {
    if let Err(mistakes) = config::parse(text, "fuzz.toml", &Odd) {
        assert!(!mistakes.is_empty());
        for mistake in &mistakes {
            assert!(mistake.line > 0 && mistake.column > 0);
            let _ = mistake.render(Severity::Mistake, true);
        }
    }
});
