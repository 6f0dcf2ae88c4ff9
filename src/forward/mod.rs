//! Store to cloud: a sans-IO session, and the one file that names the MQTT client.
//!
//! [`run`] is the task; [`Link`] its ends. It knows rows and their ids, never the database: rows are asked for
//! and let go of over a channel, so that the pipeline thread alone touches SQLite.
//!
//! | file | job |
//! |---|---|
//! | `session`, `window` | pure: what to send, what is on its way, what an acknowledgement frees |
//! | `lane`, `unkept`, `notices` | pure, their parts: one class; what the cloud has not confirmed; losses to tell |
//! | `pacer` | pure, another: how fast messages may go |
//! | `message`, `parcel`, `loaded` | a row as one MQTT message or many; a loss as one; what became of them |
//! | `topic`, `state`, `watermark` | names of topics; what stands on `…/state` and `…/ack` |
//! | `drive`, `report` | the task: session, connection, store and time brought together |
//! | `mqtt`, `tls` | one connection (`mqtt/inbound`: a subscriber's); name the MQTT client and its TLS |

mod drive;
mod lane;
mod link;
mod loaded;
mod message;
mod mqtt;
mod notices;
mod pacer;
mod parcel;
mod report;
mod session;
mod state;
mod tls;
mod topic;
mod unkept;
mod watermark;
mod window;

pub use drive::run;
pub use link::{Answer, ForwardSettings, Link, LinkState, Progress, Request};
pub use message::{BATCH, JSON, gap, parcel};
pub use mqtt::Trouble;
pub use mqtt::inbound::{Arrival, Delivery, Inbound};
pub use parcel::{Message, Parcel, Slice};
pub use session::{Concern, Input, Outbound, Output, Session};
pub use topic::{BadLevel, Topics};
pub use watermark::Watermark;
pub use window::Violation;
