//! Configuration files and what is said of their mistakes.
//!
//! `tests/data/config/*.toml` are inputs; `*.expected` beside them is what a person would read. `UPDATE_GOLDEN=1`
//! writes the expected files anew.

mod files;
mod hints;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use expect_test::expect_file;
use tillgate::config::{
    self, Config, DoorKind, Environment, Folder, Mistake, ReceiverKind, Severity, System, TagClass,
    Warning,
};
use tillgate::decode::beacon::{Format, TagMatch};
use tillgate::time::UtcMs;

use crate::support::{mosquitto, skipped};

type Checked = Result<(Config, Vec<Warning>), Vec<Mistake>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A machine with two time zones, one dialect file and the catalogues of the test data.
struct Shop;

/// A dialect file of the shop's own.
const CORNER: &str = "schema = 1\nid = \"corner\"\nextends = \"escpos-generic\"\n\n[framer]\n\
                      kind = \"escpos\"\n\n[locale]\ndecimal = \".\"\n";

impl Environment for Shop {
    fn exists(&self, path: &Path) -> bool {
        ["/dev/till-1", "/dev/gpiochip0", "/etc/tillgate/dialects/corner.toml"]
            .iter()
            .any(|known| Path::new(known) == path)
    }

    fn folder(&self, path: &Path) -> Folder {
        match path.to_str() {
            Some("/file/in/the/way") => Folder::InTheWay(PathBuf::from("/file")),
            Some("/closed") => Folder::Closed,
            Some("/shared") => Folder::Shared(0o755),
            Some("/read-only") => Folder::ReadOnly,
            _ => Folder::Usable,
        }
    }

    fn bytes(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        if path.ends_with("dialects/corner.toml") {
            return Ok(CORNER.as_bytes().to_vec());
        }
        if path.starts_with("/etc/tillgate") || path.starts_with("/run/credentials") {
            // Of the service's user.
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let name = path.strip_prefix("/catalog").map_err(|_| io::ErrorKind::NotFound)?;
        let file = root().join("tests/data/config").join(name);
        System.bytes(&file, limit).map_err(|_| io::ErrorKind::NotFound.into())
    }

    fn now(&self) -> UtcMs {
        UtcMs(0)
    }

    fn credentials(&self) -> Option<PathBuf> {
        Some(PathBuf::from("/run/credentials/tillgate.service"))
    }

    fn knows_time_zone(&self, name: &str) -> bool {
        matches!(name, "Europe/Berlin" | "UTC")
    }

    fn time_zones(&self) -> Vec<String> {
        vec!["Europe/Berlin".to_owned(), "UTC".to_owned()]
    }
}

fn parse(text: &str) -> Checked {
    config::parse(text, "tillgate.toml", &Shop)
}

fn said(checked: &Checked) -> String {
    let all = |list: &[Mistake], severity| {
        list.iter().map(|it| it.render(severity, false)).collect::<Vec<_>>().join("\n")
    };
    match checked {
        Ok((_, warnings)) => format!("accepted\n\n{}", all(warnings, Severity::Warning)),
        Err(mistakes) => {
            format!("mistakes: {}\n\n{}", mistakes.len(), all(mistakes, Severity::Mistake))
        }
    }
}

fn inputs() -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join("tests/data/config")).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "toml"));
    files.sort();
    files
}

#[test]
fn what_is_said_of_each_file_is_as_expected() {
    let files = inputs();
    assert!(files.len() > 10, "the test data are gone");
    for path in files {
        let said = said(&parse(&fs::read_to_string(&path).unwrap()));
        let expected = path.with_extension("expected");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        expect_file![expected].assert_eq(&said);
    }
}

fn accepted(file: &str) -> Config {
    let text = fs::read_to_string(root().join(file)).unwrap();
    parse(&text).unwrap_or_else(|mistakes| panic!("{}", said(&Err(mistakes)))).0
}

#[test]
fn the_designs_example_means_what_it_says() {
    let config = accepted("tests/data/config/design-example.toml");
    assert_eq!((config.gateway.id.as_str(), config.gateway.store_id), ("gw-0007", 7));
    let mqtt = &config.mqtt;
    assert_eq!((mqtt.host.as_str(), mqtt.port, mqtt.tls), ("broker.example.net", 8883, true));
    let key = Path::new("/run/credentials/tillgate.service/gateway.key");
    assert_eq!(mqtt.client_key.as_deref(), Some(key));
    assert_eq!(config.buffer.max_bytes, 512 * 1024 * 1024);
    assert_eq!((config.serial[0].line.baud, config.serial[0].terminal.as_str()), (9600, "till-1"));
    assert!(matches!(config.doors[0].kind, DoorKind::GpioContact { line: 17, .. }));
    assert!(matches!(config.receivers[0].kind, ReceiverKind::Serial { .. }));
    assert_eq!(config.tags[0].class, TagClass::Truck);
    assert!(matches!(
        config.tags[0].known_by,
        TagMatch::Beacon {
            format: Format::IBeacon,
            uuid: [0xf7, 0x82, .., 0x3e],
            major: Some(1),
            minor: Some(14)
        }
    ));
    assert_eq!(config.products[0].id, 4711);
}

#[test]
fn a_small_file_gets_the_documented_defaults() {
    let config = accepted("tests/data/config/smallest.toml");
    assert_eq!(
        (config.mqtt.host.as_str(), config.mqtt.port, config.mqtt.tls),
        ("::1", 1883, false)
    );
    assert_eq!(config.gateway.data_dir, Path::new("/var/lib/tillgate"));
    assert_eq!(config.buffer.commit_interval.as_millis(), 100);
    assert_eq!(config.mqtt.keep_alive.as_secs(), 30);
}

#[test]
fn a_catalogue_and_products_are_one_list() {
    let text = fs::read_to_string(root().join("tests/data/config/catalog-and-product.toml"));
    let text = text.unwrap().replace("id = 1\nname", "id = 9\nname");
    let (config, _) = parse(&text).unwrap();
    let ids: Vec<u64> = config.products.iter().map(|product| product.id).collect();
    assert_eq!(ids, [1, 2, 3, 9]);
    assert_eq!(config.products[0].name.as_deref(), Some("BREAD, DARK"));
}

#[test]
fn a_dialect_of_the_dialect_directory_becomes_its_path() {
    let text = fs::read_to_string(root().join("tests/data/config/design-example.toml")).unwrap();
    let (config, _) = parse(&text.replace("escpos-generic", "corner")).unwrap();
    assert_eq!(config.serial[0].dialect, "/etc/tillgate/dialects/corner.toml");
    assert!(parse(&text.replace("escpos-generic", "corner2")).is_err());
}

#[test]
fn the_sample_is_accepted_and_shows_every_key() {
    let sample = fs::read_to_string(root().join("firmware-config/tillgate.toml")).unwrap();
    let (config, _) = parse(&sample).unwrap_or_else(|all| panic!("{}", said(&Err(all))));
    assert!(config.serial.len() >= 2 && config.doors.len() >= 2 && config.receivers.len() >= 2);
    // An unknown key's hint lists what its section has: so the schema itself says what must be shown.
    let odd = sample.replace("name = \"", "zzzzzzzzzzzzzzzz = 1\nname = \"");
    let odd = odd.replace("url = \"", "zzzzzzzzzzzzzzzz = 1\nurl = \"");
    let odd = odd.replace("max_bytes", "zzzzzzzzzzzzzzzz = 1\nmax_bytes");
    let odd = odd.replace("tenant = \"", "zzzzzzzzzzzzzzzz = 1\ntenant = \"");
    let odd = odd.replace("interval_s", "zzzzzzzzzzzzzzzz = 1\ninterval_s");
    let odd = odd.replace("# [metrics]", "[metrics]\nzzzzzzzzzzzzzzzz = 1");
    let odd = format!("zzzzzzzzzzzzzzzz = 1\n{odd}");
    let mistakes = parse(&odd).unwrap_err();
    let lists = mistakes.iter().filter_map(|it| it.hint.as_deref()?.strip_prefix("it has these: "));
    let keys: Vec<&str> = lists.flat_map(|list| list.split(", ")).collect();
    assert!(keys.len() > 40, "the schema was not listed: {keys:?}");
    for key in keys {
        let shown = [format!("{key} = "), format!("[{key}]"), format!("[[{key}]]")];
        assert!(shown.iter().any(|it| sample.contains(it)), "the sample does not show `{key}`");
    }
}

fn check(arguments: &[&str]) -> Output {
    let binary = env!("CARGO_BIN_EXE_tillgate");
    Command::new(binary).arg("check").args(arguments).current_dir(root()).output().unwrap()
}

/// The sample with the files that it names in `dir`; `None` where openssl is not installed.
fn sample(dir: &Path) -> Option<String> {
    mosquitto::certificates(dir)?;
    let mut text = fs::read_to_string(root().join("firmware-config/tillgate.toml")).unwrap();
    for (there, here) in [
        ("/etc/tillgate/ca.crt", "ca.crt"),
        ("/etc/tillgate/gateway.crt", "client.crt"),
        ("credential:gateway.key", "client.key"),
    ] {
        text = text.replace(there, dir.join(here).to_str().unwrap());
    }
    let file = dir.join("tillgate.toml");
    fs::write(&file, text).unwrap();
    Some(file.display().to_string())
}

#[test]
fn check_exits_0_and_says_what_would_run() {
    let dir = tempfile::tempdir().unwrap();
    let Some(sample) = sample(dir.path()) else {
        return skipped("check_exits_0", "openssl is not installed");
    };
    let output = check(&[&sample]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    for part in ["till-1", "escpos-generic", "mqtts://", "512 MiB", "missing"] {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }
    assert!(!text.contains('\x1b'), "colours although no terminal reads this");
}

#[test]
fn check_exits_78_and_shows_every_place() {
    let output = check(&["tests/data/config/everything-wrong.toml"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(78), "{text}");
    assert!(output.stdout.is_empty());
    assert!(text.contains("everything-wrong.toml:3:2: error: unknown key `gatway`"), "{text}");
    assert!(text.contains("did you mean `gateway`?"), "{text}");
    assert!(text.contains("3 | [gatway"), "{text}");
}

#[test]
fn check_of_a_missing_file_exits_78() {
    let output = check(&["/nonexistent/tillgate.toml"]);
    assert_eq!(output.status.code(), Some(78));
    assert!(String::from_utf8(output.stderr).unwrap().contains("cannot be read"));
}

#[test]
fn check_json_is_one_object_either_way() {
    let json = |file: &str| -> serde_json::Value {
        serde_json::from_slice(&check(&[file, "--json"]).stdout).unwrap()
    };
    let dir = tempfile::tempdir().unwrap();
    let Some(sample) = sample(dir.path()) else {
        return skipped("check_json", "openssl is not installed");
    };
    let good = json(&sample);
    assert_eq!(good["ok"], true);
    assert_eq!(good["plan"]["devices"][0]["name"], "till-1");
    let bad = json("tests/data/config/everything-wrong.toml");
    assert_eq!((&bad["ok"], &bad["plan"]), (&false.into(), &serde_json::Value::Null));
    let first = &bad["mistakes"][0];
    assert_eq!((&first["line"], &first["column"]), (&1.into(), &1.into()));
    assert!(first["file"].is_string() && first["message"].is_string() && first["hint"].is_string());
}
