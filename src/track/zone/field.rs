//! The receivers of a store: which zone each stands for, and since when and until when it heard what there was.

use std::time::Duration;

use crate::time::Mono;

/// From when until when a receiver surely heard what there was to hear, without a break.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hearing {
    /// It came, or came back.
    pub since: Mono,
    /// Its last sign of life.
    pub until: Mono,
}

/// One receiver.
#[derive(Clone, Debug)]
pub struct Post {
    /// Its name.
    pub name: String,
    /// Its zone's place in [`Field::zone_name`].
    pub zone: usize,
    /// Added to what it hears, in dB.
    pub offset_db: f64,
    hearing: Hearing,
}

/// All receivers.
#[derive(Clone, Debug, Default)]
pub struct Field {
    posts: Vec<Post>,
    zones: Vec<String>,
}

impl Field {
    /// Adds a receiver; its place.
    pub fn add(&mut self, name: &str, zone: &str, offset_db: f64) -> usize {
        let known = self.zones.iter().position(|it| it == zone);
        let place = known.unwrap_or_else(|| {
            self.zones.push(zone.to_owned());
            self.zones.len() - 1
        });
        let hearing = Hearing::default();
        self.posts.push(Post { name: name.to_owned(), zone: place, offset_db, hearing });
        self.posts.len() - 1
    }

    /// The receiver at a place.
    #[must_use]
    pub fn post(&self, place: usize) -> Option<&Post> {
        self.posts.get(place)
    }

    /// All of them, in the order of their places.
    #[must_use]
    pub fn posts(&self) -> &[Post] {
        &self.posts
    }

    /// What a zone is called; nothing where there is none.
    #[must_use]
    pub fn zone_name(&self, zone: usize) -> &str {
        self.zones.get(zone).map_or("", String::as_str)
    }

    /// A receiver heard what there was. While it is not said so of one, its silence means nothing.
    pub fn hears(&mut self, place: usize, hearing: Hearing) {
        if let Some(post) = self.posts.get_mut(place) {
            post.hearing = hearing;
        }
    }

    /// For how long the receiver at `place` has heard nothing of somebody whom it heard at `last`.
    #[must_use]
    pub fn silence(&self, place: usize, last: Mono) -> Duration {
        let hearing = self.posts.get(place).map(|post| post.hearing).unwrap_or_default();
        hearing.until.since(last.max(hearing.since))
    }
}
