//! Where the database lies: a folder and a file for its user alone.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::error::{StoreError, file_error};

/// Makes the folder for the database, for its user alone whatever the umask says. One that is there stays as
/// it is; folders above it are made like any other.
pub(super) fn make_folder(dir: &Path) -> Result<(), StoreError> {
    let above = dir.parent().map_or(Ok(()), fs::create_dir_all);
    match above.and_then(|()| DirBuilder::new().mode(0o700).create(dir)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists && dir.is_dir() => Ok(()),
        Err(error) if is_no_folder(error.kind()) => {
            let reason = "it, or a part of its path, is a file and no folder".to_owned();
            Err(StoreError::Refuse { file: dir.to_owned(), reason })
        }
        other => other.map_err(file_error(dir)),
    }
}

fn is_no_folder(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::AlreadyExists | ErrorKind::NotADirectory)
}

/// Makes an empty file, likewise for its user alone: SQLite would follow the umask. The log gets the same mode.
pub(super) fn make_file(file: &Path) -> Result<(), StoreError> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(file_error(file)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

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
        for name in ["outbox.db", "outbox.db-wal"] {
            assert_eq!(mode(&dir.join(name)), 0o600, "{name}");
        }
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
