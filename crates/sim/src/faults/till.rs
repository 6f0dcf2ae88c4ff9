//! A till on a pseudo-terminal, and what it printed; by itself in a thread where a fault needs a busy shop.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::civil::date;
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

use super::fail::Fail;
use super::wait::pass;
use crate::limits;
use crate::pty::{Pty, Sink as _};
use crate::store::{Device as _, ReceiptTruth, Said, Style, Till};

/// What was printed so far.
pub type Printed = Arc<Mutex<Vec<ReceiptTruth>>>;

/// See the module's documentation.
pub struct Line {
    runtime: Runtime,
    pty: Pty,
    till: Till,
    printed: Printed,
}

impl Line {
    /// A till of this name.
    pub fn new(name: &str, seed: u64) -> Result<Self, Fail> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let pty = open(&runtime)?;
        let opened = date(2026, 11, 21).at(9, 0, 0, 0);
        let till = Till::new(name, Style::Columns, opened, seed);
        Ok(Self { runtime, pty, till, printed: Printed::default() })
    }

    /// Another till of the same shop.
    pub fn beside(other: &Self, name: &str, seed: u64) -> Result<Self, Fail> {
        Ok(Self { printed: other.printed(), ..Self::new(name, seed)? })
    }

    /// Pulls its plug and puts it into another port.
    pub fn replug(&mut self) -> Result<(), Fail> {
        self.pty = open(&self.runtime)?;
        Ok(())
    }

    /// Its port.
    pub fn path(&self) -> String {
        self.pty.path().display().to_string()
    }

    /// What it printed, to be read also while it prints.
    pub fn printed(&self) -> Printed {
        self.printed.clone()
    }

    /// Prints so many receipts; waits where nobody reads.
    pub fn print(&mut self, count: usize) -> Result<(), Fail> {
        for _ in 0..count {
            let minutes = 60 * self.printed.lock().map_or(0, |all| all.len()) as u64;
            let utterance = self.till.next(Duration::from_secs(minutes));
            self.write(&utterance.bytes)?;
            if let Said::Receipt(receipt) = utterance.said {
                self.printed.lock().unwrap_or_else(PoisonError::into_inner).push(receipt);
            }
        }
        Ok(())
    }

    /// Prints so many receipts of so many articles each, as fast as they are read.
    pub fn print_large(&mut self, count: usize, articles: usize) -> Result<(), Fail> {
        for number in 1..=count {
            let lines = (1..=articles).map(|nth| format!("ARTICLE {nth}   1.00\n"));
            let body: String = lines.collect();
            let sums = format!("TOTAL   {articles}.00\nCASH   {articles}.00\n");
            self.write(format!("\x1b@RECEIPT # {number}\n{body}{sums}\x1dV\x00").as_bytes())?;
        }
        Ok(())
    }

    /// Prints one receipt with these bytes in its middle.
    pub fn print_around(&mut self, middle: &[u8]) -> Result<(), Fail> {
        self.print_halves(|line| line.write(middle))
    }

    /// Prints one receipt, and does this in its middle.
    pub fn print_with_pause(&mut self, act: impl FnOnce() -> Result<(), Fail>) -> Result<(), Fail> {
        self.print_halves(|_| act())
    }

    fn print_halves(
        &mut self,
        between: impl FnOnce(&mut Self) -> Result<(), Fail>,
    ) -> Result<(), Fail> {
        let utterance = self.till.next(Duration::ZERO);
        let (head, tail) = utterance.bytes.split_at(utterance.bytes.len() / 2);
        self.write(head)?;
        between(self)?;
        self.write(tail)?;
        if let Said::Receipt(receipt) = utterance.said {
            self.printed.lock().unwrap_or_else(PoisonError::into_inner).push(receipt);
        }
        Ok(())
    }

    /// Prints one receipt of which each byte becomes another; nobody could read it.
    pub fn print_changed(&mut self, change: impl Fn(u8) -> u8) -> Result<(), Fail> {
        let bytes: Vec<u8> = self.till.next(Duration::ZERO).bytes.into_iter().map(change).collect();
        self.write(&bytes)
    }

    /// Sends bytes that no till would print.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Fail> {
        let write = async { timeout(limits::FAULT_WRITE, self.pty.write_all(bytes)).await };
        match self.runtime.block_on(write) {
            Ok(written) => Ok(written?),
            Err(_late) => Err(Fail::Broken("nobody reads the till's line".to_owned())),
        }
    }

    /// Prints one receipt every so often until [`Busy::quiet`].
    pub fn busy(mut self, pause: Duration) -> Busy {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut printed = Ok(());
            while !told.load(Relaxed) && printed.is_ok() {
                printed = self.print(1);
                pass(pause);
            }
            (self, printed)
        });
        Busy { stop, thread: Some(thread) }
    }
}

fn open(runtime: &Runtime) -> Result<Pty, Fail> {
    let _inside = runtime.enter();
    Ok(Pty::open()?)
}

/// A till that prints by itself; it stops with this value.
pub struct Busy {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<(Line, Result<(), Fail>)>>,
}

impl Busy {
    /// The till falls silent.
    pub fn quiet(mut self) -> Result<Line, Fail> {
        self.stop.store(true, Relaxed);
        let ended = self.thread.take().map(JoinHandle::join);
        let (line, printed) =
            ended.and_then(Result::ok).ok_or_else(|| Fail::Trouble("the till's thread".into()))?;
        printed.map(|()| line)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.stop.store(true, Relaxed);
    }
}
