//! People counters on a Modbus RTU line: asked one after the other for their totals, as long as the agent runs.
//!
//! One task for each line; each counter on it is a source of its own, up or down by itself. Invariants: a counter that
//! does not answer delays the others by no more than [`limits::MODBUS_PATIENCE`] and [`limits::MODBUS_REST`] at a time;
//! nothing is ever written to a register; the port is closed before it is opened again. Totals are cumulative, so a
//! question without an answer loses nobody.
//!
//! `schedule` says whom to ask when, `wire` asks.

mod schedule;
mod wire;

use std::ops::ControlFlow;

use tokio::time::sleep;

use self::schedule::Schedule;
use self::wire::{Line, Question, Rtu, Trouble};
use super::{Body, DownReason, Outlet, Stop};
use crate::clock::Clock;
use crate::config::{ModbusCounter, SerialLine};
use crate::limits;
use crate::time::Mono;

/// Asks the counters on `line` until it is told to stop or the pipeline is gone. `seed` decides the waits of those who
/// fail.
pub async fn run(
    line: SerialLine,
    counters: Vec<(ModbusCounter, Outlet)>,
    clock: Clock,
    stop: Stop,
    seed: u64,
) {
    Poller::new(Rtu::new(line), counters, clock, seed).run(stop).await;
}

struct Poller<L> {
    line: L,
    counters: Vec<(ModbusCounter, Outlet)>,
    schedule: Schedule,
    clock: Clock,
}

/// Nobody takes readings any more.
struct PipelineGone;

impl<L: Line> Poller<L> {
    fn new(line: L, counters: Vec<(ModbusCounter, Outlet)>, clock: Clock, seed: u64) -> Self {
        let every = counters.iter().map(|(counter, _)| counter.every);
        let schedule = Schedule::new(every, seed, clock.now().mono);
        Self { line, counters, schedule, clock }
    }

    async fn run(mut self, mut stop: Stop) {
        let told = stop.clone();
        tokio::select! {
            biased;
            () = stop.requested() => {}
            PipelineGone = self.poll(told) => return,
        }
        self.line.close();
        // What was seen goes on with the flow; who shuts down decides how long that may take.
        let _ = self.drain().await;
    }

    async fn poll(&mut self, mut stop: Stop) -> PipelineGone {
        while let Some((place, due)) = self.schedule.next() {
            if self.wait(due).await.is_break() {
                return PipelineGone;
            }
            if self.line.is_open() && !self.line.is_there() {
                self.gone(&DownReason::Unplugged);
                continue;
            }
            let asked = self.ask(place).await;
            self.tell(place, asked);
        }
        stop.requested().await;
        PipelineGone
    }

    /// Waits until `due`, or until the node is gone; what waits is handed over meanwhile.
    async fn wait(&mut self, due: Mono) -> ControlFlow<()> {
        let mut left = due.since(self.clock.now().mono);
        loop {
            let nap = left.min(limits::NODE_POLL);
            let over = sleep(nap);
            tokio::pin!(over);
            while !over.is_elapsed() {
                let waits = self.counters.iter().any(|(_, out)| out.is_waiting());
                tokio::select! {
                    biased;
                    drained = self.drain(), if waits => if drained.is_err() {
                        return ControlFlow::Break(());
                    },
                    () = &mut over => {}
                }
            }
            left = left.saturating_sub(nap);
            if left.is_zero() || (self.line.is_open() && !self.line.is_there()) {
                return ControlFlow::Continue(());
            }
        }
    }

    async fn drain(&mut self) -> Result<(), PipelineGone> {
        for (_, out) in &mut self.counters {
            out.drain().await.map_err(|_| PipelineGone)?;
        }
        Ok(())
    }

    /// The registers of both totals of the counter at this place.
    async fn ask(&mut self, place: usize) -> Result<Vec<u16>, Trouble> {
        let Some((counter, _)) = self.counters.get(place) else { return Ok(Vec::new()) };
        if !self.line.is_open() {
            self.line.open().await.map_err(Trouble::Gone)?;
        }
        let ModbusCounter { unit, holding, registers: [entered, exited], layout, .. } = *counter;
        let words = layout.words();
        let question = |first, count| Question { unit, holding, first, count };
        // Side by side they are one question. What lies between others may be refused.
        if entered.checked_add(words) == Some(exited) {
            return self.line.ask(question(entered, 2 * words)).await;
        }
        let mut all = self.line.ask(question(entered, words)).await?;
        all.extend(self.line.ask(question(exited, words)).await?);
        Ok(all)
    }

    fn tell(&mut self, place: usize, asked: Result<Vec<u16>, Trouble>) {
        let now = self.clock.now();
        let Some((counter, out)) = self.counters.get_mut(place) else { return };
        let unit = counter.unit;
        let reason = match asked {
            Ok(registers) => {
                let up = self.schedule.answered(place, now.mono);
                up.into_iter().for_each(|up| out.put(now, up));
                return out.put(now, Body::Registers(registers));
            }
            Err(Trouble::Gone(reason)) => return self.gone(&reason),
            Err(Trouble::Refused(words)) => format!("unit {unit} refuses: {words}"),
            Err(Trouble::Unsound(words)) => {
                self.line.close();
                self.schedule.rest(now.mono);
                format!("unit {unit} {words}")
            }
        };
        let down = self.schedule.failed(place, DownReason::Other(reason), now.mono);
        down.into_iter().for_each(|down| out.put(now, down));
    }

    fn gone(&mut self, reason: &DownReason) {
        self.line.close();
        let now = self.clock.now();
        let counters = &mut self.counters;
        self.schedule.gone(reason, now.mono, |place, news| {
            if let Some((_, out)) = counters.get_mut(place) {
                out.put(now, news);
            }
        });
    }
}

#[cfg(test)]
mod tests;
