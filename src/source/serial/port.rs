//! A real serial port: locked, opened, checked.
//!
//! # Who may hold a port
//! One process, by `flock` on the node, which the kernel undoes when the holder dies. serialport takes an
//! exclusive lock on the very descriptor it reads from, and sets `TIOCEXCL` first. Two things are mended here:
//! - It sets `TIOCEXCL` before it knows that it gets the lock, and clears it when it does not: opening would
//!   undo another program's claim. So the lock is tried on a descriptor of our own before.
//! - On a pty, `TIOCEXCL` outlives a killed holder as long as the other side is open, and then nobody but root
//!   can open it. So it is cleared there; the `flock` stays.
//!
//! Opening shared instead would not do: that takes a shared lock, so that two agents were both let in.

use std::fs::{File, Metadata, TryLockError};
use std::future::Future;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use tokio::io::{AsyncReadExt, AsyncWriteExt as _};
use tokio_serial::{ErrorKind, FlowControl, SerialPort as _, SerialPortBuilder, SerialStream};

use super::format::Opened;
use super::kernel::{self, KernelCounters};
use crate::config::SerialLine;
use crate::source::DownReason;

/// Something that can be opened again and again: a node by its path, or a script in tests.
pub trait Opener {
    type Port: Port;

    /// Opens the port; the last one must be dropped before, since an open one holds its name.
    fn open(&mut self) -> impl Future<Output = Result<Self::Port, DownReason>> + Send;

    /// Whether the node is still the one that was opened.
    fn is_there(&self) -> bool;

    /// What the kernel's driver counted, where it tells.
    fn kernel_counters(&self) -> Option<KernelCounters>;
}

/// An open port.
pub trait Port {
    /// Waits for bytes; 0 of them mean that the device is gone. May be dropped without losing any.
    fn read(&mut self, buffer: &mut [u8]) -> impl Future<Output = io::Result<usize>> + Send;

    /// Sends bytes to the device.
    fn write(&mut self, bytes: &[u8]) -> impl Future<Output = io::Result<()>> + Send;
}

impl Port for SerialStream {
    async fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        AsyncReadExt::read(self, buffer).await
    }

    async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes).await
    }
}

/// Opens a tty by its path.
#[derive(Debug)]
pub struct Tty {
    line: SerialLine,
    /// The node behind the path when it was last opened.
    node: Option<Node>,
    /// Told once: how the settings differ from those asked for.
    warned: Option<String>,
}

/// What tells one node from another that took its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Node {
    filesystem: u64,
    inode: u64,
    device: u64,
}

impl Node {
    fn of(metadata: &Metadata) -> Self {
        Self { filesystem: metadata.dev(), inode: metadata.ino(), device: metadata.rdev() }
    }

    /// Unix98 pty slaves have the majors 136 to 143.
    fn is_pty(self) -> bool {
        (136..=143).contains(&rustix::fs::major(self.device))
    }
}

impl Tty {
    /// For a line that is not open yet.
    #[must_use]
    pub fn new(line: SerialLine) -> Self {
        Self { line, node: None, warned: None }
    }

    fn warn_of(&mut self, difference: Option<String>) {
        if let Some(text) = &difference
            && self.warned != difference
        {
            tracing::warn!(port = %self.line.port.display(), "the port keeps other settings: {text}");
        }
        self.warned = difference;
    }
}

impl Opener for Tty {
    type Port = SerialStream;

    async fn open(&mut self) -> Result<SerialStream, DownReason> {
        self.node = None;
        let line = self.line.clone();
        // Opening asks the device, which takes milliseconds on USB and longer on a hub that is going away.
        let opened = tokio::task::spawn_blocking(move || open(&line)).await;
        let (port, node) = opened.map_err(|error| DownReason::Other(error.to_string()))??;
        self.node = Some(node);
        self.warn_of(difference(&port, &self.line));
        Ok(port)
    }

    fn is_there(&self) -> bool {
        match std::fs::metadata(&self.line.port) {
            Ok(metadata) => self.node == Some(Node::of(&metadata)),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    fn kernel_counters(&self) -> Option<KernelCounters> {
        kernel::read(&self.line.port)
    }
}

fn open(line: &SerialLine) -> Result<(SerialStream, Node), DownReason> {
    // Stays open until the port is: closing in between would let DTR drop and reset some devices.
    let guard = open_guard(&line.port)?;
    let node = Node::of(&guard.metadata().map_err(|error| DownReason::of(&error))?);
    let port = SerialStream::open(&builder(line)).map_err(|error| refusal(&error))?;
    if node.is_pty() {
        let _ = rustix::termios::ioctl_tiocnxcl(&guard);
    }
    Ok((port, node))
}

fn open_guard(path: &Path) -> Result<File, DownReason> {
    let flags = OFlags::RDONLY | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let opened = rustix::fs::open(path, flags, Mode::empty());
    let guard = File::from(opened.map_err(|error| DownReason::of(&error.into()))?);
    if !rustix::termios::isatty(&guard) {
        return Err(DownReason::Other("not a serial port".to_owned()));
    }
    match guard.try_lock() {
        Ok(()) => guard.unlock().map_err(|error| DownReason::of(&error))?,
        Err(TryLockError::WouldBlock) => return Err(DownReason::Busy),
        Err(TryLockError::Error(error)) => return Err(DownReason::of(&error)),
    }
    Ok(guard)
}

fn builder(line: &SerialLine) -> SerialPortBuilder {
    let opened = Opened::new(line.format);
    // Flow control would swallow 11h and 13h, which occur in raster data. Nothing but a poll is sent, and DTR and RTS
    // are left to the kernel.
    tokio_serial::new(line.port.to_string_lossy(), line.baud)
        .data_bits(opened.data_bits)
        .parity(opened.parity)
        .stop_bits(opened.stop_bits)
        .flow_control(FlowControl::None)
        .exclusive(true)
}

/// Why serialport refuses, after the node was there, ours to open, and not locked.
fn refusal(error: &tokio_serial::Error) -> DownReason {
    match error.kind() {
        // Both EBUSY and a lock that another got in the meantime.
        ErrorKind::NoDevice => DownReason::Busy,
        ErrorKind::Io(io::ErrorKind::NotFound) => DownReason::Missing,
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => DownReason::Denied,
        ErrorKind::InvalidInput | ErrorKind::Unknown => DownReason::Settings(error.to_string()),
        ErrorKind::Io(_) => DownReason::Other(error.to_string()),
    }
}

/// serialport only checks that raw mode was taken; the rest is read back here.
fn difference(port: &SerialStream, line: &SerialLine) -> Option<String> {
    let asked = Opened::new(line.format);
    let mut different = Vec::new();
    let mut compare = |name: &str, got: String, asked: String| {
        if got != asked {
            different.push(format!("{name} {got} instead of {asked}"));
        }
    };
    compare("baud", text(port.baud_rate()), line.baud.to_string());
    compare("data bits", text(port.data_bits()), asked.data_bits.to_string());
    compare("parity", text(port.parity()), asked.parity.to_string());
    compare("stop bits", text(port.stop_bits()), asked.stop_bits.to_string());
    (!different.is_empty()).then(|| different.join(", "))
}

fn text(setting: tokio_serial::Result<impl ToString>) -> String {
    setting.map_or_else(|error| error.to_string(), |setting| setting.to_string())
}
