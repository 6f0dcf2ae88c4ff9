//! What the kernel's serial driver counted: `/proc/tty/driver/serial`.
//!
//! Only ports of the 8250 family (`/dev/ttyS*`) are there, and only root may read it: absent is normal. A line is
//! `0: uart:16550A port:000003F8 irq:4 tx:12 rx:345 fe:1 pe:2 oe:3 RTS|DTR`; a counter that is 0 is left out.

use std::path::Path;

const TABLE: &str = "/proc/tty/driver/serial";

/// Errors since the driver was loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KernelCounters {
    /// `oe`: the UART's buffer was full.
    pub overruns: u64,
    /// `fe`: no stop bit where one was due; what a wrong baud rate makes.
    pub framing: u64,
    /// `pe`
    pub parity: u64,
}

/// Reads the counters of the port that `node` leads to; `None` where the kernel tells nothing.
#[must_use]
pub fn read(node: &Path) -> Option<KernelCounters> {
    let device = std::fs::canonicalize(node).ok()?;
    let number = device.to_str()?.strip_prefix("/dev/ttyS")?.parse().ok()?;
    parse(&std::fs::read_to_string(TABLE).ok()?, number)
}

/// Finds the counters of port `number` in the text of `/proc/tty/driver/serial`.
fn parse(table: &str, number: u32) -> Option<KernelCounters> {
    let numbered = |line: &&str| {
        line.split_once(':').is_some_and(|(head, _)| head.trim().parse() == Ok(number))
    };
    let line = table.lines().find(numbered)?;
    if !line.contains(" rx:") {
        return None; // `uart:unknown`: nothing is there.
    }
    let value = |name| {
        let find = |word: &str| word.strip_prefix(name)?.strip_prefix(':')?.parse().ok();
        line.split_whitespace().find_map(find).unwrap_or(0)
    };
    Some(KernelCounters { overruns: value("oe"), framing: value("fe"), parity: value("pe") })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "serinfo:1.0 driver revision:\n\
        0: uart:16550A port:000003F8 irq:4 tx:12 rx:345 fe:1 pe:2 brk:9 oe:3 RTS|DTR\n\
        1: uart:16550A port:000002F8 irq:3 tx:0 rx:7 CTS|DSR\n\
        10: uart:unknown port:00000000 irq:0\n";

    #[test]
    fn counters_are_found_by_their_port() {
        let busy = KernelCounters { overruns: 3, framing: 1, parity: 2 };
        assert_eq!(parse(TABLE, 0), Some(busy));
        assert_eq!(parse(TABLE, 1), Some(KernelCounters::default()));
    }

    #[test]
    fn ports_without_hardware_and_unknown_ports_tell_nothing() {
        assert_eq!(parse(TABLE, 10), None);
        assert_eq!(parse(TABLE, 2), None);
        assert_eq!(parse("", 0), None);
        assert_eq!(parse("0: rx:x\n0", 7), None);
    }
}
