//! What the tokenizer yields: commands, text and control bytes.

use crate::decode::escpos::table::ARGS;

/// One thing that the printer is told. Its `Debug` shows no text: nothing is redacted yet here.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// Printable bytes, none below 20h; a double-byte character may be cut by the end of the input.
    Text(&'a [u8]),
    /// `0A`.
    LineFeed,
    /// `0D`.
    CarriageReturn,
    /// `09`.
    Tab,
    /// `0C`: a page ends.
    FormFeed,
    /// `18`: what a page holds is forgotten.
    Cancel,
    /// A complete command. Its payload's first bytes are in [`super::Tokenizer::payload`].
    Command(Command),
    /// A command that no table knows, at this offset from the start of the stream.
    Unknown {
        /// Bytes from the start of the stream.
        offset: u64,
        /// The byte that opened it.
        lead: Lead,
        /// The byte behind the lead.
        opcode: u8,
    },
    /// A control byte that means nothing to a printer.
    Dropped(u8),
    /// So many bytes for the customer display.
    Display(usize),
}

/// A command without its payload.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Command {
    /// The byte that opened it.
    pub lead: Lead,
    /// The byte behind the lead.
    pub opcode: u8,
    args: [u8; ARGS],
    count: u8,
}

impl Command {
    pub(super) const fn new(lead: Lead, opcode: u8) -> Self {
        Self { lead, opcode, args: [0; ARGS], count: 0 }
    }

    /// How many argument bytes are there.
    pub(super) const fn count(&self) -> u8 {
        self.count
    }

    pub(super) fn push(&mut self, byte: u8) {
        if let Some(slot) = self.args.get_mut(usize::from(self.count)) {
            *slot = byte;
        }
        self.count += 1;
    }

    /// The bytes between the opcode and the payload.
    #[must_use]
    pub fn args(&self) -> &[u8] {
        self.args.get(..usize::from(self.count)).unwrap_or_default()
    }
}

impl std::fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => write!(f, "Text({})", text.len()),
            Self::LineFeed => f.write_str("LineFeed"),
            Self::CarriageReturn => f.write_str("CarriageReturn"),
            Self::Tab => f.write_str("Tab"),
            Self::FormFeed => f.write_str("FormFeed"),
            Self::Cancel => f.write_str("Cancel"),
            Self::Command(command) => command.fmt(f),
            Self::Unknown { offset, lead, opcode } => {
                write!(f, "Unknown({lead:?} {opcode:02X} at {offset})")
            }
            Self::Dropped(byte) => write!(f, "Dropped({byte:02X})"),
            Self::Display(bytes) => write!(f, "Display({bytes})"),
        }
    }
}

// Arguments may be text of a misread stream, and text may be secret.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Command({:?} {:02X}, {} args)", self.lead, self.opcode, self.count)
    }
}

/// The byte that opens a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// Real-time commands.
    Dle,
    /// Seiko's own commands; on other printers a control byte that means nothing.
    Dc2,
    /// `1B`.
    Esc,
    /// `1C`.
    Fs,
    /// `1D`.
    Gs,
}

impl Lead {
    /// The byte that opens the command.
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Dle => 0x10,
            Self::Dc2 => 0x12,
            Self::Esc => 0x1B,
            Self::Fs => 0x1C,
            Self::Gs => 0x1D,
        }
    }

    pub(super) const fn of(byte: u8) -> Option<Self> {
        Some(match byte {
            0x10 => Self::Dle,
            0x12 => Self::Dc2,
            0x1B => Self::Esc,
            0x1C => Self::Fs,
            0x1D => Self::Gs,
            _ => return None,
        })
    }
}
