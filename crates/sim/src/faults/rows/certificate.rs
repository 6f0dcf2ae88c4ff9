//! Certificates that do not fit, expire and are renewed.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::faults::fail::{Fail, Held};
use crate::faults::judge::Losses;
use crate::faults::mosquitto::free_port;
use crate::faults::process::Process;
use crate::faults::scene::Scene;
use crate::faults::wait::until;
use crate::faults::{Row, Stage};
use crate::limits;

pub const CERTIFICATES: Row = Row {
    number: 18,
    name: "certificates",
    made: "`ca` names another authority, then the gateway's certificate is of another one, then the broker's has expired \
           (Mosquitto with TLS and client certificates); each is put right by replacing the file while the agent runs",
    holds: "each is told in its own words, nothing is sent until it is right, then all arrives without a restart",
    mutant: "the broker's certificate is not renewed",
    caught: "connected again",
    quick: false,
    play: certificates,
};

/// What the agent says of each connection.
const CONNECTED: &str = "connected to the broker";

fn certificates(stage: &Stage) -> Held {
    let files = tempfile::tempdir()?;
    let at = files.path();
    make(at)?;
    let file = |name: &str| at.join(name).display().to_string();
    let port = free_port()?;
    let config = format!(
        "allow_anonymous true\nlistener {port} 127.0.0.1\ncafile {}\ncertfile {}\nkeyfile {}\n\
         require_certificate true",
        file("ca.crt"),
        file("server.crt"),
        file("server.key")
    );
    let (mut scene, mut line) = Scene::with_broker(stage, &config)?;
    scene.settings.url = Some(format!("mqtts://localhost:{port}"));
    scene.settings.mqtt = format!(
        "ca = \"{}\"\nclient_cert = \"{}\"\nclient_key = \"{}\"\n",
        file("trusted.crt"),
        file("gateway.crt"),
        file("gateway.key")
    );
    copy(at, "other-ca.crt", "trusted.crt")?;
    use_identity(at, "stranger")?;
    let confirm = scene.confirm()?;
    let agent = scene.agent()?;
    line.print(2)?;
    let patience = limits::FAULT_PATIENCE;
    agent.says("an authority that `ca` does not name", patience)?;
    copy(at, "ca.crt", "trusted.crt")?;
    agent.says("refuses this gateway's certificate", patience)?;
    use_identity(at, "client")?;
    connected(&agent, 0, patience)?;

    // The name in the configuration stays, the file behind it changes.
    copy(at, "server.crt", "good.crt")?;
    copy(at, "expired.crt", "server.crt")?;
    scene.broker.stop()?;
    scene.broker.restart()?;
    agent.says("has expired", patience)?;
    line.print(2)?;
    scene.accepts(4)?;
    if !stage.is_mutant() {
        copy(at, "good.crt", "server.crt")?;
    }
    scene.broker.stop()?;
    scene.broker.restart()?;
    connected(&agent, 1, scene.patience())?;
    scene.settle(agent, confirm, Losses::None)
}

fn connected(agent: &Process, before: usize, patience: std::time::Duration) -> Result<(), Fail> {
    let again = || Ok((agent.count(CONNECTED) > before).then_some(()));
    until("the agent is connected again", patience, again)
}

fn use_identity(at: &Path, name: &str) -> Result<(), Fail> {
    copy(at, &format!("{name}.key"), "gateway.key")?;
    copy(at, &format!("{name}.crt"), "gateway.crt")
}

/// A file takes the place of another in one step.
fn copy(at: &Path, from: &str, to: &str) -> Result<(), Fail> {
    let aside = at.join("aside");
    fs::copy(at.join(from), &aside)?;
    Ok(fs::rename(aside, at.join(to))?)
}

/// Two authorities, the broker's certificates and two gateways'.
fn make(at: &Path) -> Result<(), Fail> {
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
    for ca in ["ca", "other-ca"] {
        let request = format!("openssl req -x509 {key} -keyout {ca}.key -out {ca}.crt");
        run(at, &format!("faketime -f -90d {request} -subj /CN={ca} -days 900"))?;
    }
    fs::write(at.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1")?;
    run(at, &format!("openssl req {key} -keyout server.key -out server.csr -subj /CN=server"))?;
    sign(at, "", "server.csr", "ca", "server.crt")?;
    sign(at, "faketime -f -60d ", "server.csr", "ca", "expired.crt")?;
    for (name, ca) in [("client", "ca"), ("stranger", "other-ca")] {
        run(at, &format!("openssl req {key} -keyout {name}.key -out {name}.csr -subj /CN={name}"))?;
        sign(at, "", &format!("{name}.csr"), ca, &format!("{name}.crt"))?;
    }
    Ok(())
}

fn sign(at: &Path, when: &str, request: &str, ca: &str, to: &str) -> Result<(), Fail> {
    let by = format!("-CA {ca}.crt -CAkey {ca}.key -CAcreateserial");
    run(at, &format!("{when}openssl x509 -req -in {request} {by} -out {to} -days 2 -extfile names"))
}

fn run(at: &Path, command: &str) -> Result<(), Fail> {
    let mut words = command.split_whitespace();
    let program = words.next().unwrap_or_default();
    let done = Command::new(program).args(words).current_dir(at).output();
    let done = done.map_err(|error| Fail::Skipped(format!("{program}: {error}")))?;
    if done.status.success() {
        return Ok(());
    }
    Err(Fail::Trouble(format!("{command}: {}", String::from_utf8_lossy(&done.stderr).trim())))
}
