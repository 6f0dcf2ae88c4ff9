//! A file as payloads: one, or many with their lengths before them. Memory is bounded by one payload.

use std::io::Read;

use crate::limits;

/// The payloads of one file. What cannot be read is an error in words; after it nothing more comes.
pub struct Payloads<'a> {
    input: &'a mut dyn Read,
    framed: bool,
    ended: bool,
}

impl<'a> Payloads<'a> {
    /// A file that holds one payload, or many with their lengths before them.
    pub fn new(input: &'a mut dyn Read, framed: bool) -> Self {
        Self { input, framed, ended: false }
    }

    /// The next payload, or why there is none though the file goes on.
    pub fn next(&mut self) -> Option<Result<Vec<u8>, String>> {
        if self.ended {
            return None;
        }
        let payload = if self.framed { self.next_frame() } else { self.whole().map(Some) };
        self.ended = !self.framed || !matches!(payload, Ok(Some(_)));
        payload.transpose()
    }

    fn whole(&mut self) -> Result<Vec<u8>, String> {
        let payload = self.at_most(limits::MQTT_PACKET_BYTES + 1)?;
        if payload.len() > limits::MQTT_PACKET_BYTES {
            return Err(format!("longer than any payload ({})", limits::MQTT_PACKET_BYTES));
        }
        Ok(payload)
    }

    /// The next payload with a length before it; `None` at the end.
    fn next_frame(&mut self) -> Result<Option<Vec<u8>>, String> {
        let length = self.at_most(4)?;
        if length.is_empty() {
            return Ok(None);
        }
        let length: [u8; 4] = length.try_into().map_err(|_| "ends within a length")?;
        let length = u32::from_le_bytes(length) as usize;
        if length > limits::MQTT_PACKET_BYTES {
            return Err(format!(
                "{length} bytes announced, more than any payload has; stopped here"
            ));
        }
        let payload = self.at_most(length)?;
        if payload.len() < length {
            return Err(format!("ends after {} of {length} bytes", payload.len()));
        }
        Ok(Some(payload))
    }

    fn at_most(&mut self, bytes: usize) -> Result<Vec<u8>, String> {
        let mut taken = Vec::new();
        let limit = u64::try_from(bytes).unwrap_or(u64::MAX);
        let mut input = Read::take(&mut *self.input, limit);
        input.read_to_end(&mut taken).map_err(|error| error.to_string())?;
        Ok(taken)
    }
}
