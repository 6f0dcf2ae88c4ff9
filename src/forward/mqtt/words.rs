//! What the client's errors mean, for the log and whoever has to mend it.

use std::io;

use rumqttc::v5::mqttbytes::Error as CodecError;
use rumqttc::v5::mqttbytes::v5::{ConnectReturnCode, DisconnectReasonCode};
use rumqttc::v5::{ConnectionError, StateError, TlsError as ClientTlsError};

use crate::config::MqttConfig;
use crate::forward::tls;

/// The other side of a connection, and who we are to it.
pub(super) struct Peer {
    /// Host and port.
    pub address: String,
    /// We speak TLS.
    pub tls: bool,
    /// Who we are to it: the gateway's id, or the subscriber's.
    pub client_id: String,
    /// It has sent a packet of MQTT.
    pub has_spoken: bool,
}

impl Peer {
    /// A broker that has not answered yet.
    pub fn new(mqtt: &MqttConfig, client_id: &str) -> Self {
        let address = format!("{}:{}", mqtt.host, mqtt.port);
        Self { address, tls: mqtt.tls, client_id: client_id.to_owned(), has_spoken: false }
    }

    /// What it means that it closes the connection.
    fn closed(&self) -> String {
        let Self { address, tls, client_id, has_spoken } = self;
        match (has_spoken, tls) {
            (true, _) => format!(
                "the broker closed the connection; if it goes on so, another client may have the id `{client_id}`"
            ),
            (false, true) => format!(
                "{address} closed the connection before it said anything; perhaps the broker speaks no TLS there: \
                 mqtts:// has usually port 8883, mqtt:// 1883"
            ),
            (false, false) => format!(
                "{address} closed the connection before it said anything; perhaps the broker expects TLS there: \
                 mqtts:// has usually port 8883, mqtt:// 1883"
            ),
        }
    }
}

/// An error of the client, in plain words.
pub(super) fn words(error: &ConnectionError, peer: &Peer) -> String {
    let address = &peer.address;
    match error {
        ConnectionError::Io(error)
        | ConnectionError::Tls(ClientTlsError::Io(error))
        | ConnectionError::MqttState(
            StateError::Io(error) | StateError::Deserialization(CodecError::Io(error)),
        ) => io_words(error, peer),
        ConnectionError::Tls(ClientTlsError::TLS(error)) => tls_words(error, peer),
        ConnectionError::Tls(ClientTlsError::DNSName(_)) => {
            format!("{address} is no host name that a certificate can be for")
        }
        ConnectionError::Timeout(_) => format!("{address} does not answer"),
        ConnectionError::ConnectionRefused(code) => refused(*code).to_owned(),
        ConnectionError::MqttState(StateError::ServerDisconnect { reason_code, reason_string }) => {
            if *reason_code == DisconnectReasonCode::SessionTakenOver {
                let id = &peer.client_id;
                return format!("another client connected with the id `{id}`: each needs its own");
            }
            let why = reason_string.as_deref().unwrap_or("no reason given");
            format!("the broker closed the connection: {reason_code:?}, {why}")
        }
        ConnectionError::MqttState(StateError::ConnectionAborted) => peer.closed(),
        // What came was no MQTT from the start.
        ConnectionError::MqttState(StateError::Deserialization(_)) if !peer.has_spoken => {
            peer.closed()
        }
        ConnectionError::MqttState(StateError::AwaitPingResp) => {
            "the broker no longer answers".to_owned()
        }
        other => format!("{address}: {other}"),
    }
}

/// Whether it is that a certificate is not valid at the time of this machine.
pub(super) fn about_time(error: &ConnectionError) -> bool {
    let tls = match error {
        ConnectionError::Tls(ClientTlsError::TLS(error)) => Some(error),
        ConnectionError::Io(error)
        | ConnectionError::Tls(ClientTlsError::Io(error))
        | ConnectionError::MqttState(StateError::Io(error)) => {
            error.get_ref().and_then(|inner| inner.downcast_ref())
        }
        _ => None,
    };
    tls.is_some_and(tls::about_time)
}

fn tls_words(error: &rustls::Error, peer: &Peer) -> String {
    match error {
        // What came was no TLS.
        rustls::Error::InvalidMessage(_) if !peer.has_spoken => peer.closed(),
        _ => tls::words(error),
    }
}

fn io_words(error: &io::Error, peer: &Peer) -> String {
    let address = &peer.address;
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>());
    match (inner, error.kind()) {
        (Some(tls), _) => tls_words(tls, peer),
        (None, io::ErrorKind::ConnectionRefused) => format!("nobody listens at {address}"),
        (None, io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => peer.closed(),
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
        Code::RetainNotSupported => {
            "the broker does not keep retained messages: set `retain = false` in [mqtt]"
        }
        Code::QoSNotSupported => "the broker does not support QoS 1",
        _ => "the broker refuses the connection",
    }
}
