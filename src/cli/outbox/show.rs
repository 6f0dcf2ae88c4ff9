//! The outbox as a table for people.

use super::gather::{Found, GapRow, Waiting};
use crate::cli::paint::Paint;
use crate::limits;

/// Rows of the list of losses. More: the last line says how many.
const GAPS_SHOWN: usize = 5;

/// An agent's word that is older says that it does not move.
const STALE_S: u64 = 3 * limits::HEALTH_FILE.as_secs();

/// Said by an agent that goes on because it can do no better.
const GONE: &str =
    "Its database was deleted or replaced, and cannot be written anew: make room in its folder.";

/// A day's evidence: less is told as such.
const DAY_S: u64 = limits::RATE_WINDOW.as_secs();

/// Everything, ending with a line end.
pub fn table(found: &Found, colour: bool) -> String {
    let paint = Paint { colour };
    let mut out = head(found, paint);
    if found.source == "none" {
        return out;
    }
    if found.gone {
        out += &(paint.warn(GONE) + "\n");
    }
    out += "\n";
    out += &waiting(&found.waiting, paint);
    out += "\n";
    out += &losses(found, paint);
    if let Some(left @ 1..) = found.salvage_pages_left {
        let text = format!(
            "salvage     {left} pages of a damaged database are left; nothing is sent before"
        );
        out += &(paint.warn(&text) + "\n");
    }
    if let Some(thinned @ 1..) = found.thinned_records {
        out +=
            &format!("thinned     {thinned} records are part of others: nothing of them is lost\n");
    }
    let quarantine =
        or_unknown(found.quarantine, |it| format!("{it} damaged batches kept for inspection"));
    out += &format!("quarantine  {quarantine}\n");
    out += &journal(found);
    out += &room(found);
    out += &format!("lasts       {}\n", lasts(found));
    out
}

fn head(found: &Found, paint: Paint) -> String {
    let dir = &found.data_dir;
    match (found.source, found.said_s_ago) {
        ("none", _) if found.gone => {
            let text = format!(
                "{dir}: the database is gone: outbox.db is not there, and what lies beside one is. The next start of \
                 the agent makes a new one, and tells what may be lost.\n"
            );
            paint.warn(&text)
        }
        ("none", _) => format!("{dir}: no outbox yet: nothing was ever accepted here\n"),
        ("agent", Some(ago)) if ago > STALE_S => {
            let text =
                format!("An agent holds {dir}, and said this {} ago: it may be stuck.", time(ago));
            paint.warn(&text) + "\n"
        }
        ("agent", ago) => {
            let ago = or_unknown(ago, |it| format!("{} ago", time(it)));
            format!("An agent holds {dir}. It said this {ago}.\n")
        }
        _ => format!("No agent holds {dir}. This is in the database.\n"),
    }
}

fn waiting(classes: &[Waiting], paint: Paint) -> String {
    let mut rows = vec![["WAITS", "BATCHES", "RECORDS", "BYTES", "OLDEST"].map(str::to_owned)];
    let mut all = Waiting { class: "all", ..Waiting::default() };
    for class in classes {
        rows.push(cells(class));
        let add = |sum: &mut Option<u64>, more: Option<u64>| {
            *sum = more.map(|more| sum.unwrap_or(0) + more).or(*sum);
        };
        add(&mut all.batches, class.batches);
        add(&mut all.records, class.records);
        add(&mut all.bytes, class.bytes);
        all.oldest_s = all.oldest_s.max(class.oldest_s);
    }
    rows.push(cells(&all));
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut out = String::new();
    let last = rows.len() - 1;
    for (index, row) in rows.iter().enumerate() {
        let cells = row.iter().zip(widths).enumerate().map(|(column, (cell, width))| {
            if column == 0 { format!("{cell:width$}") } else { format!("{cell:>width$}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let line = if index == 0 || index == last { paint.bold(&line) } else { line };
        out += &format!("{line}\n");
    }
    out
}

fn cells(class: &Waiting) -> [String; 5] {
    let number = |value: Option<u64>| or_unknown(value, |it| it.to_string());
    let oldest = match (class.oldest_s, class.batches) {
        (Some(age), _) => time(age),
        (None, Some(0)) => "-".to_owned(),
        (None, _) => "?".to_owned(),
    };
    let bytes = or_unknown(class.bytes, size);
    [class.class.to_owned(), number(class.batches), number(class.records), bytes, oldest]
}

fn losses(found: &Found, paint: Paint) -> String {
    let (Some(gaps), Some(records)) = (found.gaps, found.gap_records) else {
        return "losses      unknown\n".to_owned();
    };
    if gaps == 0 {
        return "losses      none that the cloud has not heard of\n".to_owned();
    }
    let text = format!("losses      {gaps} not told or not confirmed, of {records} records");
    let mut out = paint.warn(&text) + "\n";
    for gap in found.first_gaps.iter().take(GAPS_SHOWN) {
        let GapRow { class, epoch, first_sequence, count, reason } = gap;
        let last = first_sequence.saturating_add(count.saturating_sub(1));
        out +=
            &format!("            {class}, epoch {epoch}, {first_sequence} to {last}: {reason}\n");
    }
    if !found.first_gaps.is_empty() && gaps > GAPS_SHOWN as u64 {
        out += &format!("            and {} more\n", gaps - GAPS_SHOWN as u64);
    }
    out
}

fn journal(found: &Found) -> String {
    let open = or_unknown(found.buffer.journal_open, |it| it.to_string());
    format!("journal     {}, {open} documents open\n", or_unknown(found.buffer.journal_bytes, size))
}

fn room(found: &Found) -> String {
    let buffer = &found.buffer;
    let used = or_unknown(buffer.used_bytes, size);
    let free = or_unknown(buffer.disk_free_bytes, size);
    format!("buffer      {used} of {} used, {free} free on the disk\n", size(buffer.max_bytes))
}

fn lasts(found: &Found) -> String {
    let buffer = &found.buffer;
    let Some(rate) = buffer.bytes_per_hour else {
        return "unknown: the agent has not run for long enough to know a rate".to_owned();
    };
    let over = match buffer.measured_s {
        measured if measured >= DAY_S => "the last 24 h".to_owned(),
        measured => format!("only {}, too little to know a day", time(measured)),
    };
    let until = match found.rate_s_ago {
        Some(ago) => format!(", which ended {} ago", time(ago)),
        None => String::new(),
    };
    match buffer.hours_left {
        Some(hours) => {
            format!(
                "{hours} h without the cloud, at {} an hour, measured over {over}{until}",
                size(rate)
            )
        }
        None => format!("for ever: nothing was accepted, measured over {over}{until}"),
    }
}

fn or_unknown<T>(value: Option<T>, words: impl FnOnce(T) -> String) -> String {
    value.map_or_else(|| "?".to_owned(), words)
}

/// `90 s`, `12 min`, `5 h`, `3 d`: the largest unit of which there are two.
fn time(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// `900 B`, `12.3 KiB`, and so on.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u32); 3] = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    for (unit, shift) in UNITS {
        if bytes >> shift > 0 {
            let tenths = (u128::from(bytes) * 10) >> shift;
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} B")
}

#[cfg(test)]
mod tests;
