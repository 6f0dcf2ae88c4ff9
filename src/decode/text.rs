//! Plain text journals: bytes to lines.
