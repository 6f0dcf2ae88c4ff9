//! Which port a command listens to, and what to say when it cannot.

use std::os::unix::fs::FileTypeExt as _;
use std::path::Path;
use std::time::Duration;

use crate::config::{self, LineFormat, Parity, SerialConfig, SerialLine};
use crate::source::DownReason;

/// How a port is opened that no configuration names.
#[derive(Clone, Debug, clap::Args)]
pub struct Line {
    /// Bits a second of the port.
    #[arg(long)]
    pub baud: Option<u32>,
    /// Data bits, parity and stop bits of the port.
    #[arg(long, default_value = "8N1", value_parser = format)]
    pub format: LineFormat,
}

impl Line {
    /// The port as it is opened.
    pub fn serial(&self, port: &Path, baud: u32) -> SerialLine {
        SerialLine { port: port.to_owned(), baud: self.baud.unwrap_or(baud), format: self.format }
    }
}

/// When listening ends by itself.
#[derive(Clone, Copy, Debug, clap::Args)]
pub struct Until {
    /// Stop after so many seconds.
    #[arg(long)]
    pub seconds: Option<u64>,
    /// Stop after so many documents (receipts and other papers).
    #[arg(long)]
    pub documents: Option<usize>,
}

impl Until {
    /// Whether it is enough.
    pub fn is_over(&self, listened: Duration, documents: usize) -> bool {
        self.seconds.is_some_and(|most| Duration::from_secs(most) <= listened)
            || self.documents.is_some_and(|most| most <= documents)
    }
}

fn format(text: &str) -> Result<LineFormat, String> {
    let wrong = || "data bits, parity and stop bits: 8N1, 7E1, 7O1, 8E1, 8N2, …".to_owned();
    let [data, parity, stop] = text.as_bytes() else { return Err(wrong()) };
    let parity = match parity.to_ascii_uppercase() {
        b'N' => Parity::None,
        b'E' => Parity::Even,
        b'O' => Parity::Odd,
        _ => return Err(wrong()),
    };
    match (data, stop) {
        (b'7' | b'8', b'1' | b'2') => {
            Ok(LineFormat { data_bits: data - b'0', parity, stop_bits: stop - b'0' })
        }
        _ => Err(wrong()),
    }
}

/// Whether `path` is a port rather than a file.
pub fn is_port(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|metadata| metadata.file_type().is_char_device())
}

/// The tills of a configuration.
///
/// # Errors
/// All mistakes of the file, as text.
pub fn tills(file: &Path) -> Result<Vec<SerialConfig>, String> {
    let told = |mistakes: Vec<config::Mistake>| {
        mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    config::load(file).map(|config| config.serial).map_err(told)
}

/// One till of a configuration by its name.
///
/// # Errors
/// Why there is none.
pub fn till(file: &Path, name: &str) -> Result<SerialConfig, String> {
    let tills = tills(file)?;
    let names: Vec<String> = tills.iter().map(|till| till.name.clone()).collect();
    tills.into_iter().find(|till| till.name == name).ok_or_else(|| {
        let file = file.display();
        format!("{name} is neither a port nor a till of {file} (it has: {})", names.join(", "))
    })
}

/// Why a port cannot be listened to, and what to do.
pub fn refusal(port: &Path, reason: &DownReason) -> String {
    let port = port.display();
    match reason {
        DownReason::Busy => format!(
            "{port}: another program holds it. If that is the agent, read along with `journalctl -fu tillgate`, or \
             stop it meanwhile: `systemctl stop tillgate` (nothing that it accepted is lost)"
        ),
        DownReason::Denied => {
            format!("{port}: no permission; run this as root, or as the service's user")
        }
        DownReason::Missing => {
            format!("{port}: there is nothing; `ls /dev/serial/by-path` lists the ports")
        }
        DownReason::Unplugged => format!("{port}: it was unplugged, or the other side hung up"),
        DownReason::Settings(why) => format!("{port}: it refuses these settings: {why}"),
        DownReason::Radio(why) | DownReason::Other(why) => format!("{port}: {why}"),
    }
}

/// `9600 8N1`
pub fn settings(line: &SerialLine) -> String {
    let LineFormat { data_bits, parity, stop_bits } = line.format;
    let parity = match parity {
        Parity::None => 'N',
        Parity::Even => 'E',
        Parity::Odd => 'O',
    };
    format!("{} {data_bits}{parity}{stop_bits}", line.baud)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_that_is_not_there_is_named_with_an_option() {
        let told = till(Path::new("/nonexistent/tillgate.toml"), "till-1").unwrap_err();
        assert!(told.contains("cannot be read") && told.contains("--config FILE"), "{told}");
    }
}
