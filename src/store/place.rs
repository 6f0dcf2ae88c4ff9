//! Where the database lies: a folder and a file for its user alone.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

use super::error::{StoreError, file_error};

/// Makes the folder for the database, for its user alone whatever the umask says. One that is there stays as
/// it is; folders above it are made like any other.
pub(super) fn make_folder(dir: &Path) -> Result<(), StoreError> {
    let above = dir.parent().map_or(Ok(()), fs::create_dir_all);
    match above.and_then(|()| DirBuilder::new().mode(0o700).create(dir)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) if is_no_folder(error.kind()) => {
            let reason = "it, or a part of its path, is a file and no folder".to_owned();
            let hint = "move the file away, or name another folder in `data_dir`";
            Err(StoreError::Refuse { file: dir.to_owned(), reason, hint })
        }
        other => other.map_err(file_error(dir)),
    }
}

fn is_no_folder(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::AlreadyExists | ErrorKind::NotADirectory)
}

/// Files of ours that are written to.
const WRITTEN: [&str; 5] = ["outbox.db", "outbox.db-wal", "outbox.mark", "outbox.tip", "ballast"];

/// What an agent leaves beside its database.
const LEFT_OVER: [&str; 4] = ["outbox.db-wal", "outbox.mark", "ballast", "health.json"];

/// Refuses what stands in the place of a file of ours and is none: writing would go elsewhere, or fail each time in
/// another way. The folder itself may be a link.
pub(super) fn refuse_others(dir: &Path) -> Result<(), StoreError> {
    for file in WRITTEN.map(|name| dir.join(name)) {
        let Ok(found) = fs::symlink_metadata(&file) else { continue };
        let (what, hint) = if found.is_symlink() {
            let hint = "put the file itself there, or link the whole folder";
            ("a symbolic link, which is not followed", hint)
        } else if found.is_dir() {
            ("a folder", "move it away")
        } else if found.is_file() {
            continue;
        } else {
            ("no plain file", "move it away")
        };
        return Err(StoreError::Refuse { file, reason: format!("it is {what}"), hint });
    }
    Ok(())
}

/// Whether something is left in the folder of a database that was there.
pub(super) fn is_left_over(dir: &Path) -> bool {
    LEFT_OVER.iter().any(|name| dir.join(name).exists())
}

/// Makes an empty file, likewise for its user alone: SQLite would follow the umask. The log gets the same mode.
pub(super) fn make_file(file: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(file_error(file)(error)),
        _ => Ok(()),
    }
}

/// Makes a file beside the database anew, or empties it, likewise for its user alone.
pub(super) fn private(file: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    // Whatever stands there: nothing outside of the folder is emptied.
    let open = options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed()).open(file)?;
    open.set_permissions(Permissions::from_mode(0o600))?;
    Ok(open)
}

/// Closes a file to others that an earlier version, or somebody else, left open to them.
pub(super) fn close_to_others(file: &Path) {
    let is_open = fs::metadata(file).is_ok_and(|meta| meta.permissions().mode() & 0o077 != 0);
    // Where it fails the folder is still there to tell of.
    if is_open && fs::set_permissions(file, Permissions::from_mode(0o600)).is_ok() {
        tracing::info!("{} is closed to other users", file.display());
    }
}

/// Tells when other users can look into the folder. It is left as it is: it may be meant so.
pub(super) fn tell_open_folder(dir: &Path) {
    let mode = fs::metadata(dir).map_or(0, |meta| meta.permissions().mode() & 0o777);
    if mode & 0o077 != 0 {
        let dir = dir.display();
        tracing::warn!("other users can look into {dir} (mode {mode:o}); hint: chmod 700 {dir}");
    }
}

#[cfg(test)]
mod tests {
    use tillgate_events::{Class, UtcMs};

    use super::*;
    use crate::store::{NewRow, Store};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_and_the_database_are_for_their_user_alone_whatever_the_umask() {
        let above = tempfile::tempdir().unwrap();
        let dir = above.path().join("made/data");
        let (mut store, _) = Store::open(&dir, 64 << 20, UtcMs(0)).unwrap();
        let payload = b"x".to_vec();
        let row = NewRow { class: Class::Pos, first_sequence: 1, count: 1, payload };
        store.commit(&[row], &[]).unwrap();
        assert_eq!(mode(&dir), 0o700);
        for name in ["outbox.db", "outbox.db-wal", "outbox.mark", "outbox.tip", "ballast"] {
            assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
        }
    }

    #[test]
    fn files_that_others_could_read_are_closed_to_them_in_a_folder_that_stays() {
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), Permissions::from_mode(0o755)).unwrap();
        drop(Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap());
        let files = ["outbox.db", "outbox.mark", "ballast"].map(|name| dir.path().join(name));
        for file in &files {
            fs::set_permissions(file, Permissions::from_mode(0o644)).unwrap();
        }
        let store = Store::open(dir.path(), 64 << 20, UtcMs(0)).unwrap();
        assert_eq!(files.map(|file| mode(&file)), [0o600; 3]);
        assert_eq!(mode(dir.path()), 0o755);
        drop(store);
    }

    #[test]
    fn a_file_where_the_folder_should_be_is_refused_for_good() {
        let above = tempfile::tempdir().unwrap();
        let file = above.path().join("file");
        fs::write(&file, "mine").unwrap();
        for dir in [file.clone(), file.join("below")] {
            let error = Store::open(&dir, 64 << 20, UtcMs(0)).unwrap_err();
            assert!(matches!(error, StoreError::Refuse { .. }), "{error}");
            assert!(error.to_string().ends_with("is a file and no folder"), "{error}");
        }
        assert_eq!(fs::read(&file).unwrap(), b"mine");
    }
}
