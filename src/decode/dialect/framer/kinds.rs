//! Every kind of framer, and the keys that it has beside `kind`.

/// Of everything in frames.
macro_rules! frame {
    ($($key:literal),*) => {
        &[
            "idle_ms", "default_page", "bit7", "max_frame", "payload_idle_ms", "singles",
            "repeat_after_nak", "numbered", $($key),*
        ]
    };
}

/// Names of kinds with their keys.
pub const KINDS: &[(&str, &[&str])] = &[
    ("escpos", &["cut_ends_document", "idle_ms", "default_page", "pages", "cr"]),
    ("star", &["cut_ends_document", "idle_ms", "default_page", "pages", "cr"]),
    (
        "display",
        &[
            "idle_ms",
            "default_page",
            "pages",
            "set",
            "columns",
            "rows",
            "settle_ms",
            "clear_settles",
        ],
    ),
    ("text", &["idle_ms", "default_page", "bit7"]),
    ("auto", &["cut_ends_document", "idle_ms", "default_page", "pages", "cr", "bit7"]),
    ("line", frame!("delims", "max_len", "cr")),
    ("delimited", frame!("start", "end", "escape", "start_in_data", "check")),
    ("dle", frame!("dle", "stx", "etx", "check", "check_escaped")),
    ("length", frame!("start", "offset", "width", "encoding", "bias", "tail", "check")),
    ("idle", frame!("gap_ms")),
    ("fixed", frame!("size")),
    ("zvt", &["idle_ms", "default_page", "payload_idle_ms"]),
    (
        "scanner",
        &["suffix", "preamble", "letters", "separator", "upc_e", "country", "rules", "silence_ms"],
    ),
    ("scale", &["protocol", "unit", "decimals", "every", "poll_ms"]),
];
