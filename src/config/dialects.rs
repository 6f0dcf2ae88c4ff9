//! The dialects that `[[serial]]` names: that they are there, have no mistakes, and suit the device.

use std::path::Path;
use std::sync::Arc;

use tillgate_events::Currency;

use super::environment::{DIALECT_DIR, Environment, unreadable};
use super::value;
use crate::decode::device::Device;
use crate::decode::dialect::{BUILTIN, Dialect, FramerKind, Setting};
use crate::limits;
use crate::spanned::{Fault, Mistake, Table, Value, did_you_mean, quote};

/// A built-in dialect's id, a file of the dialect directory by its id, or a path.
pub fn named(value: Value<'_>, env: &dyn Environment) -> Result<String, Fault> {
    let written = value.str()?;
    if built_in().any(|id| id == written) {
        return Ok(written.to_owned());
    }
    if written.contains('/') {
        let path = value::path(value)?;
        let missing = || Fault::new(format!("there is no dialect file {}", quote(written)));
        return env.exists(&path).then(|| written.to_owned()).ok_or_else(missing);
    }
    value::name(value)?;
    let path = Path::new(DIALECT_DIR).join(format!("{written}.toml"));
    if env.exists(&path) {
        return Ok(path.display().to_string());
    }
    let fault = Fault::new(format!("{} is neither built in nor in {DIALECT_DIR}", quote(written)));
    if Path::new(written).extension().is_some_and(|it| it == "toml") {
        let hint = format!("name a file with its whole path: dialect = \"/…/{written}\"");
        return Err(fault.hint(hint));
    }
    let list = || built_in().collect::<Vec<_>>().join(", ");
    let near = did_you_mean(written, built_in());
    let all = || format!("built in are {}; a file is named with its whole path", list());
    Err(fault.hint(near.unwrap_or_else(all)))
}

/// Nothing is written to a device that does not wait to be asked.
pub fn refuse_unless_asked(table: &Table<'_>, written: &str, env: &dyn Environment) {
    let Some(dialect) = read(written, env) else { return };
    let asked =
        Device::new(&Arc::new(dialect)).is_ok_and(|it| it.is_some_and(|it| it.poll().is_some()));
    if !asked {
        let fault = Fault::new(format!("{} has nothing to ask for", quote(written)));
        table.mistake("mode", fault.hint("only scales that wait to be asked are polled"));
    }
}

/// The answers of other printers are not read.
pub fn refuse_unless_answered(table: &Table<'_>, written: &str, env: &dyn Environment) {
    let Some(dialect) = read(written, env) else { return };
    if !matches!(dialect.framer.kind, FramerKind::Escpos | FramerKind::Auto) {
        let fault =
            Fault::new(format!("`answers`: {} is not for ESC/POS printers", quote(written)));
        table.mistake("answers", fault.hint("only their answers are read: leave `answers` out"));
    }
}

/// The dialect, if it can be read: that it cannot is told elsewhere, and why. The currency does not matter here.
pub fn read(written: &str, env: &dyn Environment) -> Option<Dialect> {
    let setting = Setting { currency: Currency::new("EUR")?, decimal: None };
    if let Some(dialect) = Dialect::builtin(written, &setting) {
        return dialect.ok();
    }
    let text = env.read(Path::new(written), limits::DIALECT_BYTES).ok()?;
    Dialect::parse(written, &text, &setting).ok()
}

/// Ids of the dialects that are compiled in.
fn built_in() -> impl Iterator<Item = &'static str> {
    BUILTIN.iter().map(|(id, _)| *id)
}

/// The mistakes of a dialect's file. The gateway's currency does not matter for them.
pub fn mistakes(written: &str, decimal: Option<char>, env: &dyn Environment) -> Vec<Mistake> {
    let Some(currency) = Currency::new("EUR").filter(|_| built_in().all(|id| id != written)) else {
        return Vec::new();
    };
    match env.read(Path::new(written), limits::DIALECT_BYTES) {
        Err(error) => {
            vec![Mistake::of_file(written, unreadable("the dialect", &error))]
        }
        Ok(text) => match Dialect::parse(written, &text, &Setting { currency, decimal }) {
            Ok(_) => Vec::new(),
            Err(refused) => refused.mistakes,
        },
    }
}
