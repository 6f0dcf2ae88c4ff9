//! What the session is told and what it says.

use tillgate_events::{Class, Watermarks};

use crate::forward::parcel::{Message, PUBLISH_OVERHEAD, Parcel};
use crate::forward::watermark::Watermark;
use crate::forward::window::Violation;
use crate::limits::EPOCH_REST;
use crate::store::{Gap, RowId};
use crate::time::Mono;

/// What happened.
#[derive(Clone, Debug)]
pub enum Input {
    /// The broker accepted the connection, with these bounds of its own.
    Connected {
        /// Messages on their way at once, at most.
        receive_maximum: u16,
        /// Bytes of a packet, at most.
        max_packet: usize,
    },
    /// The connection is gone.
    Disconnected,
    /// Rows up to this one are committed.
    Committed(RowId),
    /// The answer to [`Output::Fetch`]: the rows after the one named there, in order, none at the end; and what
    /// the store has lost and not been told to forget.
    Fetched {
        /// The rows, in order.
        parcels: Vec<Parcel>,
        /// Losses that nobody was told of yet.
        gaps: Vec<Gap>,
    },
    /// The answer to [`Output::Fetch`]: the store cannot be read now.
    Unread,
    /// The client put the oldest message handed to it on the wire, under this packet id.
    Taken {
        /// The client's number for it.
        packet_id: u16,
    },
    /// The broker acknowledged a packet with this reason.
    Acked {
        /// The client's number for it.
        packet_id: u16,
        /// The code of the PUBACK.
        reason: u8,
    },
    /// The cloud's watermarks, one per class.
    Watermarks(Vec<(Class, Watermark)>),
    /// What came on `…/ack` is no watermark, in these words.
    NoMark(String),
    /// The answer to [`Output::Compare`] and [`Output::Contradicted`]: the numbering is sound, or an epoch begins.
    Numbered {
        /// What waits and may have had other numbers is in this epoch now, and what comes too.
        begins: Option<u32>,
    },
    /// The answer to the same: the store cannot be written now.
    Uncompared,
    /// What is to stand on `…/health`; it replaces what was not sent.
    Health(String),
    /// Time passed.
    Tick,
    /// Send what can be sent until then, say goodbye, disconnect.
    Stop {
        /// Then the session ends whatever waits.
        until: Mono,
    },
}

/// What to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Ask the store for the rows of a class after this one.
    Fetch {
        /// Of which stream.
        class: Class,
        /// The row before the first one wanted.
        after: RowId,
    },
    /// Ask the store whether it handed out all that the cloud has by these.
    Compare(Watermarks),
    /// Tell the store that the cloud confirms by these what no broker can have from here.
    Contradicted(Watermarks),
    /// Tell the store how far each class was delivered with success.
    Delivered(Watermarks),
    /// Hand this to the client.
    Send(Outbound),
    /// These rows are delivered: let go of them.
    Free(Vec<RowId>),
    /// These gaps are told: let go of them.
    Settle(Vec<Gap>),
    /// Something that a person must know of; said once.
    Report(Concern),
    /// Drop the connection and make another.
    Reconnect(Violation),
    /// All is said: close the connection.
    Disconnect,
}

/// What is handed to the client. Each takes a packet id and is acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outbound {
    /// The retained "online" on `…/state`.
    Birth,
    /// The subscription to `…/ack`.
    Subscribe,
    /// A loss, on `…/gap`.
    Gap(Gap),
    /// A row, or a part of one, of this class.
    Row(Class, Message),
    /// How the gateway is, on `…/health`.
    Health(String),
    /// The retained "stopped" on `…/state`.
    Farewell,
}

impl Outbound {
    /// Bytes on the wire, about: rounded up for rows.
    pub(super) fn wire_bytes(&self) -> usize {
        match self {
            Self::Row(_, message) => message.wire_bytes(),
            Self::Health(text) => PUBLISH_OVERHEAD + text.len(),
            Self::Birth | Self::Farewell | Self::Subscribe | Self::Gap(_) => PUBLISH_OVERHEAD,
        }
    }
}

/// What is wrong on the other side, and what was done about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Concern {
    #[error(
        "the cloud's watermark of {} is epoch {}, sequence {}; a broker has no more of this gateway than epoch {}, \
         sequence {}: nothing is freed by it",
        class.name(), found.epoch, found.sequence, sent.epoch, sent.sequence
    )]
    /// The cloud confirms what no broker took.
    Watermark {
        /// Of which stream.
        class: Class,
        /// What came.
        found: Watermark,
        /// The newest number that a broker may have.
        sent: Watermark,
    },
    #[error("the cloud's watermark of {} names epoch 0; epochs begin with 1: nothing is freed by it", class.name())]
    /// No record has this epoch.
    NoEpoch {
        /// Of which stream.
        class: Class,
    },
    #[error("what stands on …/ack is no watermark, and frees nothing: {0}")]
    /// It has no form that is known.
    NoMark(String),
    #[error(
        "the cloud contradicts this gateway's numbers again, soon after an epoch began for that: nothing is freed until \
         the next one begins, {} min after the last",
        EPOCH_REST.as_secs() / 60
    )]
    /// Somebody else may be writing to `…/ack`.
    Rests,
    #[error(
        "a batch of {} takes {bytes} bytes and the broker takes {most} at most: it stays in the store and is \
         tried again on the next connection; raise the broker's maximum packet size",
        class.name()
    )]
    /// A row is larger than the broker takes; others go on.
    TooLarge {
        /// Of which stream.
        class: Class,
        /// What the row would take.
        bytes: usize,
        /// What the broker takes.
        most: usize,
    },
    #[error(
        "the broker refuses this gateway's …/state (reason {0}): it will look as if it were off; a broker that goes by \
         the name in the client certificate wants `gateway.id` there"
    )]
    /// The retained "online" was refused.
    Birth(u8),
    #[error(
        "the broker does not deliver this gateway's …/gap (reason {0}): losses are told again later"
    )]
    /// A loss could not be told.
    Gap(u8),
    #[error("the broker does not deliver this gateway's …/health (reason {0})")]
    /// Nobody can see how the gateway is.
    Health(u8),
}
