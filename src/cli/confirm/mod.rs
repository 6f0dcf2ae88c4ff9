//! `tillgate confirm`: the reference subscriber. Stores what gateways send and tells them how far that is.
//!
//! # Constraints
//! - A message is acknowledged, and a watermark published, only after the sync of what was appended for it; a kill
//!   at any moment loses nothing, because the broker or the gateway has it still.
//! - A failed sync ends the process: what is on disk is not known any more.
//!
//! The rules are in [`crate::ledger`]; this is the connection, the folder and the screen around them.

mod broker;
mod clerk;
pub(in crate::cli) mod folder;
mod show;

use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

use self::broker::Broker;
use self::clerk::{Clerk, ClerkError};
use self::folder::{Folder, FolderError, Opened, Repaired};
use self::show::Show;
use super::exit;
use crate::ledger::{Entry, Head};
use crate::limits::LEDGER_FILE_BYTES;

/// Arguments of `tillgate confirm`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "One process for each store and client id. The broker must let it read ROOT/+/+/+/evt/+, gap and \
    state, and write ROOT/+/+/+/ack. `tillgate verify DIR` says whether anything is missing."
)]
pub struct Args {
    #[command(flatten)]
    broker: Broker,
    /// What the gateways' topics begin with
    #[arg(long, value_name = "ROOT", default_value = "tillgate/v1", value_parser = root)]
    topics: String,
    /// The folder to store in; it is made where it is not there
    #[arg(long, value_name = "DIR")]
    store: PathBuf,
    /// Print one JSON object for each thing that was stored
    #[arg(long)]
    json: bool,
    /// First make damaged files of the folder whole: what cannot be read and was confirmed is written down as lost
    #[arg(long)]
    repair: bool,
    /// Begin another file after so many MiB
    #[arg(long, value_name = "MIB", default_value_t = LEDGER_FILE_BYTES >> 20, value_parser = clap::value_parser!(u64).range(1..=4096))]
    file_mib: u64,
}

/// Runs the command: exit 75 when the store fails, 78 when it cannot be used, 65 when it is damaged or not understood,
/// 64 when the flags contradict.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match confirm(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, told)) => {
            if !told.is_empty() {
                // When standard error is gone too, nothing is left to do.
                let _ = writeln!(io::stderr().lock(), "{told}");
            }
            ExitCode::from(code)
        }
    }
}

fn confirm(args: &Args) -> Result<(), (u8, String)> {
    let settings = args.broker.settings().map_err(|told| (exit::USAGE, told))?;
    let show = Show::new(args.json);
    if args.repair {
        let repaired = folder::repair(&args.store);
        let repaired = repaired.map_err(|error| (code(&error), error.to_string()))?;
        repaired.iter().for_each(|it| tell_repaired(it, &show));
    }
    let opened = Folder::open(&args.store, args.file_mib << 20);
    let Opened { folder, tally, recent, cut } =
        opened.map_err(|error| (code(&error), error.to_string()))?;
    if cut > 0 {
        show.tell(&format!("{cut} bytes after the last whole entry were cut off; they come again"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    let stop = || {
        let (mut term, mut int) =
            (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok::<_, io::Error>(async move {
            tokio::select! { _ = term.recv() => {}, _ = int.recv() => {} }
        })
    };
    runtime.block_on(async {
        let stop = stop().map_err(|error| (exit::TEMPORARY, error.to_string()))?;
        let known = (tally, recent);
        let clerk = Clerk::new(settings, &args.broker.client_id, &args.topics, folder, known, show);
        clerk.run(stop).await.map_err(|error| match &error {
            // Whoever reads the lines has seen enough.
            ClerkError::Show(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                (0, String::new())
            }
            _ => (exit::TEMPORARY, error.to_string()),
        })
    })
}

fn tell_repaired(repaired: &Repaired, show: &Show) {
    let Repaired { file, aside, bytes, missing } = repaired;
    let (file, aside) = (file.display(), aside.display());
    show.tell(&format!("{file}: repaired: {bytes} bytes are not understood; {aside} has them"));
    for Entry { head, .. } in missing {
        let Head { gateway, class, epoch, first, last, .. } = head;
        let class = class.name();
        show.tell(&format!(
            "{gateway} {class} epoch {epoch}: {first}-{last} were confirmed and cannot be read: lost here"
        ));
    }
}

fn code(error: &FolderError) -> u8 {
    match error {
        FolderError::Busy(_) => exit::TEMPORARY,
        FolderError::File { .. } | FolderError::TooLarge => exit::CONFIG,
        FolderError::Entry { .. } | FolderError::Damaged { .. } | FolderError::Foreign(_) => {
            exit::DATA
        }
    }
}

/// A root is levels of a topic without wildcards.
fn root(text: &str) -> Result<String, String> {
    let text = text.trim_end_matches('/');
    let plain = |level: &str| !level.is_empty() && !level.contains(['+', '#', '\0']);
    if text.len() <= 256 && text.split('/').all(plain) {
        Ok(text.to_owned())
    } else {
        Err("levels of a topic, as tillgate/v1".to_owned())
    }
}
