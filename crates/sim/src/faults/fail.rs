//! Why a row does not hold.

/// Only [`Fail::Broken`] is a verdict on the agent; a mutant counts as caught by nothing else.
#[derive(Debug, thiserror::Error)]
pub enum Fail {
    /// What must hold does not.
    #[error("{0}")]
    Broken(String),
    /// It cannot be tried here: not root, or a tool is missing.
    #[error("skipped: {0}")]
    Skipped(String),
    /// The scene could not be set; nothing is known about the agent.
    #[error("the test itself failed: {0}")]
    Trouble(String),
}

/// What was seen, in a few words, when all held.
pub type Held = Result<String, Fail>;

impl From<std::io::Error> for Fail {
    fn from(error: std::io::Error) -> Self {
        Self::Trouble(error.to_string())
    }
}

impl From<anyhow::Error> for Fail {
    fn from(error: anyhow::Error) -> Self {
        Self::Trouble(format!("{error:#}"))
    }
}

impl From<serde_json::Error> for Fail {
    fn from(error: serde_json::Error) -> Self {
        Self::Trouble(error.to_string())
    }
}

/// Breaks with these words unless it is so.
pub fn must(holds: bool, words: impl FnOnce() -> String) -> Result<(), Fail> {
    if holds { Ok(()) } else { Err(Fail::Broken(words())) }
}
