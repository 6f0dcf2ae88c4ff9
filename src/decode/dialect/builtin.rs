//! The dialects that are compiled in.

/// Their ids with their files.
pub const BUILTIN: &[(&str, &str)] = &[
    ("escpos-generic", include_str!("builtin/escpos-generic.toml")),
    ("escpos-comma", include_str!("builtin/escpos-comma.toml")),
    ("text-generic", include_str!("builtin/text-generic.toml")),
    ("text-comma", include_str!("builtin/text-comma.toml")),
    ("us", include_str!("builtin/us.toml")),
    ("japan", include_str!("builtin/japan.toml")),
    ("cctv-text", include_str!("builtin/cctv-text.toml")),
    ("python-escpos", include_str!("builtin/python-escpos.toml")),
    ("receiptline", include_str!("builtin/receiptline.toml")),
];

/// The file of a built-in dialect.
#[must_use]
pub fn source(id: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}
