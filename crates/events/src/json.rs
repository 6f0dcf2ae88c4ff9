//! Reading envelopes that came as JSON.

use serde_json::{Map, Value};

use crate::{EventType, SCHEMA_VERSION, UtcMs};

type Accepts = fn(&Value) -> bool;

/// The keys of an envelope and what each may hold.
const KEYS: [(&str, Accepts); 10] = [
    ("event_type", |value| value.as_str().is_some_and(|name| EventType::from_name(name).is_some())),
    ("payload", Value::is_object),
    ("trace_id", is_text),
    ("ingest_timestamp", |value| value.as_str().is_some_and(|text| UtcMs::parse(text).is_some())),
    ("schema_version", |value| value == SCHEMA_VERSION),
    ("source", is_text),
    ("correlation_id", is_text_or_null),
    ("partition_key", is_text),
    ("session_id", is_text_or_null),
    ("parent_event_id", is_text_or_null),
];

/// Checks that a JSON text is one envelope of the contract and returns it as one line, its keys and the
/// spelling of its numbers as they were. The payload's own keys are not checked.
pub fn check_envelope(text: &[u8]) -> Result<String, JsonError> {
    let envelope: Map<String, Value> = serde_json::from_slice(text)
        .map_err(|error| JsonError::NotJson { line: error.line(), column: error.column() })?;
    for (key, accepts) in KEYS {
        match envelope.get(key) {
            Some(value) if accepts(value) => {}
            Some(_) => return Err(JsonError::BadValue(key)),
            None => return Err(JsonError::Missing(key)),
        }
    }
    if envelope.len() != KEYS.len() {
        return Err(JsonError::ForeignKeys(envelope.len() - KEYS.len()));
    }
    Ok(Value::Object(envelope).to_string())
}

/// Why a JSON text is not an envelope. Never quotes what is in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// It is not a JSON object.
    #[error("not a JSON object (line {line}, column {column})")]
    NotJson {
        /// The line in the text, from 1.
        line: usize,
        /// The column in the line, from 1.
        column: usize,
    },
    /// This key is not there.
    #[error("not an envelope: no {0}")]
    Missing(&'static str),
    /// This key holds what it must not.
    #[error("not an envelope: {0} is not what the contract says")]
    BadValue(&'static str),
    /// So many keys are not the contract's.
    #[error("not an envelope: {0} keys too many")]
    ForeignKeys(usize),
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.is_empty())
}

fn is_text_or_null(value: &Value) -> bool {
    value.is_null() || is_text(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"event_type":"no_sale","payload":{"x":12.30},"trace_id":"g-pos-1-1",
        "ingest_timestamp":"2026-11-21T14:05:00.000Z","schema_version":"1.0","source":"tillgate/g/t",
        "correlation_id":null,"partition_key":"store_1","session_id":null,"parent_event_id":null}"#;

    #[test]
    fn an_envelope_passes_as_one_line() {
        let line = check_envelope(GOOD.as_bytes()).unwrap();
        assert_eq!(line, GOOD.replace("\n        ", ""));
    }

    #[test]
    fn what_is_no_envelope_is_refused() {
        let check = |from: &str, to: &str, expected| {
            assert_eq!(check_envelope(GOOD.replace(from, to).as_bytes()), Err(expected));
        };
        check("\"trace_id\":\"g-pos-1-1\",", "", JsonError::Missing("trace_id"));
        check("no_sale", "yes_sale", JsonError::BadValue("event_type"));
        check("{\"x\":12.30}", "[]", JsonError::BadValue("payload"));
        check("00.000Z", "00Z", JsonError::BadValue("ingest_timestamp"));
        check("\"1.0\"", "\"2.0\"", JsonError::BadValue("schema_version"));
        check("\"store_1\"", "null", JsonError::BadValue("partition_key"));
        check("\"session_id\":null", "\"session_id\":5", JsonError::BadValue("session_id"));
        check("\"source\"", "\"more\":1,\"source\"", JsonError::ForeignKeys(1));
        check("\"trace_id\":", "", JsonError::NotJson { line: 1, column: 58 });
    }

    #[test]
    fn other_json_is_refused() {
        assert!(check_envelope(b"").is_err());
        assert!(check_envelope(b"[1]").is_err());
        assert!(check_envelope(&b"[".repeat(100_000)).is_err());
        assert!(check_envelope(&[GOOD.as_bytes(), b"x"].concat()).is_err());
    }
}
