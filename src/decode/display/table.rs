//! How long each command of a customer display is.
//!
//! Sources: command lists in the manuals of Epson's DM-D (and the vectors of EscPosUtils), of CD5220, UTC
//! and AEDEX displays of several makers, which agree but for rare commands.

use super::DisplaySet;
use crate::decode::document::tokens::{Body, Table};
use crate::limits;

/// The commands of one set.
pub(super) struct DisplayTable {
    pub set: DisplaySet,
    /// `ESC =` chose this display; else the bytes are another device's, whose commands are not known.
    pub selected: bool,
    /// The two bytes before every AEDEX command.
    pub attention: [u8; 2],
}

/// The attention code of an AEDEX display that was just switched on.
pub(super) const ATTENTION: [u8; 2] = *b"!#";

impl Table for DisplayTable {
    fn rule(&self, head: &[u8]) -> Body {
        if !self.selected {
            return deselected(head);
        }
        match self.set {
            DisplaySet::Epson => epson(head),
            DisplaySet::Cd5220 => cd5220(head),
            DisplaySet::Utc => utc(head),
            DisplaySet::Aedex => aedex(head, self.attention),
        }
    }

    fn is_text(&self, byte: u8) -> bool {
        let [attention, _] = self.attention;
        match self.set {
            _ if !self.selected => false,
            DisplaySet::Aedex => byte != attention,
            _ => byte >= 0x20,
        }
    }

    fn keep(&self, _: &[u8]) -> usize {
        limits::DISPLAY_TEXT_BYTES
    }
}

fn deselected(head: &[u8]) -> Body {
    match head {
        [0x1B] | [0x1B, b'='] => Body::More(1),
        [0x1B, b'=', _] => Body::Done,
        _ => Body::Dropped,
    }
}

fn epson(head: &[u8]) -> Body {
    match *head {
        [0x08..=0x0D | 0x18] => Body::Done,
        [0x1B | 0x1F] => Body::More(1),
        [0x1B, b'@'] => Body::Done,
        [0x1B, b'%' | b'=' | b'?' | b'R' | b't'] => Body::More(1),
        [0x1B, b'&'] => Body::More(3),
        [0x1B, b'&', rows, first, last] if first <= last => Body::Records {
            left: u32::from(last - first) + u32::from(rows.min(1)),
            head: 1,
            size: |head, record| match (head, record) {
                ([_, _, rows, ..], [columns]) => u64::from(*rows) * u64::from(*columns),
                _ => 0,
            },
        },
        [0x1B, b'W'] => Body::More(2),
        [0x1B, b'W', _, 1 | b'1'] => Body::More(4),
        [0x1F, 0x01..=0x03 | 0x0A | 0x0D | b':' | b'@' | b'B' | b'U'] => Body::Done,
        [0x1F, b',' | b'.' | b';' | b'C' | b'E' | b'X' | b'r' | b'v'] => Body::More(1),
        [0x1F, b'#' | b'$' | b'T' | b'^'] => Body::More(2),
        [0x1F, b'('] => Body::More(3),
        [0x1F, b'(', _, low, high] => Body::Data(u64::from(u16::from_le_bytes([low, high]))),
        [0x1B | 0x1F, _] => Body::Unknown,
        [_] => Body::Dropped,
        _ => Body::Done,
    }
}

/// Its own commands, and those of Epson, which these displays know as well.
fn cd5220(head: &[u8]) -> Body {
    match *head {
        [0x1B, 0x11..=0x13] => Body::Done,
        [0x1B, b'Q' | b'[' | b'*' | b'_' | b'c' | b'f' | b's' | b'd' | b'#' | b'W'] => {
            Body::More(1)
        }
        [0x1B, b'Q', b'A' | b'B' | b'D'] => Body::Until(0x0D),
        [0x1B, b'Q', _] => Body::Unknown,
        [0x1B, b'l'] => Body::More(2),
        // A window has a range; none has not.
        [0x1B, b'W', 1 | b'1'] => Body::More(3),
        [0x1B, b'W', ..] => Body::Done,
        _ => epson(head),
    }
}

fn utc(head: &[u8]) -> Body {
    match *head {
        [0x08..=0x0A | 0x0D | 0x11..=0x14 | 0x1F] => Body::Done,
        // The position command is DLE by name and SI by number in the same manuals.
        [0x0F | 0x10 | 0x1B] => Body::More(1),
        [0x1B, b'd' | b'@'] => Body::Done,
        [0x1B, 0x0F | b'u'] => Body::More(1),
        [0x1B, b'u', b'A' | b'B' | b'D'..=b'F' | b'H' | b'I'] => Body::Until(0x0D),
        [0x1B, 0x0F, 0x0D] | [0x0F | 0x10, _] => Body::Done,
        [0x1B, ..] => Body::Unknown,
        _ => Body::Dropped,
    }
}

fn aedex(head: &[u8], [first, second]: [u8; 2]) -> Body {
    match *head {
        [a] if a == first => Body::More(1),
        [a, b] if a == first && b == second => Body::More(1),
        [_, _, b'1' | b'2' | b'4'..=b'9' | b'A'] => Body::Until(0x0D),
        [_, _, _] => Body::Unknown,
        _ => Body::Dropped,
    }
}
