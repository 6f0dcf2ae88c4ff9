//! What stands in the folder of the database and should not, or is gone from it, also under the running agent.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use tillgate::store::{EpochReason, NewRow, RowId, Store};
use tillgate_events::{Class, UtcMs};
use tillgate_sim::pty::{Pty, Sink as _};

use crate::support::agent::{Agent, accepted};
use crate::support::wait_for;

const ROOM: u64 = 16 << 20;
const SALE: &str = "RECEIPT # 1\nTEA   1.00\nTOTAL   1.00\nCASH   1.00\n\x0c";
/// Every file whose name begins so: the database, its log and its mark.
const OUTBOX: &[&str] = &["outbox.db", "outbox.db-wal", "outbox.mark"];

/// Writes a configuration without a cloud, with one till where there is a port; the folder of the database.
fn configure(dir: &Path, port: Option<&Path>) -> PathBuf {
    let data = dir.join("data");
    let till = port.map_or(String::new(), |port| {
        let port = port.display();
        format!("[[serial]]\nname = \"till-1\"\nport = \"{port}\"\ndialect = \"text-generic\"\n")
    });
    let toml = format!(
        "[gateway]\nid = \"gw-f\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n\n[health]\ninterval_s = 5\n\n{till}",
        data.display(),
    );
    fs::write(dir.join("tillgate.toml"), toml).unwrap();
    data
}

fn tillgate(command: &str, dir: &Path) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tillgate"));
    program.arg(command).arg("--config").arg(dir.join("tillgate.toml")).output().unwrap()
}

/// Runs a command that has to refuse for good, with these words and a hint.
fn refused(command: &str, dir: &Path, expected: &str) {
    let output = tillgate(command, dir);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(78), "{command}: {told}");
    assert!(
        told.contains(expected) && told.contains("hint: "),
        "{command}: {expected:?} in {told}"
    );
}

/// A folder with one row in its database, as an agent that stopped in order leaves it.
fn filled(data: &Path) {
    let (mut store, _) = Store::open(data, ROOM, UtcMs(0)).unwrap();
    let row = NewRow { class: Class::Pos, first_sequence: 1, count: 1, payload: b"x".to_vec() };
    store.commit(&[row], &[]).unwrap();
}

fn remove(data: &Path, names: &[&str]) {
    for name in names {
        fs::remove_file(data.join(name)).unwrap();
    }
}

#[test]
fn a_symbolic_link_in_the_place_of_a_file_is_refused_and_not_followed() {
    for name in ["outbox.db", "outbox.db-wal", "outbox.mark", "ballast"] {
        let dir = TempDir::new().unwrap();
        let data = configure(dir.path(), None);
        fs::create_dir(&data).unwrap();
        let elsewhere = dir.path().join("elsewhere");
        symlink(&elsewhere, data.join(name)).unwrap();
        for command in ["run", "outbox"] {
            refused(
                command,
                dir.path(),
                &format!("{name} is left untouched: it is a symbolic link"),
            );
        }
        assert!(!elsewhere.exists(), "{name}");
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused_and_keeps_its_mode() {
    for name in ["outbox.db", "outbox.mark"] {
        let dir = TempDir::new().unwrap();
        let data = configure(dir.path(), None);
        fs::create_dir_all(data.join(name)).unwrap();
        fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        for command in ["run", "outbox"] {
            refused(command, dir.path(), &format!("{name} is left untouched: it is a folder"));
        }
        assert_eq!(fs::metadata(data.join(name)).unwrap().mode() & 0o777, 0o755, "{name}");
    }
}

#[test]
fn a_database_of_a_later_version_is_refused_alike_by_every_command() {
    let dir = TempDir::new().unwrap();
    let data = configure(dir.path(), None);
    filled(&data);
    let file = data.join("outbox.db");
    let mut bytes = fs::read(&file).unwrap();
    bytes[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(&file, &bytes).unwrap();
    for command in ["run", "outbox", "stock"] {
        refused(command, dir.path(), "its schema is version 99");
    }
    assert!(fs::read(&file).unwrap() == bytes);
}

#[tokio::test]
async fn a_database_that_is_gone_is_told_as_gone_beside_whatever_is_left() {
    for kept in [&["outbox.mark", "ballast"][..], &["ballast"]] {
        let dir = TempDir::new().unwrap();
        let data = configure(dir.path(), None);
        filled(&data);
        for name in ["outbox.db", "outbox.mark", "ballast"] {
            if !kept.contains(&name) {
                fs::remove_file(data.join(name)).unwrap();
            }
        }
        let told = String::from_utf8(tillgate("outbox", dir.path()).stdout).unwrap();
        assert!(told.contains("the database is gone"), "{kept:?}: {told}");
        let agent = Agent::start(dir.path());
        agent.says("the database was gone, so numbering begins anew in epoch 2").await;
        assert_eq!(agent.count("it is new"), 0);
        assert_eq!(agent.stop(), Some(0));
    }
}

#[tokio::test]
async fn a_mark_that_is_no_mark_is_told() {
    for with_database in [true, false] {
        let dir = TempDir::new().unwrap();
        let data = configure(dir.path(), None);
        filled(&data);
        if !with_database {
            remove(&data, &["outbox.db"]);
        }
        fs::write(data.join("outbox.mark"), "nonsense").unwrap();
        let agent = Agent::start(dir.path());
        agent.says("outbox.mark cannot be read").await;
        let anew = "the database was gone, so numbering begins anew in epoch 2";
        let words = if with_database { "numbering goes on in epoch 1" } else { anew };
        agent.says(words).await;
        assert_eq!(agent.stop(), Some(0));
    }
}

/// An agent with a receipt in its database, these files of which somebody then removes, or does worse to; it notices,
/// and stops for a new start.
async fn disturbed(disturb: impl FnOnce(&Path)) -> (TempDir, PathBuf) {
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    let data = configure(dir.path(), Some(pty.path()));
    let mut agent = Agent::start(dir.path());
    agent.says("answers").await;
    pty.write_all(SALE.as_bytes()).await.unwrap();
    wait_for("the receipt is accepted", || (1 <= agent.accepted("pos")).then_some(())).await;
    disturb(&data);
    let status = wait_for("it ends", || agent.ended()).await;
    assert_eq!(status.code(), Some(75));
    assert!(0 < agent.count("under the running agent"));
    (dir, data)
}

fn receipts(data: &Path) -> usize {
    let receipts = accepted(data);
    receipts.iter().filter(|it| matches!(it.body, tillgate_events::Body::Receipt(_))).count()
}

#[tokio::test]
async fn files_deleted_under_the_running_agent_are_written_anew_with_all_that_was_accepted() {
    for names in [OUTBOX, &["outbox.db"], &["outbox.db-wal"]] {
        let (_dir, data) = disturbed(|data| remove(data, names)).await;
        let (store, report) = Store::open(&data, ROOM, UtcMs(0)).unwrap();
        assert_eq!((report.epoch, report.reason), (1, EpochReason::Continued), "{names:?}");
        drop(store);
        assert_eq!(receipts(&data), 1, "{names:?}");
        assert_eq!(fs::metadata(data.join("outbox.db")).unwrap().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn where_nothing_can_be_written_the_agent_goes_on_until_it_can() {
    let (dir, mut pty) = (TempDir::new().unwrap(), Pty::open().unwrap());
    let data = configure(dir.path(), Some(pty.path()));
    let mut agent = Agent::start(dir.path());
    agent.says("answers").await;
    let in_the_way = dir.path().join("in-the-way");
    fs::write(&in_the_way, "").unwrap();
    // At once, or the agent would make the folder again in between.
    let (cwd, swap) = (rustix::fs::CWD, rustix::fs::RenameFlags::EXCHANGE);
    rustix::fs::renameat_with(cwd, &data, cwd, &in_the_way, swap).unwrap();
    agent.says("cannot be written anew").await;
    pty.write_all(SALE.as_bytes()).await.unwrap();
    wait_for("the receipt is accepted", || (1 <= agent.accepted("pos")).then_some(())).await;
    fs::remove_file(&data).unwrap();
    let status = wait_for("it ends", || agent.ended()).await;
    assert_eq!((status.code(), receipts(&data)), (Some(75), 1));
}

#[tokio::test]
async fn another_database_in_the_place_of_the_agents_own_is_set_aside() {
    let other = TempDir::new().unwrap();
    filled(other.path());
    let (_dir, data) = disturbed(|data| {
        fs::rename(other.path().join("outbox.db"), data.join("outbox.db")).unwrap();
    })
    .await;
    assert_eq!(receipts(&data), 1);
    let names = fs::read_dir(&data).unwrap().map(|it| it.unwrap().file_name());
    let aside = names.filter_map(|it| it.into_string().ok()).find(|it| it.contains(".replaced-"));
    let aside = data.join(aside.unwrap());
    fs::rename(aside, other.path().join("outbox.db")).unwrap();
    let (mut store, _) = Store::open(other.path(), ROOM, UtcMs(0)).unwrap();
    assert_eq!(store.rows_after(RowId(0), 9, usize::MAX).unwrap()[0].payload, b"x");
}
