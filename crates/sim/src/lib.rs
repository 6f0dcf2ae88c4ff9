//! A simulated store with ground truth: what its tills, doors and beacons say is known to the cent.
//! For tests, the demo and measuring only.
//!
//! | module | job |
//! |---|---|
//! | [`broker`] | an MQTT 5 broker in process, honest or rude |
//! | [`bluez`] | a fake Bluetooth daemon on a private D-Bus |
//! | [`pty`] | pseudo-terminals as serial lines, written at a baud rate |
//! | [`store`] | tills, doors and receivers, and the truth about them |
//! | [`day`] | a store of whole days from a seed, in bytes, with the truth in tables |
//! | [`demo`] | store, broker and the real agent together, with the truth check |
//! | [`faults`] | faults around the built agent, each with a mutant that must fail |
//! | [`flood`] | thousands of strangers' advertisements beside a till, and what they cost it |
//! | [`live`] | the running agent's own figures, for the benchmark |
//! | [`peers`] | the same lines through other ways to MQTT, beside the agent |
//! | [`modbus`] | people counters on a Modbus line, sound and not |
//! | [`month`] | a month of stock files through a stock feed, held against their inventory |
//! | [`soak`] | half an hour in little memory with everything going wrong |
//! | [`truth`] | those days through the built agent and a real broker, and the judgement |
//! | [`limits`] | every bound |

pub mod bluez;
pub mod broker;
pub mod day;
pub mod demo;
pub mod faults;
pub mod flood;
pub mod limits;
pub mod live;
pub mod modbus;
pub mod month;
pub mod peers;
pub mod pty;
pub mod soak;
pub mod store;
pub mod truth;
