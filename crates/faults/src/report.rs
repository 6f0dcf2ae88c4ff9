//! What a run came to, in numbers.

use std::fmt;

/// What a run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that were accepted.
    pub accepted: u64,
    /// Of these, records that the cloud has, each with the same content.
    pub arrived: u64,
    /// Of these, records that the cloud was told to be gone.
    pub told: u64,
    /// Of these, records that were joined to others at the cap: what they count is in those.
    pub joined: u64,
    /// Of these, records of which the cloud only sees a hole, after a disk lied.
    pub holes: u64,
    /// Of these, records that are missing and of which the cloud knows nothing. Anything but 0 is a failure.
    pub lost: u64,
    /// Records that the cloud has and that nobody accepted, or with another content. Anything but 0 is a failure.
    pub unexpected: u64,
    /// Records whose numbers were given out twice: what a disk that lied, or damage in the last commit of the log,
    /// makes of a store that cannot tell. Where neither was drawn it is a failure.
    pub reused: u64,
    /// Records that came to the cloud again, and were known as such.
    pub duplicated: u64,
    /// Records of a commit that was cut, found whole at the next start.
    pub recovered: u64,
    /// Documents that were open when the agent died, and ended once.
    pub resumed: u64,
    /// Runs of the agent.
    pub lives: u64,
    /// Virtual seconds.
    pub seconds: u64,
}

impl Report {
    /// Adds another run.
    pub fn add(&mut self, other: &Self) {
        self.accepted += other.accepted;
        self.arrived += other.arrived;
        self.told += other.told;
        self.joined += other.joined;
        self.holes += other.holes;
        self.lost += other.lost;
        self.unexpected += other.unexpected;
        self.reused += other.reused;
        self.duplicated += other.duplicated;
        self.recovered += other.recovered;
        self.resumed += other.resumed;
        self.lives += other.lives;
        self.seconds += other.seconds;
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            accepted,
            arrived,
            told,
            joined,
            holes,
            lost,
            unexpected,
            duplicated,
            recovered,
            ..
        } = self;
        write!(
            f,
            "accepted {accepted} · arrived {arrived} · told {told} · joined {joined} · holes {holes} · lost {lost} · unexpected \
             {unexpected} · duplicated {duplicated} (0 after dedupe) · recovered {recovered} · numbers reused {} · \
             documents resumed {} · {} starts · {} h of virtual time",
            self.reused,
            self.resumed,
            self.lives,
            self.seconds / 3600
        )
    }
}
