//! One gateway, its network, a broker and a cloud on virtual time, under faults that a seed draws.
//!
//! What is real: the store on a folder, the pipeline with its chains, the forward session, the cloud's ledger. What is
//! simulated: devices, the wire, the broker, the disk's honesty, and time. Nothing sleeps, and the same seed does the
//! same again.
//!
//! # Invariants
//! - Between a row's acceptance and the end of a run the `oracle` knows each record of it; at the end the cloud has
//!   each exactly once, or was told that it is gone, with a reason that the faults of the run explain.
//! - An honest disk leaves what was synced, and of what was being written any part that a disk can leave (`disk`).
//!
//! | module | job |
//! |---|---|
//! | `plan` | what a seed draws: the shop, the settings, the faults and how often they come |
//! | `world` | the loop: events by their time, and whose turn it is |
//! | `life`, `gateway` | a run of the agent from its start to a stop, kill or power cut; its thread's turn |
//! | `wire`, `broker`, `cloud` | the connection, the broker, whoever confirms |
//! | `shop` | tills, doors and receivers, and what they said in truth |
//! | `faults` | carrying a fault out |
//! | `disk` | what a power cut, a kill or a disk that lies leaves of the files |
//! | `oracle`, `contents`, `sums` | what was accepted, and what became of it |
//! | `verdict`, `report` | whether everything got away, and the numbers |
//! | [`swarm`] | many seeds at once |

mod broker;
mod chains;
mod cloud;
mod contents;
mod disk;
mod faults;
mod gateway;
mod life;
mod oracle;
mod plan;
mod report;
mod shop;
mod sums;
pub mod swarm;
mod verdict;
mod wire;
mod world;

pub use plan::{Mutant, Options};
pub use report::Report;
pub use world::run;
