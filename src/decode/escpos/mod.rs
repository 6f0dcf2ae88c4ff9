//! ESC/POS: bytes to commands to laid-out lines.
