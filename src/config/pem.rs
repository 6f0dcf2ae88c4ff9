//! Whether a file in PEM form (RFC 7468) holds what a TLS connection will want of it. No content of a file stands
//! in what is said of it.

use std::sync::Arc;

use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;

use super::files::Content;
use super::x509::Certificate;
use crate::spanned::{Fault, quote};
use crate::time::UtcMs;

/// Says what is wrong with a file's content, to be read after its name.
pub fn check(content: Content, pem: &[u8]) -> Result<(), Fault> {
    match content {
        Content::Authorities | Content::Certificate => {
            let mut readable = RootCertStore::empty();
            match readable.add_parsable_certificates(certificates(pem)) {
                (0, _) => Err(no_certificate(content, pem)),
                _ => Ok(()),
            }
        }
        Content::Key => key(pem).map(|_| ()).ok_or_else(|| no_key(pem)),
        Content::Secret => Ok(()),
    }
}

/// Whether a broker may take the first certificate for this gateway's at `now`. `Ok` where there is none.
pub fn check_client(pem: &[u8], now: UtcMs) -> Result<(), Fault> {
    let Some(cert) = client(pem) else { return Ok(()) };
    if cert.version < 3 {
        let fault = Fault::new("is X.509 version 1, and TLS takes version 3 only");
        return Err(fault.hint(
            "have it signed again with an extension: `openssl x509 -req … -extfile FILE`, in FILE \
             `extendedKeyUsage = clientAuth`",
        ));
    }
    if cert.not_after < now {
        let fault = Fault::new(format!("expired on {}", cert.not_after));
        return Err(fault.hint("renew it, or check this gateway's clock"));
    }
    if now < cert.not_before {
        let fault = Fault::new(format!("is not valid before {}", cert.not_before));
        return Err(fault.hint("check this gateway's clock"));
    }
    Ok(())
}

/// Says so where the first certificate is in another name than the gateway's: many brokers go by it.
pub fn check_name(pem: &[u8], gateway_id: &str) -> Result<(), Fault> {
    match client(pem).and_then(|cert| cert.name) {
        Some(name) if name != gateway_id => {
            let (name, id) = (quote(&name), quote(gateway_id));
            let fault = Fault::new(format!("is in the name of {name}, and `gateway.id` is {id}"));
            Err(fault.hint(
                "a broker that goes by the certificate's name (`use_identity_as_username` of Mosquitto) lets it write \
                 to that name's topics only",
            ))
        }
        _ => Ok(()),
    }
}

fn client(pem: &[u8]) -> Option<Certificate> {
    Certificate::read(certificates(pem).first()?)
}

/// Whether this key is that of the first certificate. `Ok` where one of them is not there at all, or where
/// [`check_client`] says why they are of no use.
pub fn check_pair(cert: &[u8], key_pem: &[u8]) -> Result<(), Fault> {
    let (certs, Some(key)) = (certificates(cert), key(key_pem)) else { return Ok(()) };
    if certs.is_empty() || client(cert).is_some_and(|cert| cert.version < 3) {
        return Ok(());
    }
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::ring::default_provider());
    match CertifiedKey::from_der(certs, key, &provider) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => {
            let fault = Fault::new("`client_key` is not the key of `client_cert`");
            Err(fault.hint("the first certificate in `client_cert` must be this gateway's own"))
        }
        Err(error) => {
            let fault =
                Fault::new(format!("`client_cert` and `client_key` are of no use: {error}"));
            Err(fault.hint("an ECDSA (P-256, P-384), Ed25519 or RSA key (2048 bits and more)"))
        }
    }
}

fn certificates(pem: &[u8]) -> Vec<CertificateDer<'static>> {
    CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().unwrap_or_default()
}

fn key(pem: &[u8]) -> Option<PrivateKeyDer<'static>> {
    PrivateKeyDer::from_pem_slice(pem).ok()
}

fn no_certificate(content: Content, pem: &[u8]) -> Fault {
    let hint = match content {
        _ if has(pem, "PRIVATE KEY-----") => {
            "this is a private key: name the certificate, and keep the key in `client_key`"
        }
        _ if is_der(pem) => "this may be DER: `openssl x509 -inform der -in FILE` makes PEM of it",
        Content::Authorities => {
            "the certificate of who signed the broker's: it begins -----BEGIN CERTIFICATE-----"
        }
        _ => "this gateway's certificate: it begins -----BEGIN CERTIFICATE-----",
    };
    Fault::new("holds no certificate in PEM form").hint(hint)
}

fn no_key(pem: &[u8]) -> Fault {
    let hint = if has(pem, "ENCRYPTED") {
        "a key behind a passphrase cannot be used: let systemd protect it (LoadCredentialEncrypted=)"
    } else if has(pem, "-----BEGIN CERTIFICATE-----") {
        "this is a certificate: it belongs into `client_cert`"
    } else if is_der(pem) {
        "this may be DER: `openssl pkey -inform der -in FILE` makes PEM of it"
    } else {
        "it begins -----BEGIN PRIVATE KEY----- or the like"
    };
    Fault::new("holds no private key in PEM form").hint(hint)
}

fn has(pem: &[u8], words: &str) -> bool {
    memchr::memmem::find(pem, words.as_bytes()).is_some()
}

/// An ASN.1 sequence with a length of more than one byte.
fn is_der(bytes: &[u8]) -> bool {
    matches!(bytes, [0x30, 0x81..=0x83, ..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KINDS: [Content; 4] =
        [Content::Authorities, Content::Certificate, Content::Key, Content::Secret];

    proptest! {
        #[test]
        fn what_is_no_pem_is_refused_and_not_repeated(bytes in any::<Vec<u8>>()) {
            for content in KINDS {
                let checked = check(content, &bytes);
                prop_assert_eq!(checked.is_ok(), content == Content::Secret);
            }
            prop_assert_eq!(check_pair(&bytes, &bytes), Ok(()));
        }

        #[test]
        fn what_is_nearly_pem_gets_an_answer(
            pieces in proptest::collection::vec(
                prop::sample::select(vec![
                    "-----BEGIN ", "-----END ", "CERTIFICATE", "PRIVATE KEY", "ENCRYPTED ", "-----", "\n",
                    "MIIBszCCAVmgAwIBAgIUbmFtZQ==", "=", " ", "\0",
                ]),
                0..20,
            ),
        ) {
            let text = pieces.concat();
            for content in KINDS {
                let said = check(content, text.as_bytes()).err().map(|fault| fault.message);
                prop_assert!(!said.is_some_and(|said| said.contains("MIIB")));
            }
            let _ = check_pair(text.as_bytes(), text.as_bytes());
            prop_assert_eq!(check_client(text.as_bytes(), UtcMs(0)), Ok(()));
            prop_assert_eq!(check_name(text.as_bytes(), "gw-1"), Ok(()));
        }
    }
}
