//! systemd unit, udev rules, cross.toml: they parse and name what exists.
