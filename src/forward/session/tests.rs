//! The session: each rule by itself, and all together against a rude world.

mod asking;
mod contradiction;
mod health;
mod model;
mod order;
mod queue;
mod rules;
