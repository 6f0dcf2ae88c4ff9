//! One integration test binary: the agent from outside, one file per part of the flow.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests stop where they are surprised"
)]

mod beacons;
mod capture;
mod config;
mod confirm;
mod confirm_damage;
mod confirm_rude;
mod corpus;
mod counters;
mod devices;
mod docks;
mod doors;
mod end_to_end;
mod explain;
mod faults;
mod folder;
mod framers;
mod health;
mod inspect;
mod joined;
mod journal;
mod learn;
mod ledger;
mod life;
mod lost;
mod noise;
mod outbox;
mod packaging;
mod replay;
mod salvage;
mod samples;
mod scan;
mod secrets;
mod serial;
mod session;
mod shops;
mod star;
mod stock;
mod support;
mod tags;
mod takeover;
mod thinned;
mod tidy;
mod truth;
mod visits;
mod watch;
mod zvt;
