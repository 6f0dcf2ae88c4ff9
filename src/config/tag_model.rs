//! The checked configuration of tags: see [`super::model`].

use crate::decode::beacon::TagMatch;

/// What a tag hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagClass {
    /// Carried by a customer: leaves only as a pseudonym.
    Customer,
    /// Carried by staff: makes no events.
    Staff,
    /// A thing of the store.
    Asset,
    /// A truck.
    Truck,
    /// A fixed tag that receivers are checked by.
    Reference,
}

/// `[privacy]`: whose tags are heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Privacy {
    /// Enrolled tags of all classes; unknown devices are a count.
    #[default]
    OptIn,
    /// Things and trucks alone; of people nothing, also no count.
    AssetsOnly,
}

/// `[[tag]]`: an enrolled tag. All others are only counted.
#[derive(Clone, Debug)]
pub struct TagConfig {
    /// What it is called.
    pub id: String,
    /// What it hangs on.
    pub class: TagClass,
    /// What it is known by.
    pub known_by: TagMatch,
}
