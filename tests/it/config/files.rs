//! Files and folders that a configuration names: what a check says of them, and what a start does.

use std::fs::{self, DirBuilder, Permissions};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;

use tillgate::config::{self, Environment as _, Folder, System};

use super::{Checked, parse, root, said};
use crate::support::{mosquitto, skipped};

/// A configuration over TLS with files in `dir`, under the names given; what a check and a start say of it.
fn tls(dir: &Path, names: [&str; 3]) -> (Checked, Checked) {
    let [ca, cert, key] = names.map(|name| dir.join(name).display().to_string());
    let text = fs::read_to_string(root().join("tests/data/config/smallest.toml")).unwrap();
    let (before, _) = text.split_once("[mqtt]").unwrap();
    let text = format!(
        "{before}data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtts://broker.example.net\"\nca = \"{ca}\"\n\
         client_cert = \"{cert}\"\nclient_key = \"{key}\"\n",
        dir.display()
    );
    let file = dir.join("tillgate.toml");
    fs::write(&file, text).unwrap();
    let started = config::load(&file).map(|config| (config, Vec::new()));
    (config::check(&file, &System), started)
}

#[test]
fn a_file_that_cannot_be_what_it_should_be_is_a_mistake_for_a_check_and_stops_no_start() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    if mosquitto::certificates(dir).is_none() {
        return skipped("a_file_that_cannot_be", "openssl is not installed");
    }
    odd_certificates(dir);
    fs::write(dir.join("der"), [0x30, 0x82, 0x01, 0x0a, 0xff]).unwrap();
    fs::write(dir.join("torn"), "-----BEGIN CERTIFICATE-----\nMIIB").unwrap();
    fs::write(dir.join("locked"), "-----BEGIN ENCRYPTED PRIVATE KEY-----\n").unwrap();
    fs::write(dir.join("long"), vec![b' '; (1 << 20) + 1]).unwrap();
    let right = ["ca.crt", "client.crt", "client.key"];
    let check = |at: usize, name: &'static str, expected: &[&str]| {
        let mut names = right;
        names[at] = name;
        let (checked, started) = tls(dir, names);
        let told = said(&checked);
        assert_eq!(checked.is_ok(), expected.is_empty(), "{told}");
        let place = format!("tillgate.toml:{}:", 12 + at);
        assert!(expected.is_empty() || told.contains(&place), "not at {place}\n{told}");
        assert!(expected.iter().all(|words| told.contains(words)), "{expected:?} in\n{told}");
        assert!(started.is_ok(), "{}", said(&started));
        assert!(expected.is_empty() || told.contains("`run` starts all the same"), "{told}");
    };
    check(0, "ca.crt", &[]);
    let none = "holds no certificate in PEM form";
    check(0, "client.key", &[none, "this is a private key"]);
    check(0, "torn", &[none, "who signed the broker's"]);
    check(0, "der", &[none, "openssl x509 -inform der"]);
    check(0, "long", &["cannot be read: it is longer than 1048576 bytes", "right file"]);
    check(0, ".", &["cannot be read", "this is a folder"]);
    check(0, "none.crt", &["none.crt is not there"]);
    check(2, "none.key", &["none.key is not there"]);
    check(1, "client.key", &[none, "this is a private key"]);
    check(1, "v1.crt", &["is X.509 version 1", "version 3", "-extfile"]);
    let expired = "`client_cert`: {DIR}/expired.crt expired on 2021-01-02T00:00:00.000Z";
    check(1, "expired.crt", &[&expired.replace("{DIR}", &dir.display().to_string()), "renew it"]);
    check(2, "client.crt", &["holds no private key", "this is a certificate"]);
    check(2, "locked", &["holds no private key", "passphrase"]);
    check(2, "other-client.key", &["`client_key` is not the key of `client_cert`"]);
}

/// Certificates for the client's key: of version 1, and of a time long ago.
fn odd_certificates(dir: &Path) {
    let openssl = |arguments: &str| {
        let arguments = arguments.split(' ');
        let done = Command::new("openssl").args(arguments).current_dir(dir).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    openssl("x509 -req -in client.csr -CA ca.crt -CAkey ca.key -out v1.crt -days 2");
    fs::create_dir(dir.join("issued")).unwrap();
    fs::write(dir.join("index"), "").unwrap();
    let settings = "[ca]\ndefault_ca = x\n[x]\nnew_certs_dir = issued\ndatabase = index\nserial = serials\n\
                    default_md = sha256\npolicy = any\nx509_extensions = san\n[any]\ncommonName = supplied\n\
                    [san]\nsubjectAltName = DNS:localhost\n";
    fs::write(dir.join("ca.conf"), settings).unwrap();
    let dates = "-startdate 20210101000000Z -enddate 20210102000000Z";
    let files = "-in client.csr -cert ca.crt -keyfile ca.key -out expired.crt";
    openssl(&format!("ca -batch -create_serial -notext -config ca.conf {dates} {files}"));
}

#[test]
fn a_certificate_in_another_name_than_the_gateways_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    if mosquitto::certificates(folder.path()).is_none() {
        return skipped("a_certificate_in_another_name", "openssl is not installed");
    }
    let names = ["ca.crt", "client.crt", "client.key"];
    let told = said(&tls(folder.path(), names).0);
    assert!(told.starts_with("accepted"), "{told}");
    assert!(told.contains("is in the name of `client`, and `gateway.id` is `gw-1`"), "{told}");
}

#[test]
fn a_file_that_cannot_be_read_gets_a_hint_that_fits() {
    let dir = tempfile::tempdir().unwrap();
    let check = |name: &str, content: Option<&[u8]>, expected: &[&str]| {
        let file = dir.path().join(name);
        if let Some(bytes) = content {
            fs::write(&file, bytes).unwrap();
        }
        let told = said(&config::check(&file, &System));
        assert!(expected.iter().all(|words| told.contains(words)), "{expected:?} in\n{told}");
    };
    check("latin1.toml", Some(b"# ok\n# caf\xe9\n"), &["line 2 is not UTF-8", "save it as UTF-8"]);
    let long = vec![b'#'; tillgate::limits::CONFIG_BYTES + 1];
    check("long.toml", Some(&long), &["it is longer than", "catalogue"]);
    check("", None, &["cannot be read", "this is a folder"]);
    check("none.toml", None, &["cannot be read", "is a sample"]);
}

#[test]
fn a_data_folder_that_cannot_be_used_is_told_of() {
    let text = fs::read_to_string(root().join("tests/data/config/smallest.toml")).unwrap();
    let check = |folder: &str, accepted: bool, expected: &str| {
        let data_dir = format!("data_dir = \"{folder}\"\n\n[mqtt]");
        let checked = parse(&text.replace("[mqtt]", &data_dir));
        assert_eq!(checked.is_ok(), accepted, "{folder}");
        assert!(said(&checked).contains(expected), "{}", said(&checked));
    };
    check("/closed", true, "the user who checks cannot write /closed");
    check("/file/in/the/way", false, "/file is a file, and no folder");
    check("/shared", true, "other users can look into /shared (mode 755)");
    check("/read-only", false, "the file system of /read-only is mounted read-only");
}

#[test]
fn a_run_with_a_file_in_place_of_its_folder_exits_78_and_is_not_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let [data, file] = ["data", "tillgate.toml"].map(|name| folder.path().join(name));
    fs::write(&data, "mine").unwrap();
    let text = fs::read_to_string(root().join("tests/data/config/smallest.toml")).unwrap();
    let data_dir = format!("data_dir = \"{}\"\n\n[mqtt]", data.display());
    fs::write(&file, text.replace("[mqtt]", &data_dir)).unwrap();
    let program = env!("CARGO_BIN_EXE_tillgate");
    let output = Command::new(program).args(["run", "--config"]).arg(&file).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{told}");
    assert!(told.contains("is a file, and no folder") && told.contains("hint: "), "{told}");
}

#[test]
fn a_read_only_file_system_is_told_as_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mount = ["-t", "tmpfs", "-o", "ro,size=1m", "tmpfs"];
    let mounted = Command::new("mount").args(mount).arg(folder.path()).output();
    if !mounted.is_ok_and(|output| output.status.success()) {
        skipped("a_read_only_file_system_is_told_as_what_it_is", "mounting is not permitted here");
        return;
    }
    let data = folder.path().join("data");
    let config = tempfile::NamedTempFile::new().unwrap();
    let text = fs::read_to_string(root().join("tests/data/config/smallest.toml")).unwrap();
    let data_dir = format!("data_dir = \"{}\"\n\n[mqtt]", data.display());
    fs::write(config.path(), text.replace("[mqtt]", &data_dir)).unwrap();
    let tell = |command: &str| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_tillgate"));
        program.env_remove("INVOCATION_ID").args([command, "--config"]).arg(config.path());
        let output = program.output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    // A start is tried again by systemd: it may be mounted otherwise by then.
    let told = [("check", 78), ("run", 75)].map(|(command, code)| (tell(command), Some(code)));
    let _ = Command::new("umount").arg("-l").arg(folder.path()).output();
    for ((code, text), expected) in told {
        assert_eq!(code, expected, "{text}");
        assert!(text.contains("is mounted read-only") && text.contains("hint: "), "{text}");
        assert!(!text.contains("ReadWritePaths"), "{text}");
    }
}

#[test]
fn what_this_machine_says_of_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mode = |mode| fs::set_permissions(folder.path(), Permissions::from_mode(mode)).unwrap();
    mode(0o755);
    assert_eq!(System.folder(folder.path()), Folder::Shared(0o755));
    assert_eq!(System.folder(&folder.path().join("not/yet")), Folder::Usable, "made with 700");
    mode(0o700);
    assert_eq!(System.folder(folder.path()), Folder::Usable);
    assert_eq!(System.folder(&folder.path().join("not/yet")), Folder::Usable);
    assert_eq!(System.folder(&file), Folder::InTheWay(file.clone()));
    assert_eq!(System.folder(&file.join("below")), Folder::InTheWay(file));
    let closed = folder.path().join("closed");
    DirBuilder::new().mode(0o500).create(&closed).unwrap();
    // For some users nothing is closed: what is asked must be what is found.
    let usable = fs::write(closed.join("probe"), "").is_ok();
    let expected = if usable { Folder::Usable } else { Folder::Closed };
    assert_eq!(System.folder(&closed.join("below")), expected);
}
