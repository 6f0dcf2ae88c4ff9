//! A gateway under fault: one till, one broker, the agent as built, `tillgate confirm` as the cloud.
//!
//! The configuration is written before each start of the agent, so a row changes [`Settings`] in between.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

use super::Stage;
use super::fail::Fail;
use super::mosquitto::Mosquitto;
use super::process::{Ledger, Process};
use super::till::{Line, Printed};
use super::wait::until;
use crate::limits;

/// What the gateway's topics begin with.
pub const BASE: &str = "tillgate/v1/test/7/gw-f";

/// What rows change of the gateway.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `cloud` or `broker`.
    pub confirm: &'static str,
    /// `postcard` or `json`.
    pub encoding: &'static str,
    /// Instead of the broker of the scene.
    pub url: Option<String>,
    /// Instead of a folder of the scene.
    pub data: Option<PathBuf>,
    /// More keys of `[mqtt]`.
    pub mqtt: String,
    /// More tables.
    pub tables: String,
    /// A command that starts the agent, such as a tracer; it must exec.
    pub wrapper: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            confirm: "cloud",
            encoding: "postcard",
            url: None,
            data: None,
            mqtt: String::new(),
            tables: String::new(),
            wrapper: Vec::new(),
        }
    }
}

/// See the module's documentation.
pub struct Scene<'a> {
    /// Which agent, and whether it is the mutant that plays.
    pub stage: &'a Stage,
    /// The broker.
    pub broker: Mosquitto,
    /// What all agents of this scene said they accepted.
    pub ledger: Ledger,
    /// What the till printed.
    pub printed: Printed,
    /// Of the next start.
    pub settings: Settings,
    port: String,
    folder: TempDir,
}

impl<'a> Scene<'a> {
    /// A broker and a till; nothing of tillgate runs yet.
    pub fn set(stage: &'a Stage) -> Result<(Self, Line), Fail> {
        Self::with_broker(stage, "allow_anonymous true")
    }

    /// The same with these lines in the broker's configuration.
    pub fn with_broker(stage: &'a Stage, config: &str) -> Result<(Self, Line), Fail> {
        let broker = Mosquitto::start(config)?;
        let line = Line::new("till-1", stage.seed)?;
        let scene = Self {
            stage,
            broker,
            ledger: Ledger::default(),
            printed: line.printed(),
            settings: Settings::default(),
            port: line.path(),
            folder: tempfile::tempdir()?,
        };
        Ok((scene, line))
    }

    /// The scene's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The agent's folder.
    pub fn data(&self) -> PathBuf {
        self.settings.data.clone().unwrap_or_else(|| self.folder().join("data"))
    }

    /// How long to wait for what must come.
    pub fn patience(&self) -> Duration {
        self.stage.patience()
    }

    /// Starts the agent and waits until it reads its till.
    pub fn agent(&self) -> Result<Process, Fail> {
        let agent = self.start()?;
        agent.says("answers", limits::FAULT_STOP)?;
        Ok(agent)
    }

    /// Starts the agent.
    pub fn start(&self) -> Result<Process, Fail> {
        let config = self.folder().join("tillgate.toml");
        fs::write(&config, self.toml(&self.port))?;
        self.run(&config)
    }

    /// Starts another agent that has no device.
    pub fn start_without_devices(&self, data: &Path) -> Result<Process, Fail> {
        let config = self.folder().join("other.toml");
        let text =
            self.toml("").replace(&self.data().display().to_string(), &data.display().to_string());
        fs::write(&config, text)?;
        self.run(&config)
    }

    fn run(&self, config: &Path) -> Result<Process, Fail> {
        let mut words =
            self.settings.wrapper.iter().map(Into::into).collect::<Vec<std::ffi::OsString>>();
        words.push(self.stage.agent.clone().into());
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).args(["run", "--config"]).arg(config);
        command.env("TILLGATE_LOG", "info,tillgate::agent=debug");
        Process::start(command, &self.ledger)
    }

    /// Starts `tillgate confirm` and waits until it is connected.
    pub fn confirm(&self) -> Result<Process, Fail> {
        let mut command = Command::new(&self.stage.agent);
        let url = format!("mqtt://127.0.0.1:{}", self.broker.port());
        command.args(["confirm", "--file-mib", "1", "--broker", &url, "--store"]).arg(self.cloud());
        let confirm = Process::start(command, &Ledger::default())?;
        confirm.says("connected", limits::FAULT_STOP)?;
        Ok(confirm)
    }

    /// Where that stores.
    pub fn cloud(&self) -> PathBuf {
        self.folder().join("cloud")
    }

    /// Waits until this process has accepted so many receipts and the like in all.
    pub fn accepts(&self, records: u64) -> Result<(), Fail> {
        let enough = || Ok((self.ledger.accepted("pos") >= records).then_some(()));
        until(&format!("{records} records of the till are accepted"), self.patience(), enough)
    }

    /// What `tillgate outbox` says of an agent that does not run: records that wait.
    pub fn waiting(&self) -> Result<u64, Fail> {
        let mut command = Command::new(&self.stage.agent);
        command.args(["outbox", "--json", "--config"]).arg(self.folder().join("tillgate.toml"));
        let done = command.output()?;
        if !done.status.success() {
            return Err(Fail::Broken(format!(
                "the outbox cannot be read: {}",
                String::from_utf8_lossy(&done.stderr).trim()
            )));
        }
        let found: Value = serde_json::from_slice(&done.stdout)?;
        let classes = found.get("waiting").and_then(Value::as_array).into_iter().flatten();
        Ok(classes.filter_map(|it| it.get("records").and_then(Value::as_u64)).sum())
    }

    fn toml(&self, port: &str) -> String {
        let Settings { confirm, encoding, url, mqtt, tables, .. } = &self.settings;
        let here = format!("mqtt://127.0.0.1:{}", self.broker.port());
        let url = url.as_ref().unwrap_or(&here);
        let till = if port.is_empty() {
            String::new()
        } else {
            format!(
                "[[serial]]\nname = \"till-1\"\nport = \"{port}\"\nbaud = 115200\n\
                 dialect = \"escpos-generic\"\n"
            )
        };
        format!(
            "[gateway]\nid = \"gw-f\"\ntenant = \"test\"\nstore_id = 7\ntimezone = \"UTC\"\n\
             currency = \"EUR\"\ndata_dir = \"{}\"\n\n\
             [mqtt]\nurl = \"{url}\"\nconfirm = \"{confirm}\"\nencoding = \"{encoding}\"\n{mqtt}\n\
             [buffer]\nmax_bytes = \"16MiB\"\n\n{till}\n{tables}\n",
            self.data().display()
        )
    }
}
