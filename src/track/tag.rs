//! Tags heard to windows of one tag at one receiver.
