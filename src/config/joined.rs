//! Which payment terminal belongs to which till.
//!
//! A terminal may stand before its till in the file, so names are looked up when all devices are read.

use super::dialects;
use super::environment::Environment;
use super::value;
use crate::decode::dialect::FramerKind;
use crate::spanned::{Fault, Place, Remarks, Table, did_you_mean, quote};

/// The `[[serial]]`s of a file, and whom they name.
#[derive(Debug, Default)]
pub struct Joined {
    devices: Vec<Device>,
    named: Vec<Named>,
}

#[derive(Debug)]
struct Device {
    name: String,
    /// `None`: it has a mistake.
    dialect: Option<String>,
    /// It belongs to a till itself.
    joined: bool,
}

/// A `till = "…"`.
#[derive(Debug)]
struct Named {
    by: String,
    till: String,
    place: Place,
}

impl Joined {
    /// Reads `till`, the name of the till that a payment terminal belongs to.
    pub fn till(
        &mut self,
        table: &mut Table<'_>,
        name: Option<&str>,
        dialect: Option<&str>,
        env: &dyn Environment,
    ) -> Option<String> {
        let till = table.optional("till", |v| value::name(v).and_then(|_| v.text()));
        let (by, joined) = (name?.to_owned(), table.has("till"));
        let dialect = dialect.map(str::to_owned);
        self.devices.push(Device { name: by.clone(), dialect: dialect.clone(), joined });
        let (till, place) = till?;
        if let Some(written) = dialect.filter(|it| !suits(it, env, FramerKind::tells_payments)) {
            let fault = Fault::new(format!("`till`: {} tells no payments", quote(&written)));
            table.mistake("till", fault.hint("only a payment terminal belongs to a till"));
        }
        self.named.push(Named { by, till: till.clone(), place });
        Some(till)
    }

    /// Every till that is named must be there, and be one.
    pub fn check(&self, remarks: &Remarks<'_>, env: &dyn Environment) {
        for named in &self.named {
            let till = quote(&named.till);
            let Some(device) = self.devices.iter().find(|it| it.name == named.till) else {
                remarks.missing(&named.place, self.nobody(&till, named));
                continue;
            };
            let no_till = |dialect: &String| !suits(dialect, env, FramerKind::tells_receipts);
            let fault = if named.by == named.till {
                Fault::new(format!("`till`: {till} is this device itself"))
            } else if device.joined || device.dialect.as_ref().is_some_and(no_till) {
                Fault::new(format!("`till`: {till} is no till"))
            } else {
                continue;
            };
            remarks.mistake(&named.place, fault.hint("name the till whose receipts are paid here"));
        }
    }

    fn nobody(&self, till: &str, named: &Named) -> Fault {
        let tills = self.devices.iter().filter(|it| !it.joined).map(|it| it.name.as_str());
        let near = did_you_mean(&named.till, tills.clone());
        let list = tills.collect::<Vec<_>>().join(", ");
        let all =
            if list.is_empty() { "there is none".to_owned() } else { format!("there are {list}") };
        Fault::new(format!("`till`: no [[serial]] has the name {till}")).hint(near.unwrap_or(all))
    }
}

/// Whether the dialect's device is of a kind; a dialect that cannot be read is told of elsewhere.
fn suits(written: &str, env: &dyn Environment, is_it: fn(&FramerKind) -> bool) -> bool {
    dialects::read(written, env).is_none_or(|dialect| is_it(&dialect.framer.kind))
}
