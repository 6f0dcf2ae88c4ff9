//! ANSI colours, or none, and a screen that is redrawn in place.

use std::io::{self, IsTerminal, Write};

use rustix::termios::tcgetwinsize;

/// Colours text, or leaves it.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn wrap(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    pub fn bold(self, text: &str) -> String {
        self.wrap("1", text)
    }

    pub fn dim(self, text: &str) -> String {
        self.wrap("2", text)
    }

    pub fn red(self, text: &str) -> String {
        self.wrap("31", text)
    }

    pub fn green(self, text: &str) -> String {
        self.wrap("32", text)
    }

    pub fn yellow(self, text: &str) -> String {
        self.wrap("33", text)
    }

    pub fn cyan(self, text: &str) -> String {
        self.wrap("36", text)
    }
}

/// Standard output as a screen. Dropping it gives the terminal back as it was.
pub struct Screen {
    /// Redraw in place.
    live: bool,
    pub paint: Paint,
}

impl Screen {
    /// In place on a terminal, unless `plain`; colours on a terminal, unless `NO_COLOR` is set.
    pub fn new(plain: bool) -> io::Result<Self> {
        let terminal = io::stdout().is_terminal();
        let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let screen = Self { live: terminal && !plain, paint: Paint::new(terminal && !no_colour) };
        if screen.live {
            // Alternate screen, cursor hidden, no line wrap.
            write_all("\x1b[?1049h\x1b[?25l\x1b[?7l")?;
        }
        Ok(screen)
    }

    /// Whether the table is redrawn in place.
    pub fn live(&self) -> bool {
        self.live
    }

    /// Redraws. Lines below the terminal's last row are left out.
    pub fn draw(&self, lines: &[String]) -> io::Result<()> {
        let rows = tcgetwinsize(io::stdout()).map_or(0, |size| size.ws_row);
        let rows = if rows == 0 { lines.len() } else { usize::from(rows) };
        let shown: Vec<String> =
            lines.iter().take(rows).map(|line| format!("{line}\x1b[K")).collect();
        write_all(&format!("\x1b[H{}\x1b[J", shown.join("\r\n")))
    }

    /// Leaves the screen; what is printed from now on stays.
    pub fn leave(&mut self) -> io::Result<()> {
        if std::mem::take(&mut self.live) {
            write_all("\x1b[?7h\x1b[?25h\x1b[?1049l")?;
        }
        Ok(())
    }

    /// Prints lines one below the other.
    pub fn print(&self, lines: &[String]) -> io::Result<()> {
        write_all(&format!("{}\n", lines.join("\n")))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // Nothing can be done about a terminal that is gone.
        let _gone = self.leave();
    }
}

fn write_all(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}
