//! Code pages: bytes of a printer stream to characters.
