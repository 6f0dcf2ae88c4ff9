//! `tillgate watch`: what devices print or say, line by line, with what became of each line and the events they make.
//!
//! A port has one reader. While the agent holds it, this command says so and ends; it never takes a port away.
//! On a terminal each device has a panel; elsewhere everything is printed as plain lines. A device that was unplugged
//! is waited for.
//!
//! | file | job |
//! |---|---|
//! | `till` | a device: bytes to lines, facts and events |
//! | `words` | what a device says and means, in few words |
//! | `panel` | what is kept of it to be shown |
//! | `pending` | plain lines in the order of the paper |
//! | `draw` | panels on a screen of a size |
//! | `screen` | the terminal, taken and given back |

mod draw;
mod panel;
mod pending;
mod screen;
mod till;
mod words;

use std::io::{self, IsTerminal as _, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use tillgate_events::Currency;

use self::panel::Panel;
use self::screen::Screen;
use self::till::Till;
use super::device::{self, Line, Until};
use super::exit;
use crate::agent;
use crate::config::{self, SerialLine};
use crate::decode::dialect::Setting;
use crate::source::Body;
use crate::source::serial::listen::{self, Heard};

/// Arguments of `tillgate watch`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Nothing is sent or kept. A port that the agent reads cannot be watched: read along with \
    `journalctl -fu tillgate`, or stop the agent meanwhile."
)]
pub struct Args {
    /// A port (/dev/…, with --dialect), or a configuration whose tills are all watched.
    #[arg(default_value = config::DEFAULT_PATH)]
    pub source: PathBuf,
    /// The dialect of the port: built in, or a file.
    #[arg(long)]
    pub dialect: Option<String>,
    /// The shop's currency, unless the dialect or the configuration names one.
    #[arg(long, default_value = "EUR")]
    pub currency: String,
    #[command(flatten)]
    line: Line,
    #[command(flatten)]
    until: Until,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match watch(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, told)) => {
            // When standard error is gone too, nothing is left to do.
            let _ = writeln!(io::stderr().lock(), "{told}");
            ExitCode::from(code)
        }
    }
}

fn watch(args: &Args) -> Result<(), (u8, String)> {
    let (lines, mut tills, mut panels) = what(args).map_err(|told| (exit::CONFIG, told))?;
    let mut screen = Screen::new(io::stdout().is_terminal());
    let mut start = None;
    let mut refused = None;
    let listened = listen::listen(&lines, |now, heard| {
        let began = *start.get_or_insert(now.mono);
        let written = match heard {
            Heard::Reading(at, body) => match (tills.get_mut(at), panels.get_mut(at)) {
                (Some(till), Some(panel)) => {
                    match (&body, lines.as_slice()) {
                        (Body::Up, _) => panel.up(),
                        (Body::Down(reason), [line]) if !panel.was_up() => {
                            refused = Some(device::refusal(&line.port, reason));
                        }
                        (Body::Down(reason), _) => panel.went_down(reason),
                        _ => {}
                    }
                    till.hear(now, &body, panel);
                    screen.show(&mut panels)
                }
                _ => Ok(()),
            },
            Heard::Tick => {
                tills.iter_mut().zip(&mut panels).for_each(|(till, panel)| till.tick(now, panel));
                screen.show(&mut panels)
            }
            Heard::Interrupted => Ok(()),
        };
        let documents = tills.iter().map(|till| till.documents).sum();
        let over = args.until.is_over(now.mono.since(began), documents);
        let stop = over || refused.is_some() || written.is_err();
        if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    screen.restore();
    listened.map_err(|error| (exit::TEMPORARY, error.to_string()))?;
    refused.map_or(Ok(()), |told| Err((exit::TEMPORARY, told)))
}

/// The ports, what reads them, and where it is shown.
type Watched = (Vec<SerialLine>, Vec<Till>, Vec<Panel>);

fn what(args: &Args) -> Result<Watched, String> {
    let currency = Currency::new(&args.currency).ok_or("--currency: three capital letters")?;
    let mut watched: Watched = (Vec::new(), Vec::new(), Vec::new());
    let mut add = |name: &str, line: SerialLine, dialect: &str, setting: &Setting| {
        let dialect = agent::dialect(dialect, setting).map_err(|error| error.to_string())?;
        let settings = device::settings(&line);
        let panel = Panel::new(name.to_owned(), format!("{}  {settings}", dialect.id));
        let till = Till::new(name, Arc::new(dialect), setting.currency);
        watched.2.push(panel);
        watched.1.push(till.map_err(|error| error.to_string())?);
        watched.0.push(line);
        Ok::<(), String>(())
    };
    if device::is_port(&args.source) || args.dialect.is_some() {
        let dialect = args.dialect.as_deref().ok_or("a port needs --dialect")?;
        let line = args.line.serial(&args.source, 9600);
        let name = args.source.display().to_string();
        add(&name, line, dialect, &Setting { currency, decimal: None })?;
    } else {
        let told = |mistakes: Vec<config::Mistake>| {
            mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
        };
        let config = config::load(&args.source).map_err(told)?;
        for till in config.serial {
            let setting = Setting { currency: config.gateway.currency, decimal: till.decimal };
            add(&till.name, till.line, &till.dialect, &setting)?;
        }
    }
    if watched.0.is_empty() {
        return Err(format!("{}: no till to watch", args.source.display()));
    }
    Ok(watched)
}
