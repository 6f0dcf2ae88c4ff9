//! A simulated store with ground truth: what its tills, doors and beacons say is known to the cent.
//! For tests and the demo only.

pub mod bluez;
