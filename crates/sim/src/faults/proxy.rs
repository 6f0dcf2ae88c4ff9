//! A wire to the broker that can be cut, swallow everything, or be thin.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use super::fail::Fail;
use super::wait::pass;
use crate::limits;

/// What the wire does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Wire {
    /// It carries everything.
    Whole,
    /// Connections stand and nothing comes through: half open.
    Swallows,
    /// Connections break, and new ones as well.
    Cut,
    /// 64 kbit/s each way.
    Thin,
}

/// See the module's documentation.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    to: u16,
    wire: AtomicU8,
    ended: AtomicBool,
    attempts: AtomicUsize,
}

impl Proxy {
    /// On a free port, to that port of this machine.
    pub fn start(to: u16) -> Result<Self, Fail> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            to,
            wire: AtomicU8::new(Wire::Whole as u8),
            ended: AtomicBool::new(false),
            attempts: AtomicUsize::new(0),
        });
        let all = shared.clone();
        std::thread::spawn(move || {
            for inward in listener.incoming().map_while(Result::ok) {
                if all.ended.load(Relaxed) {
                    return;
                }
                all.attempts.fetch_add(1, Relaxed);
                // One that fails is closed, as by a broker that is away.
                let _ = carry(&inward, &all);
            }
        });
        Ok(Self { port, shared })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// From now on.
    pub fn set(&self, wire: Wire) {
        self.shared.wire.store(wire as u8, Relaxed);
    }

    /// Connections that were tried so far.
    pub fn attempts(&self) -> usize {
        self.shared.attempts.load(Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Relaxed);
        self.set(Wire::Cut);
        // So that the listener looks.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn carry(inward: &TcpStream, all: &Arc<Shared>) -> std::io::Result<()> {
    if is(all, Wire::Cut) {
        return Ok(());
    }
    let outward = TcpStream::connect(("127.0.0.1", all.to))?;
    for stream in [inward, &outward] {
        stream.set_read_timeout(Some(limits::FAULT_LOOK))?;
    }
    for (from, to) in [(inward, &outward), (&outward, inward)] {
        let (from, to, all) = (from.try_clone()?, to.try_clone()?, all.clone());
        std::thread::spawn(move || copy(&from, &to, &all));
    }
    Ok(())
}

/// Until either side ends, or the wire is cut.
fn copy(mut from: &TcpStream, mut to: &TcpStream, all: &Shared) {
    let mut bytes = [0; 1024];
    while !is(all, Wire::Cut) {
        if is(all, Wire::Swallows) {
            pass(limits::FAULT_LOOK);
            continue;
        }
        match from.read(&mut bytes) {
            Ok(0) => break,
            Ok(count) => {
                if is(all, Wire::Thin) {
                    pass(Duration::from_micros(125 * count as u64));
                }
                if to.write_all(bytes.get(..count).unwrap_or_default()).is_err() {
                    break;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
    }
    for stream in [from, to] {
        let _ = stream.shutdown(std::net::Shutdown::Both);
    }
}

fn is(all: &Shared, wire: Wire) -> bool {
    all.wire.load(Relaxed) == wire as u8
}
