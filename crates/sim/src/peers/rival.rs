//! Each peer: what it is, what it needs, and the processes that make it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::process::{Child, Command};

use super::process::{Cost, Tree};
use super::{Options, broker};

/// Where a peer runs in one round.
pub struct Place<'a> {
    /// Its files, which outlive a kill.
    pub folder: &'a Path,
    /// The till's line.
    pub tty: &'a Path,
    /// The cloud's broker.
    pub port: u16,
    /// A port for its own use.
    pub local: u16,
}

/// One peer.
pub struct Rival {
    pub name: &'static str,
    /// How it is set up, in a few words.
    pub note: &'static str,
    kind: Kind,
    /// Programs and files it cannot do without.
    needs: Vec<PathBuf>,
    /// Where peers are installed.
    home: PathBuf,
}

/// What a run of ours has beyond the defaults.
#[derive(Clone, Default)]
pub struct How {
    /// More of the configuration.
    pub config: String,
    /// Its syncs are written down with their times.
    pub traced: bool,
}

#[derive(Clone)]
enum Kind {
    Ours { agent: PathBuf, dialect: Option<&'static str>, how: How },
    Bridge(&'static str),
    SyslogNg,
    NodeRed,
    Python,
    Pipe,
}

/// A shop's own dialect, as a field tech writes it; the benchmark measures it too.
const SHOP: &str = include_str!("../../../../benches/forty.toml");

/// All of them, ours first.
pub fn all(options: &Options) -> Vec<Rival> {
    let home = options.folder.clone();
    let publisher = || vec!["/usr/bin/mosquitto_pub".into()];
    let bridge =
        || [publisher(), broker::program().map(PathBuf::from).into_iter().collect()].concat();
    let ours = |dialect| Kind::Ours { agent: options.agent.clone(), dialect, how: How::default() };
    let rival = |name, note, kind, needs| Rival { name, note, kind, needs, home: home.clone() };
    vec![
        rival(
            "tillgate",
            "receipts parsed by the generic dialect, `confirm = \"cloud\"`",
            ours(None),
            vec![options.agent.clone()],
        ),
        rival(
            "tillgate, own dialect",
            "the same with a shop's own forty rules",
            ours(Some(SHOP)),
            vec![options.agent.clone()],
        ),
        rival(
            "Python and SQLite",
            "pyserial, paho-mqtt, SQLite FULL, a commit for each read",
            Kind::Python,
            vec![home.join("venv/bin/python")],
        ),
        rival(
            "Mosquitto bridge",
            "mosquitto_pub into a local broker with Debian's settings, bridged",
            Kind::Bridge(include_str!("files/bridge.conf")),
            bridge(),
        ),
        rival(
            "Mosquitto bridge, tuned",
            "the same, saved each second, with a queue without a bound",
            Kind::Bridge(include_str!("files/bridge-tuned.conf")),
            bridge(),
        ),
        rival(
            "syslog-ng",
            "reliable disk buffer, piped into mosquitto_pub",
            Kind::SyslogNg,
            [publisher(), vec![home.join("syslog-ng/usr/sbin/syslog-ng")]].concat(),
        ),
        rival(
            "Node-RED",
            "serial in, MQTT out with QoS 1",
            Kind::NodeRed,
            vec![
                home.join("node-red/node_modules/node-red/red.js"),
                home.join("node-red/node_modules/node-red-node-serialport"),
            ],
        ),
        rival(
            "mosquitto_pub",
            "no buffer at all: what MQTT alone costs a line",
            Kind::Pipe,
            publisher(),
        ),
    ]
}

/// Where the syncs of a traced run are written down.
pub const TRACE: &str = "syncs.log";

fn traced(place: &Place<'_>, agent: &Path) -> Command {
    let mut command = Command::new("strace");
    command.args(["-f", "--seccomp-bpf", "-ttt", "-T", "-e", "trace=fdatasync,fsync", "-o"]);
    command.arg(place.folder.join(TRACE)).arg(agent);
    command
}

impl Rival {
    /// The agent alone, for its own figures.
    pub fn ours(options: &Options, how: How) -> Self {
        Self {
            name: "tillgate",
            note: "",
            kind: Kind::Ours { agent: options.agent.clone(), dialect: None, how },
            needs: Vec::new(),
            home: options.folder.clone(),
        }
    }

    /// Whether it is installed.
    pub fn present(&self) -> bool {
        self.needs.iter().all(|path| path.exists())
    }

    /// Whether it is what this repository makes.
    pub fn is_ours(&self) -> bool {
        matches!(self.kind, Kind::Ours { .. })
    }

    /// Starts it; after a kill, on the same files.
    pub fn start(&self, place: &Place<'_>) -> Result<Running> {
        let commands = self.commands(place)?;
        let children: Result<Vec<Child>> =
            commands.into_iter().map(|command| spawn(command, place)).collect();
        children.map(Running).with_context(|| format!("cannot start {}", self.name))
    }

    fn commands(&self, place: &Place<'_>) -> Result<Vec<Command>> {
        let write = |name: &str, text: &str| write(place, name, text);
        let publish = |port: u16, topic: &str| {
            let mut command = Command::new("sh");
            let line = "exec mosquitto_pub -h 127.0.0.1 -p \"$1\" -q 1 -t \"$2\" -l < \"$0\"";
            command.arg("-c").arg(line).arg(place.tty).arg(port.to_string()).arg(topic);
            command
        };
        Ok(match &self.kind {
            Kind::Ours { agent, dialect, how } => {
                let name = match dialect {
                    Some(text) => write("shop.toml", text)?.display().to_string(),
                    None => "escpos-generic".to_owned(),
                };
                let text = include_str!("files/tillgate.toml").replace("{dialect}", &name);
                let text = format!("{text}\n{}", how.config);
                let mut command =
                    if how.traced { traced(place, agent) } else { Command::new(agent) };
                command.arg("run").arg("--config").arg(write("tillgate.toml", &text)?);
                vec![command]
            }
            Kind::Bridge(text) => {
                let mut command = Command::new(broker::program().context("Mosquitto")?);
                command.arg("-c").arg(write("bridge.conf", text)?);
                vec![command, waiting(place.local, &publish(place.local, "peers/bridge"))]
            }
            Kind::SyslogNg => vec![self.syslog_ng(place)?],
            Kind::NodeRed => {
                let mut command = Command::new("node");
                command.arg(self.home.join("node-red/node_modules/node-red/red.js"));
                command.arg("-u").arg(place.folder);
                command.arg("-s").arg(write("settings.js", include_str!("files/settings.js"))?);
                command.arg(write("flow.json", include_str!("files/flow.json"))?);
                vec![command]
            }
            Kind::Python => {
                let mut command = Command::new(self.home.join("venv/bin/python"));
                command.arg(write("group.py", include_str!("files/group.py"))?);
                command.arg(place.tty).arg(place.port.to_string()).arg(place.folder);
                vec![command]
            }
            Kind::Pipe => vec![publish(place.port, "peers/pipe")],
        })
    }

    /// It was unpacked, not installed: it has to be told where its parts are.
    fn syslog_ng(&self, place: &Place<'_>) -> Result<Command> {
        let root = self.home.join("syslog-ng");
        let config = write(place, "syslog-ng.conf", include_str!("files/syslog-ng.conf"))?;
        let mut command = Command::new("sh");
        command.arg("-c").arg("tty=$0; exec \"$@\" < \"$tty\"").arg(place.tty);
        command.arg(root.join("usr/sbin/syslog-ng")).args(["-F", "--no-caps", "-f"]).arg(config);
        let flag = |flag: &str, path: PathBuf| format!("{flag}={}", path.display());
        command.arg(flag("--module-path", root.join("usr/lib/syslog-ng/3.38")));
        command.arg(flag("--persist-file", place.folder.join("syslog-ng.persist")));
        command.arg(flag("--control", place.folder.join("syslog-ng.ctl")));
        command.arg(flag("--pidfile", place.folder.join("syslog-ng.pid")));
        let libraries = ["usr/lib/syslog-ng", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"];
        let paths = libraries.map(|part| root.join(part).display().to_string());
        command.env("LD_LIBRARY_PATH", paths.join(":"));
        Ok(command)
    }
}

/// Starts the command as soon as somebody listens on the port.
fn waiting(port: u16, then: &Command) -> Command {
    let mut command = Command::new("bash");
    let line = "until (exec 3<>/dev/tcp/127.0.0.1/$0) 2>/dev/null; do read -rt 0.05 <> <(:); done; exec \"$@\"";
    let then = then.as_std();
    command.arg("-c").arg(line).arg(port.to_string()).arg(then.get_program()).args(then.get_args());
    command
}

fn write(place: &Place<'_>, name: &str, text: &str) -> Result<PathBuf> {
    let path = place.folder.join(name);
    let text = text
        .replace("{port}", &place.port.to_string())
        .replace("{local}", &place.local.to_string())
        .replace("{tty}", &place.tty.display().to_string())
        .replace("{dir}", &place.folder.display().to_string());
    fs::write(&path, text)?;
    Ok(path)
}

fn spawn(mut command: Command, place: &Place<'_>) -> Result<Child> {
    let log = fs::File::options().create(true).append(true).open(place.folder.join("peer.log"))?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).kill_on_drop(true);
    command.current_dir(place.folder);
    Ok(command.spawn()?)
}

/// A started peer.
pub struct Running(Vec<Child>);

impl Running {
    /// Its processes, with all that they started.
    pub fn tree(&self) -> Tree {
        Tree::below(&self.0.iter().filter_map(Child::id).collect::<Vec<_>>())
    }

    /// What the processes use that these have started, and not these themselves: of a traced run, the agent's.
    pub fn cost_below(&self) -> Cost {
        let roots: Vec<u32> = self.0.iter().filter_map(Child::id).collect();
        Tree::below(&roots).without(&roots).cost()
    }

    /// `kill -9` to all of its processes at once.
    pub async fn kill(mut self) -> Result<()> {
        self.tree().kill();
        for child in &mut self.0 {
            child.wait().await?;
        }
        Ok(())
    }
}
