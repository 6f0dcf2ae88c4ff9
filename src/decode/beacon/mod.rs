//! Advertisements to tags heard: AD splitter, iBeacon, Eddystone-UID. Pure, never panics.
