//! The command line of `tillgate replay`.

use std::path::PathBuf;

use jiff::Timestamp;
use tillgate_events::Currency;

use super::journal;
use crate::decode::codepage::CodePage;

/// Arguments of `tillgate replay`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 every byte was understood or skipped by rule, 65 there were unknown \
    commands, cut-off payloads or overflows, 66 no such file or no documents, 75 the database changes too fast, 78 the \
    dialect or the configuration has mistakes."
)]
pub struct Args {
    /// The bytes that a till sent; `-` is standard input. With `--since`: the gateway's configuration, or its
    /// database `outbox.db`. With `--zones`: what receivers heard.
    pub file: PathBuf,
    /// A built-in dialect (escpos-generic, auto, scanner-aim, zvt, …) or a dialect file.
    #[arg(long, required_unless_present_any = ["since", "zones"])]
    pub dialect: Option<String>,
    /// Replay what the agent's journal has since then: `2026-11-21T08:00:00Z`, `2026-11-21`, `90m`, `2h` or `7d`. The
    /// agent may run meanwhile. Without `--dialect` as the configuration says.
    #[arg(long, value_parser = journal::since)]
    pub since: Option<journal::Since>,
    /// FILE is a recording of advertisements: print the visits of tags, with receivers, tags and `[zones]` of this
    /// configuration.
    #[arg(long, value_name = "CONFIG", conflicts_with_all = ["dialect", "since", "lines", "explain"])]
    pub zones: Option<PathBuf>,
    /// A receiver's address in `$GPRP` lines and its name: `F008D1798C00=grocery`; once for each.
    #[arg(long, value_name = "ADDRESS=NAME", requires = "zones")]
    pub ear: Vec<String>,
    /// Draw the longest visit of this tag.
    #[arg(long, value_name = "TAG", requires = "zones", requires = "svg")]
    pub visit: Option<String>,
    /// Where the picture is written.
    #[arg(long, value_name = "FILE", requires = "visit")]
    pub svg: Option<PathBuf>,
    /// Only this device of the journal.
    #[arg(long, requires = "since")]
    pub device: Option<String>,
    /// Print the laid-out lines and nothing else; nothing marks the end of a document.
    #[arg(long, conflicts_with = "json")]
    pub lines: bool,
    /// Print one event of the contract a line; with `--explain` one object a line of the till. Without any of
    /// these: a table of receipts.
    #[arg(long)]
    pub json: bool,
    /// Print for each line which rule took it, and for each receipt which checks failed and by how much.
    #[arg(long, conflicts_with = "lines")]
    pub explain: bool,
    /// The store's number in events.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub store_id: u64,
    /// The gateway's id in events.
    #[arg(long, default_value = "gw-0")]
    pub gateway: String,
    /// The till's name: the events' source, and the terminal where a receipt names none.
    #[arg(long, default_value = "till-1")]
    pub terminal: String,
    /// When the first document was printed; each further one is a minute later.
    #[arg(long, default_value = "2026-01-01T00:00:00Z")]
    pub start: Timestamp,
    /// The shop's currency, unless the dialect names one.
    #[arg(long, default_value = "EUR", value_parser = currency)]
    pub currency: Currency,
    /// The decimal sign, `.` or `,`, whatever the dialect says.
    #[arg(long, value_parser = decimal)]
    pub decimal: Option<char>,
    /// The code page of the till's text (cp437, windows-1252, utf-8, …), whatever the dialect says.
    #[arg(long, value_parser = code_page)]
    pub code_page: Option<CodePage>,
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::new(text).ok_or_else(|| "three capital letters, such as EUR".to_owned())
}

fn decimal(text: &str) -> Result<char, String> {
    match text {
        "." => Ok('.'),
        "," => Ok(','),
        _ => Err("`.` or `,`".to_owned()),
    }
}

fn code_page(text: &str) -> Result<CodePage, String> {
    CodePage::named(text)
        .ok_or_else(|| "cp437, cp858, windows-1252, shift_jis, utf-8, …".to_owned())
}

impl Args {
    /// The dialect as it was named.
    pub fn named(&self) -> &str {
        self.dialect.as_deref().unwrap_or_default()
    }

    /// As the command line without any flag. The dialect is the caller's business.
    pub fn plain(currency: Currency) -> Self {
        Self {
            file: PathBuf::from("-"),
            dialect: None,
            since: None,
            zones: None,
            ear: Vec::new(),
            visit: None,
            svg: None,
            device: None,
            lines: false,
            json: false,
            explain: false,
            store_id: 1,
            gateway: "gw-0".to_owned(),
            terminal: "till-1".to_owned(),
            start: Timestamp::new(1_767_225_600, 0).unwrap_or(Timestamp::UNIX_EPOCH),
            currency,
            decimal: None,
            code_page: None,
        }
    }
}
