//! A store full of strangers beside a till: what a flood of advertisements costs the till's receipts, and memory.
//!
//! Constraints: the built agent, a real broker, a receiver and a till on pseudo-terminals; calm and flood take turns in
//! one run, because only figures of one run on one machine can stand beside each other. Figures are told, not judged;
//! what is judged is that no receipt and no advertisement is lost, and that memory does not grow.
//!
//! How: [`agent`] runs it and reads what it says, [`report`] makes the table.

mod agent;
mod report;

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, interval, sleep, sleep_until};

pub use self::report::{Report, Side};
use crate::limits;
use crate::peers::Broker;
use crate::peers::lines::{self, ARTICLES};
use crate::peers::tally::Subscriber;
use crate::pty::{Pty, Sink as _};
use agent::Agent;

/// Calm and flood, so many times.
const ROUNDS: u32 = 2;
/// Between two receipts: each is alone, and none keeps step with a commit.
const ALONE: Duration = Duration::from_millis(310);
/// Between two pieces of the flood.
const PIECE: Duration = Duration::from_millis(20);
/// Of so many advertisements one is of the tag that is enrolled.
const TAG_EACH: u32 = 50;
/// Between two looks at something.
const LOOK: Duration = Duration::from_millis(50);

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct Options {
    /// The agent's binary.
    pub agent: PathBuf,
    /// Of each calm and each flood.
    pub seconds: u32,
    /// Advertisements a second.
    pub rate: u32,
    /// Addresses that take turns.
    pub addresses: u32,
}

/// Plays calm and flood in turns.
///
/// # Errors
/// When something cannot be started, or the agent does not go on.
pub async fn run(options: &Options, said: &mut impl FnMut(&str)) -> Result<Report> {
    let folder = tempfile::tempdir()?;
    let broker = Broker::start(folder.path()).await?;
    let subscriber = Subscriber::start(broker.port);
    until("the subscription", || subscriber.tally().subscribed).await?;
    let (till, receiver) = (Pty::open()?, Pty::open()?);
    let config = config(folder.path(), broker.port, &till, &receiver);
    let agent = Agent::start(&options.agent, folder.path(), &config)?;
    let mut scene = Scene { agent, till, receiver, printed: Vec::new(), heard: 0, next: 0 };
    let mut report = Report::new(options.rate, options.addresses);
    said("it starts, and has a first second of all");
    scene.print_until(Instant::now() + ALONE).await?;
    scene.flood_until(options, Instant::now() + Duration::from_secs(1)).await?;
    scene.settle().await?;
    scene.printed.clear();
    let first = scene.agent.accepted().len();
    for round in 1..=ROUNDS {
        for flooded in [false, true] {
            said(&format!("round {round} of {ROUNDS}, {}", if flooded { "flood" } else { "calm" }));
            scene.side(options, flooded, &mut report).await?;
        }
    }
    let due = (first + scene.printed.len()) * ARTICLES as usize;
    until("the receipts' arrival", || due <= subscriber.tally().times.len()).await?;
    let arrived = subscriber.tally().times.clone();
    let arrived = arrived.chunks(ARTICLES as usize).filter_map(|it| it.first().copied());
    let times = scene.agent.accepted().into_iter().skip(first).zip(arrived.skip(first));
    for ((flooded, written), (accepted, arrived)) in scene.printed.iter().zip(times) {
        report.receipt(*flooded, accepted - *written, arrived - *written);
    }
    report.offered = scene.heard;
    report.taken = scene.agent.stop().await?;
    Ok(report)
}

struct Scene {
    agent: Agent,
    till: Pty,
    receiver: Pty,
    /// Whether there was a flood, and when the receipt's last byte was written.
    printed: Vec<(bool, Instant)>,
    /// Advertisements of strangers that were written.
    heard: u64,
    /// The next one's number.
    next: u32,
}

impl Scene {
    async fn side(&mut self, options: &Options, flooded: bool, report: &mut Report) -> Result<()> {
        let (begun, cpu, before) = (Instant::now(), self.agent.cpu(), self.agent.memory()?);
        let (heard, first) = (self.heard, self.printed.len());
        let end = begun + Duration::from_secs(options.seconds.into());
        let mut peak = before;
        if flooded {
            let mut flood = Flood { next: &mut self.next, heard: &mut self.heard };
            let (till, agent) = (&mut self.till, &self.agent);
            let printing = print(till, &mut self.printed, agent, end);
            let flooding = flood.run(&mut self.receiver, options, end);
            let looking = highest(agent, &mut peak, end);
            let (printing, flooding, looking) = tokio::join!(printing, flooding, looking);
            printing?;
            flooding?;
            looking?;
        } else {
            self.print_until(end).await?;
        }
        self.settle().await?;
        self.printed.iter_mut().skip(first).for_each(|it| it.0 = flooded);
        let seconds = begun.elapsed().as_secs_f64();
        let share = (self.agent.cpu() - cpu) / seconds;
        report.side(flooded, share, (self.heard - heard) as f64 / seconds);
        if flooded {
            report.memory(before, peak.max(self.agent.memory()?));
        }
        Ok(())
    }

    async fn print_until(&mut self, end: Instant) -> Result<()> {
        print(&mut self.till, &mut self.printed, &self.agent, end).await
    }

    async fn flood_until(&mut self, options: &Options, end: Instant) -> Result<()> {
        let mut flood = Flood { next: &mut self.next, heard: &mut self.heard };
        flood.run(&mut self.receiver, options, end).await
    }

    /// Until all that was written is read and each receipt accepted.
    async fn settle(&self) -> Result<()> {
        let read = || self.receiver.unread().is_ok_and(|bytes| bytes == 0);
        until("the receiver's lines are read", read).await
    }
}

/// Receipts one by one; each is accepted before the next.
async fn print(
    till: &mut Pty,
    printed: &mut Vec<(bool, Instant)>,
    agent: &Agent,
    end: Instant,
) -> Result<()> {
    while Instant::now() < end {
        let number = agent.accepted().len() as u32;
        till.write_all(&lines::receipts(number, number + 1)).await?;
        printed.push((false, Instant::now()));
        let next = Instant::now() + ALONE;
        until("a receipt is accepted", || number < agent.accepted().len() as u32).await?;
        sleep_until(next).await;
    }
    Ok(())
}

async fn highest(agent: &Agent, peak: &mut u64, end: Instant) -> Result<()> {
    while Instant::now() < end {
        *peak = (*peak).max(agent.memory()?);
        sleep(LOOK).await;
    }
    Ok(())
}

struct Flood<'a> {
    next: &'a mut u32,
    heard: &'a mut u64,
}

impl Flood<'_> {
    async fn run(&mut self, receiver: &mut Pty, options: &Options, end: Instant) -> Result<()> {
        let each = (u64::from(options.rate) * PIECE.as_millis() as u64 / 1000).max(1);
        let mut turns = interval(PIECE);
        while turns.tick().await < end {
            let mut piece = String::with_capacity(each as usize * 64);
            for _ in 0..each {
                self.line(&mut piece, options.addresses);
            }
            receiver.write_all(piece.as_bytes()).await?;
        }
        Ok(())
    }

    /// A phone's, whose address looks like a resolvable one, or now and then the tag's.
    fn line(&mut self, out: &mut String, addresses: u32) {
        *self.next = self.next.wrapping_add(1);
        let written = if self.next.is_multiple_of(TAG_EACH) {
            out.write_str("$GPRP,A4C1388D18B2,F008D1798C00,-50,020106\r\n")
        } else {
            *self.heard += 1;
            let n = *self.heard % u64::from(addresses);
            let data = *self.next;
            write!(out, "$GPRP,40{n:010X},F008D1798C00,-70,0201060AFF4C001005{data:08X}00\r\n")
        };
        debug_assert!(written.is_ok(), "a string takes everything");
    }
}

fn config(folder: &std::path::Path, port: u16, till: &Pty, receiver: &Pty) -> String {
    format!(
        "[gateway]\nid = \"gw\"\ntenant = \"flood\"\nstore_id = 7\ntimezone = \"UTC\"\ncurrency = \"EUR\"\n\
         data_dir = \"{}\"\n\n[mqtt]\nurl = \"mqtt://127.0.0.1:{port}\"\nconfirm = \"broker\"\n\
         \n[[serial]]\nname = \"till\"\nport = \"{}\"\nbaud = 115200\ndialect = \"escpos-generic\"\n\
         \n[[receiver]]\nname = \"radio\"\nzone = \"Z\"\nkind = \"serial\"\nport = \"{}\"\nbaud = 921600\n\
         \n[[tag]]\nid = \"cart\"\nclass = \"asset\"\nmatch = {{ mac = \"A4:C1:38:8D:18:B2\" }}\n",
        folder.join("data").display(),
        till.path().display(),
        receiver.path().display(),
    )
}

async fn until(what: &str, done: impl Fn() -> bool) -> Result<()> {
    let end = Instant::now() + limits::FLOOD_PATIENCE;
    while !done() {
        ensure!(Instant::now() < end, "waited in vain: {what}");
        sleep(Duration::from_millis(1)).await;
    }
    Ok(())
}
