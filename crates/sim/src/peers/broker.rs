//! A real Mosquitto of the cloud: stopped in an orderly way and started again on the same port and folder.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use tokio::time::sleep;

const CONFIG: &str = include_str!("files/broker.conf");
/// Between two looks whether it answers.
const LOOK: Duration = Duration::from_millis(20);
/// Looks after which it does not answer any more.
const LOOKS: u32 = 500;

/// A broker on 127.0.0.1; killed when dropped.
pub struct Broker {
    /// Where it listens.
    pub port: u16,
    child: Child,
    config: PathBuf,
}

/// A port that nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Mosquitto, which is not on every user's path.
pub fn program() -> Option<&'static str> {
    let paths = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"];
    paths.into_iter().find(|path| Path::new(path).exists())
}

impl Broker {
    /// Starts one whose files are in `folder`.
    pub async fn start(folder: &Path) -> Result<Self> {
        Self::start_with(folder, "").await
    }

    /// The same with more lines in its configuration.
    pub async fn start_with(folder: &Path, more: &str) -> Result<Self> {
        let port = free_port()?;
        let config = folder.join("broker.conf");
        let text = CONFIG
            .replace("{port}", &port.to_string())
            .replace("{dir}", &folder.display().to_string());
        fs::write(&config, format!("{text}{more}"))?;
        let child = spawn(&config)?;
        let broker = Self { port, child, config };
        broker.answers().await?;
        Ok(broker)
    }

    /// Stops it; it saves its sessions.
    pub async fn stop(&mut self) -> Result<()> {
        let pid = self.child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        kill_process(pid.context("the broker has ended")?, Signal::TERM)?;
        self.child.wait().await?;
        Ok(())
    }

    /// Starts it again.
    pub async fn restart(&mut self) -> Result<()> {
        self.child = spawn(&self.config)?;
        self.answers().await
    }

    async fn answers(&self) -> Result<()> {
        for _ in 0..LOOKS {
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return Ok(());
            }
            sleep(LOOK).await;
        }
        bail!("the broker does not answer")
    }
}

fn spawn(config: &Path) -> Result<Child> {
    let mut command = Command::new(program().context("Mosquitto is not installed")?);
    command.arg("-c").arg(config).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
    command.spawn().context("the broker")
}
