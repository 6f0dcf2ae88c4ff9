//! Files that commands write: nothing that is there is written over unasked, and what came from a till is for its
//! owner's eyes only.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

/// Read and written by the owner: names of shops and people stand in what was printed.
const PRIVATE: u32 = 0o600;

/// Somebody may have spent an hour with one of these.
///
/// # Errors
/// What to do, where one is there already.
pub fn refuse_to_replace<P: AsRef<Path>>(
    files: impl IntoIterator<Item = P>,
    force: bool,
) -> Result<(), String> {
    let there = files.into_iter().find(|file| !force && file.as_ref().is_file());
    there.map_or(Ok(()), |file| {
        let file = file.as_ref().display();
        Err(format!("{file} is there already: name another, or write over it with --force"))
    })
}

/// Opens an empty file that only its owner reads.
///
/// # Errors
/// As the system words them.
pub fn create(file: &Path) -> io::Result<File> {
    let opened =
        OpenOptions::new().write(true).create(true).truncate(true).mode(PRIVATE).open(file)?;
    // One that was there keeps its mode. What is no file (a pipe, /dev/stdout) has none of ours.
    if opened.metadata()?.is_file() {
        opened.set_permissions(Permissions::from_mode(PRIVATE))?;
    }
    Ok(opened)
}

/// Writes all of a file that only its owner reads, and the folder that it is in.
///
/// # Errors
/// As the system words them.
pub fn write(file: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    create(file)?.write_all(content.as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_for_its_owner_whatever_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |file: &Path| fs::metadata(file).unwrap().permissions().mode() & 0o777;
        let (new, old) = (folder.path().join("a/new"), folder.path().join("old"));
        fs::write(&old, "a long text that was there").unwrap();
        fs::set_permissions(&old, Permissions::from_mode(0o644)).unwrap();
        for file in [&new, &old] {
            write(file, "x").unwrap();
            assert_eq!((fs::read_to_string(file).unwrap().as_str(), mode(file)), ("x", 0o600));
        }
    }

    #[test]
    fn the_one_that_is_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (there, missing) = (folder.path().join("there"), folder.path().join("missing"));
        fs::write(&there, "").unwrap();
        let told = refuse_to_replace([&missing, &there], false).unwrap_err();
        assert!(told.contains(there.to_str().unwrap()) && told.contains("--force"), "{told}");
        assert_eq!(refuse_to_replace([&missing], false), Ok(()));
        assert_eq!(refuse_to_replace([&there], true), Ok(()));
    }
}
