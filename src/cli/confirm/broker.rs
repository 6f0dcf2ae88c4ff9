//! Which broker, and how: the flags have the names of the configuration's keys.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::{self, Allowance, CREDENTIALS_DIR, Confirm, Encoding, MqttConfig};

/// A file of systemd's credentials instead of a path.
const CREDENTIAL: &str = "credential:";

/// The broker.
#[derive(Clone, Debug, clap::Args)]
pub struct Broker {
    /// mqtts://host[:port], or mqtt:// for a broker on this machine
    #[arg(long, value_name = "URL")]
    pub broker: String,
    /// PEM file of the authorities that the broker is checked by; needed with mqtts://
    #[arg(long, value_name = "FILE")]
    pub ca: Option<PathBuf>,
    /// PEM file of this client's certificate
    #[arg(long, value_name = "FILE", requires = "client_key")]
    pub client_cert: Option<PathBuf>,
    /// PEM file of its key, or credential:NAME
    #[arg(long, value_name = "FILE", requires = "client_cert")]
    pub client_key: Option<PathBuf>,
    /// Where the broker wants one
    #[arg(long, value_name = "NAME")]
    pub username: Option<String>,
    /// File that holds the password, or credential:NAME
    #[arg(long, value_name = "FILE", requires = "username")]
    pub password_file: Option<PathBuf>,
    /// How often the connection proves that it lives
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(5..=1200))]
    pub keep_alive_s: u64,
    /// The broker keeps a session for each id: give each store one of its own, and always the same
    #[arg(long, value_name = "NAME", default_value = "tillgate-confirm")]
    pub client_id: String,
}

impl Broker {
    /// What the connection is made from, or what is wrong with it.
    pub fn settings(&self) -> Result<MqttConfig, String> {
        let url = config::broker_url_text(&self.broker).map_err(|fault| {
            let hint = fault.hint.map(|hint| format!(": {hint}")).unwrap_or_default();
            format!("--broker: {}{hint}", fault.message)
        })?;
        if url.tls && self.ca.is_none() {
            return Err("mqtts:// needs --ca, the authorities that the broker is checked by".into());
        }
        Ok(MqttConfig {
            host: url.host,
            port: url.port,
            tls: url.tls,
            ca: self.ca.clone(),
            client_cert: self.client_cert.clone(),
            client_key: self.client_key.clone().map(secret),
            username: self.username.clone(),
            password_file: self.password_file.clone().map(secret),
            encoding: Encoding::Postcard,
            confirm: Confirm::Cloud,
            keep_alive: Duration::from_secs(self.keep_alive_s),
            allowance: Allowance::default(),
        })
    }
}

fn secret(path: PathBuf) -> PathBuf {
    let Some(name) = path.to_str().and_then(|text| text.strip_prefix(CREDENTIAL)) else {
        return path;
    };
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
    folder.unwrap_or_else(|| PathBuf::from(CREDENTIALS_DIR)).join(name)
}
