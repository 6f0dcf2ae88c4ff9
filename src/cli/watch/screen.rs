//! Where panels are shown: a terminal, whose own screen comes back at the end, or plain lines.

use std::io::{self, Write};

use super::draw::draw;
use super::panel::Panel;

/// The other screen, and no cursor: what was there before comes back.
const ENTER: &str = "\x1b[?1049h\x1b[?25l";
const LEAVE: &str = "\x1b[?25h\x1b[?1049l";

/// What a terminal is taken for that does not tell its size.
const USUAL: (usize, usize) = (24, 80);

/// Where panels are shown.
pub struct Screen {
    terminal: bool,
    /// Rows and columns of the last time.
    size: Option<(usize, usize)>,
}

impl Screen {
    /// Takes the terminal, if it is one.
    pub fn new(terminal: bool) -> Self {
        if terminal {
            let mut out = io::stdout().lock();
            let _ = out.write_all(ENTER.as_bytes()).and_then(|()| out.flush());
        }
        Self { terminal, size: None }
    }

    /// Shows what is new, or all of it where the terminal's size is.
    pub fn show(&mut self, panels: &mut [Panel]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        if !self.terminal {
            panels.iter_mut().flat_map(Panel::news).try_for_each(|line| writeln!(out, "{line}"))?;
            return out.flush();
        }
        let told = rustix::termios::tcgetwinsize(&out).ok();
        let told = told.map(|size| (usize::from(size.ws_row), usize::from(size.ws_col)));
        let size = told.filter(|(rows, columns)| 0 < *rows && 0 < *columns).unwrap_or(USUAL);
        // All panels forget that they are new.
        let changed = panels.iter_mut().filter_map(|panel| panel.changed().then_some(())).count();
        if changed == 0 && self.size == Some(size) {
            return Ok(());
        }
        if self.size.replace(size) != Some(size) {
            out.write_all(b"\x1b[2J")?;
        }
        let (rows, columns) = size;
        out.write_all(draw(panels, rows, columns, crate::cli::colour(true)).as_bytes())?;
        out.flush()
    }

    /// Gives the terminal back.
    pub fn restore(&mut self) {
        if std::mem::replace(&mut self.terminal, false) {
            let mut out = io::stdout().lock();
            let _ = out.write_all(LEAVE.as_bytes()).and_then(|()| out.flush());
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.restore();
    }
}
