//! Memory at rest with TLS, and a backlog on its way out.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::peers::{Broker, Options};

/// Between two looks.
const LOOK: Duration = Duration::from_millis(50);
/// Looks after which a run is given up.
const LOOKS: u32 = 1200;
/// How long an agent rests before its memory is read.
const REST: Duration = Duration::from_secs(3);

const CONFIG: &str = "\
[gateway]
id = \"gw-0007\"
tenant = \"bench\"
store_id = 7
timezone = \"UTC\"
currency = \"EUR\"
data_dir = \"{dir}/data\"

[mqtt]
url = \"{url}\"
{mqtt}

[[serial]]
name = \"till-1\"
port = \"/dev/ttyS99\"
baud = 9600
dialect = \"escpos-generic\"
";

/// Resident kB of an agent with one till that is connected by TLS 1.3 with a certificate of its own and does nothing;
/// `None` where there is no openssl.
pub async fn idle_with_tls(options: &Options) -> Result<Option<u64>> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    let dir = folder.path();
    if !certificates(dir).await? {
        return Ok(None);
    }
    let tls = format!(
        "cafile {0}/ca.crt\ncertfile {0}/server.crt\nkeyfile {0}/server.key\nrequire_certificate true\n",
        dir.display()
    );
    let broker = Broker::start_with(dir, &tls).await?;
    let mqtt = format!(
        "ca = \"{0}/ca.crt\"\nclient_cert = \"{0}/client.crt\"\nclient_key = \"{0}/client.key\"\nconfirm = \"broker\"",
        dir.display()
    );
    let agent = start(options, dir, &format!("mqtts://localhost:{}", broker.port), &mqtt)?;
    said(dir, "connected").await?;
    sleep(REST).await;
    Ok(Some(resident(&agent, "VmRSS:")?))
}

/// How a backlog left.
pub struct Drained {
    /// From the agent's start until the cloud's side had stored all and the agent had let go of it.
    pub seconds: f64,
    /// Peak memory in kB.
    pub peak_kb: u64,
}

/// Starts an agent on the outbox that `fill` makes in a folder, with `tillgate confirm` as the cloud, and waits until
/// that has stored as many records as `fill` says.
pub async fn drain(options: &Options, fill: impl FnOnce(&Path) -> Result<u64>) -> Result<Drained> {
    let folder = tempfile::tempdir_in(&options.folder)?;
    let dir = folder.path();
    let records = fill(&dir.join("data"))?;
    let broker = Broker::start_with(dir, "").await?;
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let mut cloud = Command::new(&options.agent);
    cloud.args(["confirm", "--broker", &url, "--store"]).arg(dir.join("cloud"));
    let _cloud = spawn(cloud, &dir.join("cloud.log"))?;
    sleep(REST).await;
    let begun = Instant::now();
    let agent = start(options, dir, &url, "confirm = \"cloud\"")?;
    for _ in 0..LOOKS {
        if records <= stored(&dir.join("cloud.log")) {
            let seconds = begun.elapsed().as_secs_f64();
            return Ok(Drained { seconds, peak_kb: resident(&agent, "VmHWM:")? });
        }
        sleep(LOOK).await;
    }
    anyhow::bail!("the backlog did not drain: {}", log(&dir.join("agent.log")))
}

/// How far `tillgate confirm` said it was.
fn stored(log_file: &Path) -> u64 {
    let text = log(log_file);
    let number = text.rsplit_once("complete up to ").and_then(|(_, rest)| rest.lines().next());
    number.and_then(|number| number.parse().ok()).unwrap_or_default()
}

fn start(options: &Options, dir: &Path, url: &str, mqtt: &str) -> Result<Child> {
    let text = CONFIG
        .replace("{dir}", &dir.display().to_string())
        .replace("{url}", url)
        .replace("{mqtt}", mqtt);
    fs::write(dir.join("tillgate.toml"), text)?;
    let mut command = Command::new(&options.agent);
    command.arg("run").arg("--config").arg(dir.join("tillgate.toml"));
    spawn(command, &dir.join("agent.log"))
}

fn spawn(mut command: Command, log: &Path) -> Result<Child> {
    let log = fs::File::create(log)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
    command.spawn().context("the agent")
}

fn log(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
}

async fn said(dir: &Path, word: &str) -> Result<()> {
    for _ in 0..LOOKS {
        if log(&dir.join("agent.log")).contains(word) {
            return Ok(());
        }
        sleep(LOOK).await;
    }
    anyhow::bail!("the agent did not say {word}: {}", log(&dir.join("agent.log")))
}

fn resident(agent: &Child, key: &str) -> Result<u64> {
    let id = agent.id().context("the agent has ended")?;
    let text = fs::read_to_string(format!("/proc/{id}/status"))?;
    let value = text.lines().find_map(|line| line.strip_prefix(key)).context("no such line")?;
    Ok(value.split_whitespace().next().context("no number")?.parse()?)
}

/// An authority, a server's certificate for this machine and a client's.
async fn certificates(dir: &Path) -> Result<bool> {
    let script = "set -e; new='-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
        openssl req -x509 $new -keyout ca.key -out ca.crt -subj /CN=ca -days 2
        echo 'subjectAltName=DNS:localhost,IP:127.0.0.1' > names
        for name in server client; do
            openssl req $new -keyout $name.key -out $name.csr -subj /CN=$name
            openssl x509 -req -in $name.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out $name.crt \\
                -days 2 -extfile names
        done";
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(dir).stdout(Stdio::null()).stderr(Stdio::null());
    Ok(command.status().await?.success())
}
