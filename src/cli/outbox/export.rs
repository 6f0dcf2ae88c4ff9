//! `tillgate outbox export`: every waiting batch, each after its length as a little-endian u32. They stay in the outbox
//! and are sent as if nothing had been: the cloud counts each record once. For that they must not be thinned any more.

use std::fs::OpenOptions;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::ExitCode;

use super::OutboxError;
use crate::cli::exit;
use crate::config::Config;
use crate::store::Inspection;

/// Writes them to `file`, which must not be there; it is for its user alone. `-` is standard output.
pub fn export(config: &Config, file: &Path) -> Result<ExitCode, OutboxError> {
    let dir = &config.gateway.data_dir;
    let outbox = Inspection::open(dir)?.ok_or_else(|| OutboxError::Nothing(dir.clone()))?;
    outbox.hand_out()?;
    let failed = |source| OutboxError::Output { file: file.to_owned(), source };
    let (batches, damaged) = if file == Path::new("-") {
        write_all(&outbox, io::stdout().lock(), failed)?
    } else {
        let mut options = OpenOptions::new();
        let open = options.write(true).create_new(true).mode(0o600).open(file).map_err(failed)?;
        let written = write_all(&outbox, &open, failed)?;
        open.sync_all().map_err(failed)?;
        written
    };
    // Nothing is left to do when this fails.
    let _ = writeln!(io::stderr(), "{batches} batches written, {damaged} damaged ones left out");
    Ok(ExitCode::from(if damaged > 0 { exit::DATA } else { 0 }))
}

/// Returns how many were written, and how many were damaged.
fn write_all(
    outbox: &Inspection,
    out: impl Write,
    failed: impl Fn(io::Error) -> OutboxError,
) -> Result<(u64, u64), OutboxError> {
    let mut out = BufWriter::new(out);
    let mut batches = 0;
    let damaged = outbox.rows(|row| {
        let length = u32::try_from(row.payload.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_le_bytes())?;
        batches += 1;
        out.write_all(&row.payload)
    })?;
    let damaged = damaged.and_then(|damaged| out.flush().map(|()| damaged)).map_err(failed)?;
    Ok((batches, damaged))
}
