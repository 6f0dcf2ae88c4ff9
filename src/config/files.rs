//! Files that a section names: a path, or `credential:NAME` for one that systemd hands to the service.
//!
//! What is wrong with one stops no till from being read and no record from being accepted, because files can be put
//! right while the daemon runs. So a file that is not there, or cannot be what it should be, is a mistake for a check
//! and a warning for a start: a certificate half written by a renewal must not keep the gateway from starting. What
//! only systemd can hand over, a check outside of the unit cannot miss.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::environment::{CREDENTIALS_DIR, Environment, unreadable};
use super::{pem, value};
use crate::limits;
use crate::spanned::{Fault, Table, quote};

/// What a file is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Certificates of the authorities that the broker is checked by.
    Authorities,
    /// This gateway's certificate, with those between it and its authority.
    Certificate,
    /// The private key to it.
    Key,
    /// Anything.
    Secret,
}

/// Why a configuration is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To say what is wrong.
    Check,
    /// To run with it.
    Start,
}

/// Looks into the files that a section names.
#[derive(Clone, Copy)]
pub struct Files<'e> {
    pub env: &'e dyn Environment,
    pub purpose: Purpose,
}

impl Files<'_> {
    /// Reads the path under `key`, and looks into the file if there is one.
    pub fn named(
        self,
        table: &mut Table<'_>,
        key: &'static str,
        content: Content,
    ) -> Option<PathBuf> {
        let path = self.path(table, key)?;
        let shown = format!("`{key}`: {}", path.display());
        match self.env.bytes(&path, limits::PEM_BYTES) {
            Ok(bytes) => {
                let checked = pem::check(content, &bytes).and_then(|()| match content {
                    Content::Certificate => pem::check_client(&bytes, self.env.now()),
                    _ => Ok(()),
                });
                if let Err(mut fault) = checked {
                    fault.message = format!("{shown} {}", fault.message);
                    self.refuse(table, key, fault);
                }
            }
            Err(error) => match error.kind() {
                ErrorKind::NotFound => self.missing(table, key, &path),
                // Another user than the service's may be the one who checks.
                ErrorKind::PermissionDenied => table.warn(key, unreadable(&shown, &error)),
                _ => self.refuse(table, key, unreadable(&shown, &error)),
            },
        }
        Some(path)
    }

    /// The path under `key`.
    pub fn path(self, table: &mut Table<'_>, key: &'static str) -> Option<PathBuf> {
        let written = table.peek(key).and_then(|v| v.str().ok()).unwrap_or_default();
        let Some(credential) = written.strip_prefix("credential:") else {
            return table.optional(key, value::path);
        };
        table.optional(key, |_| credential_name(credential))?;
        let directory = self.env.credentials().unwrap_or_else(|| PathBuf::from(CREDENTIALS_DIR));
        Some(directory.join(credential))
    }

    /// Says so where the key is not that of the certificate. Files that cannot be read are told of elsewhere.
    pub fn pair(self, table: &Table<'_>, cert: Option<&Path>, key: Option<&Path>) {
        let read = |path: Option<&Path>| self.env.bytes(path?, limits::PEM_BYTES).ok();
        if let (Some(cert), Some(key)) = (read(cert), read(key))
            && let Err(fault) = pem::check_pair(&cert, &key)
        {
            self.refuse(table, "client_key", fault);
        }
    }

    /// Warns where the certificate is in another name than the gateway's.
    pub fn in_name_of(self, table: &Table<'_>, cert: Option<&Path>, gateway_id: Option<&str>) {
        let (Some(cert), Some(id)) = (cert, gateway_id) else { return };
        if let Ok(bytes) = self.env.bytes(cert, limits::PEM_BYTES)
            && let Err(mut fault) = pem::check_name(&bytes, id)
        {
            fault.message = format!("`client_cert`: {} {}", cert.display(), fault.message);
            table.warn("client_cert", fault);
        }
    }

    fn missing(self, table: &Table<'_>, key: &str, path: &Path) {
        let written = table.peek(key).and_then(|v| v.str().ok()).unwrap_or_default();
        let fault = |message: String| Fault::new(format!("`{key}`: {message}"));
        match written.strip_prefix("credential:") {
            None => self.refuse(table, key, fault(format!("{} is not there", path.display()))),
            Some(name) if self.env.credentials().is_some() => {
                let fault = fault(format!("systemd did not hand over {}", quote(name)));
                self.refuse(table, key, fault.hint("add LoadCredential= to the unit"));
            }
            Some(_) => {
                let fault = fault(format!("only systemd can hand over {}", quote(written)));
                let hint =
                    "it is looked up when the service starts; see LoadCredential= in its unit";
                table.warn(key, fault.hint(hint));
            }
        }
    }

    fn refuse(self, table: &Table<'_>, key: &str, mut fault: Fault) {
        match self.purpose {
            Purpose::Check => {
                // Or the two commands would seem to disagree.
                let start = "`run` starts all the same, keeps every record, and sends nothing";
                let hint = fault.hint.map(|hint| format!("{hint}; until then {start}"));
                fault.hint = hint.or_else(|| Some(start.to_owned()));
                table.mistake(key, fault);
            }
            Purpose::Start => table.warn(key, fault),
        }
    }
}

fn credential_name(name: &str) -> Result<(), Fault> {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if name.is_empty() || name.starts_with('.') || !name.bytes().all(allowed) {
        let fault = Fault::new(format!("{} is no credential's name", quote(name)));
        return Err(
            fault.hint("as the unit's LoadCredential= has it: letters, digits, `-`, `_`, `.`")
        );
    }
    Ok(())
}
