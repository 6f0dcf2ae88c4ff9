//! Whether everything got away, and what the run came to.

use anyhow::{Result, bail};
use tillgate::forward::Answer;
use tillgate::store::RowId;

use crate::report::Report;
use crate::world::{DRAIN, World};

impl World {
    /// Whether nothing waits on the gateway any more.
    pub fn is_drained(&mut self) -> Result<bool> {
        Ok(self.left()?.is_empty())
    }

    /// What waits on the gateway, in words.
    fn left(&mut self) -> Result<String> {
        let Some(gateway) = &mut self.gateway else {
            return Ok("the agent does not run".to_owned());
        };
        let Answer { rows, mut gaps } = gateway.pipeline.look_after(RowId(0), usize::MAX >> 1)?;
        let all = gateway.pipeline.health().waiting.rows;
        if rows.len() as u64 != all {
            return Ok(format!("{all} rows, of which {} are whole", rows.len()));
        }
        let rows = rows.len();
        // An epoch begins with a record that arrives, and not with a loss: where all that it has in a class is gone, no
        // watermark can pass that. It is told until one does, and whether it was heard is judged by the cloud's disk.
        gaps.retain(|gap| self.cloud.has_begun(gap.class, gap.epoch));
        Ok(if rows == 0 && gaps.is_empty() {
            String::new()
        } else {
            format!("{rows} rows, {gaps:?}")
        })
    }

    pub fn verdict(&mut self) -> Result<Report> {
        let left = self.left()?;
        if !left.is_empty() {
            bail!("still on the gateway {DRAIN:?} after the last fault: {left}");
        }
        let honest = !self.oracle.excuses.damage && !self.oracle.excuses.lies;
        if honest {
            let ends = &self.ends;
            self.devices.iter().try_for_each(|device| {
                device.check(&self.oracle, |life| ends.get(&life).copied())
            })?;
            self.oracle.check_documents()?;
        }
        self.oracle.report.seconds = self.now / 1_000_000;
        self.oracle.judge(&self.cloud.stored())
    }
}
