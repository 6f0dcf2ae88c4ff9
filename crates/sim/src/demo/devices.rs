//! The devices at work: one task each, on its pseudo-terminal, at its line's pace.

use std::io;
use std::path::PathBuf;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::plan::Planned;
use crate::limits;
use crate::pty::{Pace, Pty, Sink};
use crate::store::{Device, Said};

/// All devices, silent until started.
pub struct Devices {
    planned: Vec<Planned>,
    lines: Vec<Pty>,
    ports: Vec<PathBuf>,
    tasks: JoinSet<io::Result<Pty>>,
    /// Lines of devices that fell silent. Closing one would be an unplugged cable.
    held: Vec<Pty>,
    stop: watch::Sender<bool>,
    said: mpsc::Sender<Said>,
}

impl Devices {
    /// Opens a line for each device. What they say comes out of the receiver once it was written completely.
    pub fn attach(planned: Vec<Planned>) -> io::Result<(Self, mpsc::Receiver<Said>)> {
        let lines = planned.iter().map(|_| Pty::open()).collect::<io::Result<Vec<_>>>()?;
        let ports = lines.iter().map(|line| line.path().to_owned()).collect();
        let (said, receiver) = mpsc::channel(limits::SAID_QUEUE);
        let (stop, _) = watch::channel(false);
        Ok((
            Self { planned, lines, ports, tasks: JoinSet::new(), held: Vec::new(), stop, said },
            receiver,
        ))
    }

    /// The paths, in the devices' order.
    pub fn ports(&self) -> &[PathBuf] {
        &self.ports
    }

    /// The devices that have not been started.
    pub fn planned(&self) -> &[Planned] {
        &self.planned
    }

    /// They begin to speak.
    pub fn start(&mut self) {
        let lines = std::mem::take(&mut self.lines);
        for (n, (planned, line)) in self.planned.drain(..).zip(lines).enumerate() {
            let pace = Pace::new(planned.baud, n as u64);
            let (said, stop) = (self.said.clone(), self.stop.subscribe());
            self.tasks.spawn(speak(planned.device, line, pace, said, stop));
        }
    }

    /// They finish what they are saying and fall silent.
    pub fn stop(&self) {
        self.stop.send_replace(true);
    }

    /// Whether all have fallen silent.
    pub fn silent(&mut self) -> anyhow::Result<bool> {
        while let Some(ended) = self.tasks.try_join_next() {
            self.held.push(ended??);
        }
        Ok(self.tasks.is_empty())
    }
}

/// Speaks until told to stop, then gives the line back.
async fn speak<S: Sink>(
    mut device: Box<dyn Device>,
    mut sink: S,
    mut pace: Pace,
    said: mpsc::Sender<Said>,
    mut stop: watch::Receiver<bool>,
) -> io::Result<S> {
    let opened = Instant::now();
    loop {
        let utterance = device.next(opened.elapsed());
        tokio::select! {
            () = sleep(utterance.pause) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(sink),
        }
        pace.write(&mut sink, &utterance.bytes).await?;
        if said.send(utterance.said).await.is_err() {
            return Ok(sink);
        }
    }
}
