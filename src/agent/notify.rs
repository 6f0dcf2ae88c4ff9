//! What systemd is told of the service: that it is ready, alive, about to stop (`sd_notify(3)`).
//!
//! One datagram to the socket that `NOTIFY_SOCKET` names: a path, or after an `@` a name of the abstract namespace.
//! Sockets of virtual machines (`vsock:…`) are not served. Without systemd nobody is told, and that is no error: a
//! service that cannot tell is not worth ending for, so callers may leave errors alone.

use std::ffi::OsStr;
use std::io;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use crate::limits;

/// It is up: `Type=notify` waits for this.
pub const READY: &str = "READY=1";
/// It is about to end.
pub const STOPPING: &str = "STOPPING=1";
/// It is alive.
pub const WATCHDOG: &str = "WATCHDOG=1";

/// Tells `state` to the service manager, where there is one.
///
/// # Errors
/// When its socket does not take it within [`limits::NOTIFY_PATIENCE`].
pub fn notify(state: &str) -> io::Result<()> {
    match std::env::var_os("NOTIFY_SOCKET") {
        Some(socket) if !socket.is_empty() => send(&socket, state),
        _ => Ok(()),
    }
}

/// How long the service manager waits for [`WATCHDOG`] before it ends this process; `None`: it does not wait.
#[must_use]
pub fn watchdog() -> Option<Duration> {
    let read = |name| std::env::var(name).ok();
    patience(read("WATCHDOG_USEC"), read("WATCHDOG_PID"), std::process::id())
}

fn send(socket: &OsStr, state: &str) -> io::Result<()> {
    let address = match socket.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(socket)?,
    };
    let sender = UnixDatagram::unbound()?;
    sender.set_write_timeout(Some(limits::NOTIFY_PATIENCE))?;
    sender.send_to_addr(state.as_bytes(), &address)?;
    Ok(())
}

/// `pid` names the process that is meant; without it, any.
fn patience(micros: Option<String>, pid: Option<String>, own: u32) -> Option<Duration> {
    if pid.is_some_and(|pid| pid.parse() != Ok(own)) {
        return None;
    }
    let micros: u64 = micros?.parse().ok()?;
    (micros > 0).then(|| Duration::from_micros(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells it to a socket at `address`, under that `name`.
    fn check(name: &OsStr, address: &SocketAddr) {
        let listens = UnixDatagram::bind_addr(address).unwrap();
        send(name, READY).unwrap();
        send(name, STOPPING).unwrap();
        let mut told = [0; 64];
        let mut next = || {
            let length = listens.recv(&mut told).unwrap();
            String::from_utf8_lossy(&told[..length]).into_owned()
        };
        assert_eq!([next(), next()], ["READY=1", "STOPPING=1"]);
    }

    #[test]
    fn it_is_told_to_a_path_and_to_an_abstract_name() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("notify");
        check(path.as_os_str(), &SocketAddr::from_pathname(&path).unwrap());
        let name = format!("tillgate-{}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        check(OsStr::new(&format!("@{name}")), &address);
    }

    #[test]
    fn a_manager_that_is_not_there_is_an_error_and_no_more() {
        for name in ["/no/such/socket", "@no-such-socket-of-tillgate", "vsock:2:1234"] {
            assert!(send(OsStr::new(name), READY).is_err(), "{name}");
        }
    }

    #[test]
    fn the_watchdog_waits_for_the_process_that_is_named() {
        let check = |micros: &str, pid: Option<&str>, expected: Option<u64>| {
            let found = patience(Some(micros.to_owned()), pid.map(str::to_owned), 7);
            assert_eq!(found, expected.map(Duration::from_secs), "{micros} {pid:?}");
        };
        check("30000000", Some("7"), Some(30));
        check("30000000", None, Some(30));
        check("30000000", Some("8"), None);
        check("30000000", Some("x"), None);
        check("0", None, None);
        check("soon", None, None);
        assert_eq!(patience(None, None, 7), None);
    }
}
