//! One state machine per kind of frame, behind one face.

use std::time::Duration;

use super::assembly::Assembly;
use super::delimited::Delimited;
use super::dle::Dle;
use super::fixed::Fixed;
use super::idle::Idle;
use super::length::Length;
use super::line::Line;
use super::{Frame, FrameKind, Reason};

/// Finds where frames begin and end; what they hold is in the [`Assembly`].
pub(super) struct Machine {
    kind: Kind,
    patience: Duration,
}

enum Kind {
    Line(Line),
    Delimited(Delimited),
    Dle(Dle),
    Length(Length),
    Idle(Idle),
    Fixed(Fixed),
}

impl Machine {
    /// `idle`: silence after which an unfinished frame is given up.
    pub fn new(kind: FrameKind, idle: Duration) -> Self {
        let patience = if let FrameKind::Idle(options) = &kind { options.gap } else { idle };
        let kind = match kind {
            FrameKind::Line(options) => Kind::Line(Line::new(options)),
            FrameKind::Delimited(options) => Kind::Delimited(Delimited::new(options)),
            FrameKind::Dle(options) => Kind::Dle(Dle::new(options)),
            FrameKind::Length(options) => Kind::Length(Length::new(options)),
            FrameKind::Idle(_) => Kind::Idle(Idle::default()),
            FrameKind::Fixed(options) => Kind::Fixed(Fixed::new(options)),
        };
        Self { kind, patience }
    }

    pub fn byte(&mut self, byte: u8, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        match &mut self.kind {
            Kind::Line(line) => line.byte(byte, assembly, out),
            Kind::Delimited(delimited) => delimited.byte(byte, assembly, out),
            Kind::Dle(dle) => dle.byte(byte, assembly, out),
            Kind::Length(length) => length.byte(byte, assembly, out),
            Kind::Idle(idle) => idle.byte(byte, assembly, out),
            Kind::Fixed(fixed) => fixed.byte(byte, assembly, out),
        }
    }

    /// Nothing came for as long as [`Self::patience`] says.
    pub fn silence(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        match &mut self.kind {
            Kind::Idle(idle) => idle.silence(assembly, out),
            Kind::Length(length) => length.silence(assembly, out),
            _ => self.reset(Reason::Idle, assembly, out),
        }
    }

    /// Bytes were lost.
    pub fn broken(&mut self, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        self.reset(Reason::Broken, assembly, out);
    }

    /// How long a frame may pause.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Whether silence would change anything.
    pub fn waits(&self, assembly: &Assembly) -> bool {
        let between = match &self.kind {
            Kind::Line(line) => line.waits(),
            Kind::Delimited(delimited) => delimited.waits(),
            Kind::Dle(dle) => dle.waits(),
            Kind::Idle(idle) => idle.waits(),
            Kind::Length(_) | Kind::Fixed(_) => false,
        };
        between || assembly.is_open()
    }

    /// Gives up what was begun and looks for the next frame.
    fn reset(&mut self, reason: Reason, assembly: &mut Assembly, out: &mut Vec<Frame>) {
        match &mut self.kind {
            Kind::Line(line) => line.reset(),
            Kind::Delimited(delimited) => delimited.reset(assembly, out),
            Kind::Dle(dle) => dle.reset(assembly),
            Kind::Length(length) => length.reset(assembly),
            Kind::Idle(idle) => idle.reset(),
            Kind::Fixed(_) => {}
        }
        assembly.give_up(reason, out);
    }
}
