//! What the client's errors mean, for the log and whoever has to mend it.

use std::io;

use rumqttc::v5::mqttbytes::Error as CodecError;
use rumqttc::v5::mqttbytes::v5::ConnectReturnCode;
use rumqttc::v5::{ConnectionError, StateError, TlsError as ClientTlsError};

use crate::forward::tls;

/// An error of the client, in plain words.
pub(super) fn words(error: &ConnectionError, address: &str) -> String {
    match error {
        ConnectionError::Io(error)
        | ConnectionError::Tls(ClientTlsError::Io(error))
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(CodecError::Io(error)),
        ) => io_words(error, address),
        ConnectionError::Tls(ClientTlsError::TLS(error)) => tls::words(error),
        ConnectionError::Tls(ClientTlsError::DNSName(_)) => {
            format!("{address} is no host name that a certificate can be for")
        }
        ConnectionError::Timeout(_) => format!("{address} does not answer"),
        ConnectionError::ConnectionRefused(code) => refused(*code).to_owned(),
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, reason_string }) => {
            let why = reason_string.as_deref().unwrap_or("no reason given");
            format!("the broker closed the connection: {reason_code:?}, {why}")
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => {
            "the broker closed the connection".to_owned()
        }
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            "the broker no longer answers".to_owned()
        }
        other => format!("{address}: {other}"),
    }
}

fn io_words(error: &io::Error, address: &str) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (inner, error.kind()) {
        (Some(tls), _) => tls::words(tls),
        (None, io::ErrorKind::ConnectionRefused) => format!("nobody listens at {address}"),
        (None, io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => {
            "the broker closed the connection".to_owned()
        }
        (None, _) => format!("{address}: {error}"),
    }
}

fn refused(code: ConnectReturnCode) -> &'static str {
    use ConnectReturnCode as Code;
    match code {
        Code::BadUserNamePassword => "the broker does not accept the user name or password",
        Code::NotAuthorized | Code::Banned => "the broker does not let this gateway in",
        Code::BadClientId | Code::ClientIdentifierNotValid => {
            "the broker does not accept the gateway's id"
        }
        Code::ServiceUnavailable | Code::ServerUnavailable | Code::ServerBusy => {
            "the broker is busy"
        }
        Code::RefusedProtocolVersion | Code::UnsupportedProtocolVersion => {
            "the broker does not speak MQTT 5"
        }
        Code::QuotaExceeded | Code::ConnectionRateExceeded => {
            "the broker refuses the connection: a quota is exceeded"
        }
        Code::UseAnotherServer | Code::ServerMoved => "the broker sends us to another server",
        Code::RetainNotSupported => "the broker does not keep retained messages",
        Code::QoSNotSupported => "the broker does not support QoS 1",
        _ => "the broker refuses the connection",
    }
}
