//! What the agent refuses before it touches the disk.

use std::fmt::Write as _;

use tempfile::TempDir;

use super::*;
use crate::config;

/// A configuration that would run, spoilt; the error, and that nothing was made on the disk.
fn check(spoil: fn(&mut Config), expected: &str) {
    let dir = TempDir::new().unwrap();
    let data = dir.path().join("data");
    let mut toml = format!(
        "[gateway]\nid = \"gw-1\"\ntenant = \"acme\"\nstore_id = 7\ntimezone = \"UTC\"\n\
         currency = \"EUR\"\ndata_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:1\"\n",
        data.display()
    );
    let till = "\n[[serial]]\nname = \"t\"\nport = \"/dev/none\"\nbaud = 9600\n";
    writeln!(toml, "{till}dialect = \"text-generic\"").unwrap();
    let (mut config, _) = config::parse(&toml, "f", &config::System).unwrap();
    spoil(&mut config);
    let error = run(&config).unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
    assert!(!data.exists(), "{expected}: the disk was touched");
}

#[test]
fn a_configuration_that_cannot_run_is_refused_before_the_disk_is_touched() {
    check(|config| config.gateway.tenant = "a/b".to_owned(), "cannot be part of a topic");
    check(|config| config.gateway.timezone = "Mars/Base".to_owned(), "time zone Mars/Base");
    check(|config| config.serial[0].dialect = "/none.toml".to_owned(), "dialect /none.toml");
    check(|config| config.serial[0].code_page = Some("cp0".to_owned()), "code page cp0");
}
