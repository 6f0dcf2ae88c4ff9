//! The folder of `tillgate confirm`, or one file of it.

use std::path::Path;

use super::Findings;
use crate::cli::confirm::folder::{self, Damage, FolderError};
use crate::ledger::{Entry, Head, Kind, Origin, Taken, heads};

/// All files of a folder. What was known at the beginning counts of the first file only: so a file that is missing
/// between two others shows as lost.
pub fn folder(path: &Path, found: &mut Findings) -> Result<(), FolderError> {
    let files = folder::files(path)?;
    let count = files.len();
    for (nth, (number, path)) in files.iter().enumerate() {
        file(path, *number, (nth == 0, nth + 1 == count), found)?;
    }
    Ok(())
}

/// One file; the last may end within an entry that was never acknowledged.
pub fn file(
    path: &Path,
    number: u64,
    (first, last): (bool, bool),
    found: &mut Findings,
) -> Result<(), FolderError> {
    let name = path.display();
    let read = folder::replay(path, |entry, _| {
        if entry.head.kind != Kind::Stream {
            one(entry, found);
        } else if first {
            found.messages += 1;
            if found.tally.replay(entry)? == Taken::Full {
                found.bad("more holes than fit into memory");
            }
        }
        Ok(())
    })?;
    if let Some(Damage { at, bytes }) = read.damage_of(number, last) {
        found
            .bad(format!("{name}: {bytes} bytes from byte {at} on are damaged and not understood"));
    } else if read.torn > 0 {
        let (whole, torn) = (read.whole, read.torn);
        found.remark(format!("{name}: {torn} bytes after byte {whole} are no whole entry"));
    }
    Ok(())
}

/// One entry, believed only where its payload says the same.
fn one(entry: &Entry, found: &mut Findings) {
    let Head { kind, gateway, class, epoch, first, last, .. } = &entry.head;
    if says_the_same(entry) {
        found.count(&entry.head);
    } else {
        let (kind, class) = (format!("{kind:?}").to_lowercase(), class.name());
        found.bad(format!(
            "{gateway} {class} epoch {epoch}: {kind} {first}-{last}: the payload says something else"
        ));
    }
}

fn says_the_same(entry: &Entry) -> bool {
    let Head { kind, gateway, class, epoch, first, last, part } = &entry.head;
    if *epoch == 0 {
        return false;
    }
    let topic = match kind {
        Kind::Again if entry.payload.is_empty() => return true,
        Kind::Records | Kind::Again | Kind::Twice => format!("root/{gateway}/evt/{}", class.name()),
        Kind::Gap | Kind::Reserved | Kind::Thinned => format!("root/{gateway}/gap"),
        Kind::Produced | Kind::Published | Kind::Damaged => return entry.payload.is_empty(),
        Kind::Stream => return false,
    };
    let (part, parts) = part.unwrap_or((1, 1));
    let count = last.saturating_sub(*first).saturating_add(1);
    let properties = [
        ("seq", first.to_string()),
        ("count", count.to_string()),
        ("epoch", epoch.to_string()),
        ("part", part.to_string()),
        ("parts", parts.to_string()),
    ];
    let properties = properties.map(|(name, value)| (name.to_owned(), value));
    let origin = Origin::of(&topic, "root");
    let said = origin.and_then(|origin| heads(origin, &properties, &entry.payload).ok());
    let kind = match kind {
        Kind::Again | Kind::Twice => Kind::Records,
        other => *other,
    };
    let head = Head { kind, ..entry.head.clone() };
    said.is_some_and(|said| matches!(said.as_slice(), [one] if one.head == head))
}
