//! Faults: when the next one comes, what it does, how it ends.

use std::time::Duration;

use anyhow::Result;

use crate::life::End;
use crate::plan::{Fault, Mutant};
use crate::world::{Event, World};

impl World {
    /// A fault comes, and the next one is planned.
    pub fn fault(&mut self) -> Result<()> {
        if self.is_calm {
            return Ok(());
        }
        let pace = u64::try_from(self.plan.pace.as_millis()).unwrap_or(1000);
        let wait = Duration::from_millis(self.random.u64(1..2 * pace));
        self.schedule(wait, Event::Fault);
        let Some(fault) = self.random.choice(self.plan.faults.clone()) else { return Ok(()) };
        self.tell(|| format!("fault: {fault:?}"));
        // What waits is to reach the cap now and then.
        let most = if self.plan.is_capped { 600_000 } else { 90_000 };
        let lasts = Duration::from_millis(self.random.u64(100..most));
        match fault {
            Fault::LinkDown => {
                self.link.is_up = false;
                self.break_connection(20_000);
            }
            Fault::HalfOpen => self.break_connection(65_000),
            Fault::Slow => self.link.latency = 5000,
            Fault::BrokerRestart => {
                self.break_connection(5000);
                self.broker_is_up = false;
                let keeps = self.random.bool();
                self.broker.restart(&mut self.random, keeps);
                let (knows, careless) = (self.broker.knows_cloud, self.broker.is_careless);
                self.tell(|| {
                    format!("keeps {keeps}, knows the cloud {knows}, careless {careless}")
                });
                self.lose_cloud();
            }
            Fault::Kick => {
                self.broker.kicks = true;
                self.break_connection(1000);
            }
            Fault::Refuse => {
                let topics = ["/evt/pos", "/evt/visit", "/evt/ops", "/gap", "/evt/", "/"];
                let topic = self.random.choice(topics).unwrap_or("/evt/");
                let reason = self.random.choice([16, 128, 135, 151]).unwrap_or(16);
                self.broker.refused = Some((topic.to_owned(), reason));
            }
            Fault::CloudRestart => {
                self.lose_cloud();
                self.cloud_life += 1;
                self.cloud.restart(&mut self.random)?;
                self.schedule(lasts / 4, Event::CloudBack);
                return Ok(());
            }
            Fault::CloudLate => self.cloud_pace = 120_000,
            Fault::WallJump => self.jump(),
            Fault::Unplug => {
                let at = self.random.usize(..self.devices.len().max(1));
                self.unplug(at);
            }
            Fault::PowerCut => return self.end_now(End::Cut),
            Fault::Kill => return self.end_now(End::Kill),
            Fault::CutInWrite => self.armed = Some(End::Cut),
            Fault::KillInWrite => self.armed = Some(End::Kill),
            Fault::Stop => return self.stop(),
            Fault::Flip => return self.flip(),
        }
        self.schedule(lasts, Event::Heal(fault));
        Ok(())
    }

    /// A fault that lasts is over.
    pub fn heal(&mut self, fault: Fault) {
        match fault {
            Fault::LinkDown => self.link.is_up = true,
            Fault::Slow => self.link.latency = 50,
            Fault::BrokerRestart => {
                self.broker_is_up = true;
                self.later(15_000, Event::CloudBack);
            }
            Fault::Kick => self.broker.kicks = false,
            Fault::Refuse => self.broker.refused = None,
            Fault::CloudLate => self.cloud_pace = 500,
            _ => {}
        }
    }

    /// All that lasts is over, and everybody is there.
    pub fn calm_down(&mut self) {
        self.is_calm = true;
        self.armed = None;
        for fault in [
            Fault::LinkDown,
            Fault::Slow,
            Fault::BrokerRestart,
            Fault::Kick,
            Fault::Refuse,
            Fault::CloudLate,
        ] {
            self.heal(fault);
        }
        for at in 0..self.devices.len() {
            if self.devices.get(at).is_some_and(|device| !device.is_plugged) {
                self.replug(at);
            }
        }
    }

    /// The cloud's connection is gone, and with it all that is on its way there.
    fn lose_cloud(&mut self) {
        self.cloud_is_up = false;
        self.cloud_link += 1;
        self.broker.handed.clear();
    }

    /// The cloud connects again, where there is a broker.
    pub fn cloud_back(&mut self) -> Result<()> {
        if self.cloud_is_up || !self.broker_is_up {
            return Ok(());
        }
        (self.cloud_is_up, self.broker.knows_cloud) = (true, true);
        self.cloud.connected()?;
        self.plan_sync();
        self.later(20, Event::HandOver);
        Ok(())
    }

    /// What the cloud appended is on its disk after a while.
    pub fn plan_sync(&mut self) {
        if !self.cloud.is_syncing {
            self.cloud.is_syncing = true;
            let of = self.cloud_life;
            self.later(self.cloud_pace, Event::CloudSynced(of));
        }
    }

    fn jump(&mut self) {
        const HOUR: i64 = 3_600_000;
        let by = self
            .random
            .choice([-HOUR, HOUR, 24 * HOUR, -30 * 24 * HOUR, 500, -500])
            .unwrap_or(HOUR);
        self.wall_ms += by;
    }

    /// One bit of a row that waits changes, and the agent starts anew, so that it reads its files.
    fn flip(&mut self) -> Result<()> {
        let (at, bit) = (self.random.usize(..4096), self.random.u8(..8));
        let Some((id, payload)) = self.oracle.waiting(&mut self.random) else { return Ok(()) };
        self.oracle.excuses.damage = true;
        if self.options.mutant == Some(Mutant::NoChecksum) {
            self.unchecked.insert(id, (at, bit));
            return self.end_now(End::Kill);
        }
        self.end_now(End::Kill)?;
        let found = self.image.flip(&payload, at, bit);
        self.tell(|| format!("a bit of row {} flips: {found}", id.0));
        Ok(())
    }
}
