//! Pure state machines: facts to records of the contract. Knows facts, events and checked settings only.

pub mod beam;
pub mod catalog;
pub mod device;
pub mod dock;
pub mod door;
pub mod order_slip;
pub mod pseudonym;
pub mod receipt;
pub mod screen;
pub mod shop;
pub mod speaker;
pub mod stock;
pub mod stock_slip;
pub mod tag;
pub mod total;
pub mod visit;
pub mod zone;
