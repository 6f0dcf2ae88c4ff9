//! What a seed draws before a run begins: the shop, the settings, which faults may come and how often.

use std::time::Duration;

use tillgate::config::{Confirm, Encoding};

/// How a run is made.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What is broken on purpose, to see that it is found.
    pub mutant: Option<Mutant>,
    /// Print what happens.
    pub trace: bool,
}

/// A gateway, cloud or disk with one rule broken. A run that does not notice is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// Rows are let go of when they were sent, and not when they are kept.
    FreedOnSend,
    /// The cloud says how far it is before that is on its disk.
    EarlyWatermark,
    /// What `synchronous=NORMAL` does: a commit returns before its log is synced.
    NotSynced,
    /// Rows are handed out without a look at their checksum.
    NoChecksum,
    /// What was lost is written down nowhere.
    NoGap,
    /// Rows go out that the store is not told of: it thins what was sent.
    SentUnnoticed,
    /// Rows go out before the cloud was asked.
    NotAsked,
    /// The same, and when the cloud contradicts while rows go they keep their numbers.
    Stubborn,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::FreedOnSend,
        Self::EarlyWatermark,
        Self::NotSynced,
        Self::NoChecksum,
        Self::NoGap,
        Self::SentUnnoticed,
        Self::NotAsked,
        Self::Stubborn,
    ];
}

/// Something that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No packet passes for a while.
    LinkDown,
    /// The connection stands and nothing passes.
    HalfOpen,
    /// Packets take seconds for a while.
    Slow,
    /// The broker starts again; what it forgets is drawn.
    BrokerRestart,
    /// The broker closes connections right after it accepted them, for a while.
    Kick,
    /// The broker acknowledges without delivering, for a while.
    Refuse,
    /// The cloud's process dies and starts again; what was not synced is gone.
    CloudRestart,
    /// The cloud takes its time to sync, for a while.
    CloudLate,
    /// The wall clock jumps.
    WallJump,
    /// A device goes away and comes back, mid-sentence.
    Unplug,
    /// Power goes between two writes.
    PowerCut,
    /// Power goes in the middle of the next write.
    CutInWrite,
    /// `kill -9` between two writes.
    Kill,
    /// `kill -9` in the middle of the next write.
    KillInWrite,
    /// An orderly stop and a new start.
    Stop,
    /// One bit of a row changes; then the agent is killed, so that it reads its files again.
    Flip,
}

const FAULTS: [Fault; 16] = [
    Fault::LinkDown,
    Fault::HalfOpen,
    Fault::Slow,
    Fault::BrokerRestart,
    Fault::Kick,
    Fault::Refuse,
    Fault::CloudRestart,
    Fault::CloudLate,
    Fault::WallJump,
    Fault::Unplug,
    Fault::PowerCut,
    Fault::CutInWrite,
    Fault::Kill,
    Fault::KillInWrite,
    Fault::Stop,
    Fault::Flip,
];

/// Faults that only a broker has that does not keep what it acknowledged.
const BROKER_LOSES: [Fault; 1] = [Fault::BrokerRestart];

/// What a seed draws.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What frees a row.
    pub confirm: Confirm,
    /// What goes over the wire.
    pub encoding: Encoding,
    /// How many tills.
    pub tills: usize,
    /// How many doors.
    pub doors: usize,
    /// How many receivers of tags.
    pub receivers: usize,
    /// How long faults come.
    pub rough: Duration,
    /// Cap on the database with its log.
    pub max_bytes: u64,
    /// The cap is so low that it will be reached.
    pub is_capped: bool,
    /// The disk says that it synced, and did not.
    pub disk_lies: bool,
    /// Between two commits, at least.
    pub interval: Duration,
    /// Those that may come.
    pub faults: Vec<Fault>,
    /// Between two of them, on average.
    pub pace: Duration,
    /// Between two utterances of a device, at most.
    pub pause: Duration,
}

impl Plan {
    /// As drawn, but with all that a mutant needs to show that otherwise seldom comes together.
    pub fn provoking(self, mutant: Option<Mutant>, random: &mut fastrand::Rng) -> Self {
        match mutant {
            Some(Mutant::SentUnnoticed) => Self {
                confirm: Confirm::Cloud,
                tills: 1,
                doors: 2,
                rough: Duration::from_secs(1200),
                max_bytes: random.u64(1_110_000..1_300_000),
                is_capped: true,
                disk_lies: false,
                faults: vec![Fault::LinkDown, Fault::CloudLate],
                pause: Duration::from_secs(2),
                ..self
            },
            Some(Mutant::NotAsked | Mutant::Stubborn) => Self {
                confirm: Confirm::Cloud,
                is_capped: false,
                max_bytes: 64 << 20,
                disk_lies: true,
                faults: vec![Fault::PowerCut, Fault::CutInWrite],
                ..self
            },
            _ => self,
        }
    }

    /// What this seed draws.
    pub fn draw(random: &mut fastrand::Rng) -> Self {
        let confirm = if random.u8(..8) == 0 { Confirm::Broker } else { Confirm::Cloud };
        let encoding = if random.u8(..4) == 0 { Encoding::Json } else { Encoding::Postcard };
        let disk_lies = random.u8(..6) == 0;
        let is_capped = !disk_lies && random.u8(..8) == 0;
        let mut faults: Vec<Fault> = FAULTS.into_iter().filter(|_| random.bool()).collect();
        if confirm == Confirm::Broker {
            faults.retain(|fault| !BROKER_LOSES.contains(fault));
        }
        if disk_lies {
            faults.extend([Fault::PowerCut, Fault::CutInWrite]);
        }
        if is_capped {
            faults.push(Fault::LinkDown);
        }
        let slow = is_capped || random.u8(..4) == 0;
        Self {
            confirm,
            encoding,
            tills: random.usize(1..=3),
            doors: random.usize(usize::from(is_capped)..=2),
            receivers: random.usize(0..=1),
            rough: Duration::from_secs(random.u64(60..600) * if is_capped { 2 } else { 1 }),
            max_bytes: if is_capped { random.u64(1_100_000..1_250_000) } else { 64 << 20 },
            is_capped,
            disk_lies,
            interval: Duration::from_millis(random.choice([20, 100, 100, 1000]).unwrap_or(100)),
            faults,
            pace: Duration::from_secs(random.u64(8..60)),
            pause: Duration::from_secs(if slow { 4 } else { random.u64(5..40) }),
        }
    }
}
