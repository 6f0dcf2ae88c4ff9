//! TLS to the broker: rustls with ring, our own authorities, client certificates.
//!
//! The files are read for each connection, so that renewed certificates need no restart. No key material and
//! no path's content appears in an error.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::{CertificateError, ClientConfig, RootCertStore};

use crate::config::MqttConfig;
use crate::limits::PEM_BYTES;
use crate::time::UtcMs;

/// What is wrong with the files, for a person to mend; trying again later is right.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{file}: {source}")]
    Read { file: PathBuf, source: std::io::Error },
    #[error("{0} is too large for a PEM file")]
    TooLarge(PathBuf),
    #[error("{0} holds no certificate in PEM form")]
    NoCertificate(PathBuf),
    #[error("{0} holds no private key in PEM form")]
    NoKey(PathBuf),
    #[error("mqtts:// needs the setting `ca`")]
    NoAuthority,
    #[error("client_cert and client_key belong together")]
    HalfIdentity,
    #[error("client certificate and key cannot be used: {}", identity(.0))]
    Identity(rustls::Error),
    #[error("TLS cannot be set up: {0}")]
    Setup(rustls::Error),
}

/// The settings of one connection, from what the files say now.
pub(super) fn client_config(mqtt: &MqttConfig) -> Result<Arc<ClientConfig>, TlsError> {
    let ca = mqtt.ca.as_deref().ok_or(TlsError::NoAuthority)?;
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(certificates(ca)?);
    if added == 0 {
        return Err(TlsError::NoCertificate(ca.to_owned()));
    }
    // Named here rather than installed for the process: nothing global decides what is spoken.
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let builder = versions.map_err(TlsError::Setup)?.with_root_certificates(roots);
    let config = match (&mqtt.client_cert, &mqtt.client_key) {
        (Some(cert), Some(key)) => builder
            .with_client_auth_cert(certificates(cert)?, private_key(key)?)
            .map_err(TlsError::Identity)?,
        (None, None) => builder.with_no_client_auth(),
        _ => return Err(TlsError::HalfIdentity),
    };
    Ok(Arc::new(config))
}

/// What a failed handshake means, in words that say what to look at.
pub(super) fn words(error: &rustls::Error) -> String {
    use CertificateError as Bad;
    let meaning = match error {
        rustls::Error::InvalidCertificate(Bad::NotValidYetContext { time, not_before }) => {
            let (time, from) = (in_utc(*time), in_utc(*not_before));
            return format!(
                "this gateway's clock is wrong, or the broker's certificate is from the future: the clock says \
                 {time}, and the certificate is valid from {from}"
            );
        }
        rustls::Error::InvalidCertificate(Bad::NotValidYet) => {
            "the broker's certificate is not valid yet: check this gateway's clock"
        }
        rustls::Error::InvalidCertificate(Bad::ExpiredContext { time, not_after }) => {
            let (time, until) = (in_utc(*time), in_utc(*not_after));
            return format!(
                "the broker's certificate has expired, or this gateway's clock is wrong: the certificate was valid \
                 until {until}, and the clock says {time}"
            );
        }
        rustls::Error::InvalidCertificate(Bad::Expired) => {
            "the broker's certificate has expired: renew it, or check this gateway's clock"
        }
        rustls::Error::InvalidCertificate(Bad::UnknownIssuer) => {
            "the broker's certificate is from an authority that `ca` does not name"
        }
        rustls::Error::InvalidCertificate(
            Bad::NotValidForName | Bad::NotValidForNameContext { .. },
        ) => "the broker's certificate is for another host name",
        rustls::Error::AlertReceived(alert) => {
            let alert = in_words(&format!("{alert:?}"));
            return format!("the broker refuses this gateway's certificate ({alert})");
        }
        other => return format!("TLS: {other}"),
    };
    meaning.to_owned()
}

/// Whether a certificate is not valid at the time of this machine.
pub(super) fn about_time(error: &rustls::Error) -> bool {
    use CertificateError as Bad;
    matches!(
        error,
        rustls::Error::InvalidCertificate(
            Bad::NotValidYet
                | Bad::NotValidYetContext { .. }
                | Bad::Expired
                | Bad::ExpiredContext { .. }
        )
    )
}

fn in_utc(time: UnixTime) -> String {
    let millis = i64::try_from(time.as_secs()).unwrap_or(i64::MAX).saturating_mul(1000);
    UtcMs(millis).to_string()
}

/// Why a certificate and its key are of no use, as a check of the configuration says it.
fn identity(error: &rustls::Error) -> String {
    match error {
        rustls::Error::InconsistentKeys(_) => {
            "`client_key` is not that of `client_cert`".to_owned()
        }
        // Other errors of the library below have no type here.
        other if other.to_string().contains("UnsupportedCertVersion") => {
            "`client_cert` is X.509 version 1, and TLS takes version 3 only".to_owned()
        }
        other => other.to_string(),
    }
}

/// A name of the protocol as people write it: `CertificateExpired` is "certificate expired".
fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before = None;
    for letter in name.chars() {
        if letter.is_uppercase() && before.is_some_and(char::is_lowercase) {
            words.push(' ');
        }
        words.extend(letter.to_lowercase());
        before = Some(letter);
    }
    words
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let pem = read(file)?;
    let found = CertificateDer::pem_slice_iter(&pem).collect::<Result<Vec<_>, _>>();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(TlsError::NoCertificate(file.to_owned())),
    }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(&read(file)?).map_err(|_| TlsError::NoKey(file.to_owned()))
}

pub(super) fn read(file: &Path) -> Result<Vec<u8>, TlsError> {
    let mut content = Vec::new();
    let open = File::open(file).and_then(|open| open.take(PEM_BYTES + 1).read_to_end(&mut content));
    match open {
        Err(source) => Err(TlsError::Read { file: file.to_owned(), source }),
        Ok(_) if content.len() as u64 > PEM_BYTES => Err(TlsError::TooLarge(file.to_owned())),
        Ok(_) => Ok(content),
    }
}

#[cfg(test)]
mod tests {
    use rustls::{AlertDescription, Error};

    use super::*;

    fn check(error: &Error, expected: &str) {
        assert_eq!(words(error), expected);
    }

    #[test]
    fn a_useless_identity_is_told_as_a_check_tells_it() {
        let bad = Error::InvalidCertificate(CertificateError::Other(rustls::OtherError(Arc::new(
            std::io::Error::other("UnsupportedCertVersion"),
        ))));
        assert!(TlsError::Identity(bad).to_string().ends_with("and TLS takes version 3 only"));
        let keys = Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch);
        assert!(TlsError::Identity(keys).to_string().contains("is not that of `client_cert`"));
    }

    #[test]
    fn a_certificate_that_is_not_valid_now_is_told_with_both_times() {
        let at = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let early =
            CertificateError::NotValidYetContext { time: at(60), not_before: at(1_790_000_000) };
        let late = CertificateError::ExpiredContext { time: at(1_790_000_000), not_after: at(60) };
        let (early, late) = (Error::InvalidCertificate(early), Error::InvalidCertificate(late));
        assert!(about_time(&early) && about_time(&late));
        assert!(!about_time(&Error::AlertReceived(AlertDescription::CertificateExpired)));
        check(
            &early,
            "this gateway's clock is wrong, or the broker's certificate is from the future: the clock says \
             1970-01-01T00:01:00.000Z, and the certificate is valid from 2026-09-21T14:13:20.000Z",
        );
        check(
            &late,
            "the broker's certificate has expired, or this gateway's clock is wrong: the certificate was valid until \
             1970-01-01T00:01:00.000Z, and the clock says 2026-09-21T14:13:20.000Z",
        );
    }

    #[test]
    fn a_failed_handshake_says_what_to_look_at() {
        let bad = Error::InvalidCertificate;
        check(
            &bad(CertificateError::NotValidYet),
            "the broker's certificate is not valid yet: check this gateway's clock",
        );
        check(
            &bad(CertificateError::Expired),
            "the broker's certificate has expired: renew it, or check this gateway's clock",
        );
        check(
            &Error::AlertReceived(AlertDescription::CertificateExpired),
            "the broker refuses this gateway's certificate (certificate expired)",
        );
        check(
            &Error::AlertReceived(AlertDescription::UnknownCA),
            "the broker refuses this gateway's certificate (unknown ca)",
        );
    }
}
