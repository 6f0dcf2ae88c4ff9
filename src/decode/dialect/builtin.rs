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
    ("order-slips", include_str!("builtin/order-slips.toml")),
    ("auto", include_str!("builtin/auto.toml")),
    ("star-generic", include_str!("builtin/star-generic.toml")),
    ("display-epson", include_str!("builtin/display-epson.toml")),
    ("display-cd5220", include_str!("builtin/display-cd5220.toml")),
    ("display-utc", include_str!("builtin/display-utc.toml")),
    ("scanner-aim", include_str!("builtin/scanner-aim.toml")),
    ("scale-toledo-8217", include_str!("builtin/scale-toledo-8217.toml")),
    ("scale-nci", include_str!("builtin/scale-nci.toml")),
    ("scale-cas", include_str!("builtin/scale-cas.toml")),
    ("zvt", include_str!("builtin/zvt.toml")),
    ("stx-etx-lrc", include_str!("builtin/stx-etx-lrc.toml")),
    ("posnet-monitor", include_str!("builtin/posnet-monitor.toml")),
    ("posnet-host", include_str!("builtin/posnet-host.toml")),
    ("datecs-x", include_str!("builtin/datecs-x.toml")),
    ("datecs-old", include_str!("builtin/datecs-old.toml")),
];

/// The file of a built-in dialect.
#[must_use]
pub fn source(id: &str) -> Option<&'static str> {
    BUILTIN.iter().find(|(name, _)| *name == id).map(|(_, text)| *text)
}
