//! Colours for people at a terminal; plain text where it is none.

/// Whether there are colours.
#[derive(Clone, Copy, Debug)]
pub struct Paint {
    /// The output is a terminal that wants them.
    pub colour: bool,
}

impl Paint {
    /// `text` by a code of SGR (ECMA-48, 8.3.117).
    #[must_use]
    pub fn put(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    /// What stands out.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.put("1", text)
    }

    /// What somebody should look at.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.put("33", text)
    }
}
