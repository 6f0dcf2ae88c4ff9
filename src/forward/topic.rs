//! The topics of one gateway: `tillgate/v1/{tenant}/{store}/{gateway}/…`.

use tillgate_events::Class;

/// Characters of one level at most: brokers bound whole topics, some at 128 bytes.
const LEVEL_CHARS: usize = 64;

/// A name that cannot be a level of a topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be part of a topic: 1 to 64 letters, digits, '-', '_' and '.' can")]
pub struct BadLevel(pub String);

/// Topic names with checked levels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    base: String,
}

impl Topics {
    /// The topics of this gateway.
    ///
    /// # Errors
    /// When tenant or gateway hold characters that mean something in a topic, or that brokers treat
    /// differently.
    pub fn new(tenant: &str, store_id: u64, gateway: &str) -> Result<Self, BadLevel> {
        for level in [tenant, gateway] {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if level.is_empty() || level.len() > LEVEL_CHARS || !level.chars().all(plain) {
                return Err(BadLevel(level.to_owned()));
            }
        }
        Ok(Self { base: format!("tillgate/v1/{tenant}/{store_id}/{gateway}") })
    }

    /// Events of one class.
    #[must_use]
    pub fn events(&self, class: Class) -> String {
        format!("{}/evt/{}", self.base, class.name())
    }

    /// Retained birth, farewell and last will.
    #[must_use]
    pub fn state(&self) -> String {
        format!("{}/state", self.base)
    }

    /// Numbers that will never come, each told until it was heard.
    #[must_use]
    pub fn gap(&self) -> String {
        format!("{}/gap", self.base)
    }

    /// How this gateway is, now and then.
    #[must_use]
    pub fn health(&self) -> String {
        format!("{}/health", self.base)
    }

    /// Retained watermarks from the cloud.
    #[must_use]
    pub fn ack(&self) -> String {
        format!("{}/ack", self.base)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_have_six_slashes_before_the_class() {
        let topics = Topics::new("acme", 7, "gw-0007").unwrap();
        assert_eq!(topics.events(Class::Pos), "tillgate/v1/acme/7/gw-0007/evt/pos");
        assert_eq!(topics.state(), "tillgate/v1/acme/7/gw-0007/state");
        assert_eq!(topics.health(), "tillgate/v1/acme/7/gw-0007/health");
        assert_eq!(topics.gap(), "tillgate/v1/acme/7/gw-0007/gap");
        assert_eq!(topics.ack(), "tillgate/v1/acme/7/gw-0007/ack");
    }

    #[test]
    fn names_that_would_change_the_tree_are_refused() {
        for bad in ["", "a/b", "+", "#", "a b", "ü", "$SYS", &"x".repeat(65)] {
            assert_eq!(Topics::new(bad, 1, "gw"), Err(BadLevel(bad.to_owned())));
            assert_eq!(Topics::new("acme", 1, bad), Err(BadLevel(bad.to_owned())));
        }
    }
}
