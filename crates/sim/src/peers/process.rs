//! What processes cost, by /proc: those started here and all below them.

use std::collections::BTreeSet;
use std::fs;
use std::ops::{Add, Sub};

use rustix::process::{Pid, Signal, kill_process};

/// Clock ticks of a second in /proc/PID/stat; 100 on every Linux that userland sees.
const TICKS: f64 = 100.0;

/// What some processes have used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Cost {
    /// CPU time of user and system, in seconds.
    pub cpu: f64,
    /// Bytes that were given to the disk to write.
    pub written: u64,
    /// The most memory each had resident, added up, in kB.
    pub peak_kb: u64,
}

impl Add for Cost {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            written: self.written + other.written,
            peak_kb: self.peak_kb + other.peak_kb,
        }
    }
}

impl Sub for Cost {
    type Output = Self;

    /// What was used since `earlier`; the peak stays.
    fn sub(self, earlier: Self) -> Self {
        Self {
            cpu: self.cpu - earlier.cpu,
            written: self.written.saturating_sub(earlier.written),
            peak_kb: self.peak_kb,
        }
    }
}

/// Processes and their descendants.
#[derive(Clone, Debug, Default)]
pub struct Tree(BTreeSet<u32>);

impl Tree {
    /// These and all that descend from them now.
    pub fn below(roots: &[u32]) -> Self {
        let parents: Vec<(u32, u32)> = all().filter_map(|pid| Some((pid, parent(pid)?))).collect();
        let mut tree: BTreeSet<u32> = roots.iter().copied().collect();
        loop {
            let before = tree.len();
            let children = parents.iter().filter(|(_, parent)| tree.contains(parent));
            let found: Vec<u32> = children.map(|(child, _)| *child).collect();
            tree.extend(found);
            if tree.len() == before {
                return Self(tree);
            }
        }
    }

    /// All but these.
    pub fn without(mut self, pids: &[u32]) -> Self {
        self.0.retain(|pid| !pids.contains(pid));
        self
    }

    /// What they have used so far.
    pub fn cost(&self) -> Cost {
        self.0.iter().filter_map(|pid| cost(*pid)).fold(Cost::default(), Add::add)
    }

    /// Ends them all as a power cut would: they have no time for anything.
    pub fn kill(&self) {
        for pid in self.0.iter().filter_map(|pid| Pid::from_raw(i32::try_from(*pid).ok()?)) {
            // It may have ended a moment ago.
            let _gone = kill_process(pid, Signal::KILL);
        }
    }
}

fn all() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The fields of /proc/PID/stat after the name, which may hold spaces itself.
fn stat(pid: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, fields) = text.rsplit_once(") ")?;
    Some(fields.split(' ').map(str::to_owned).collect())
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.get(1)?.parse().ok()
}

fn cost(pid: u32) -> Option<Cost> {
    let fields = stat(pid)?;
    // utime, stime, and those of children that have ended: proc(5), fields 14 to 17.
    let ticks: u64 = fields.get(11..15)?.iter().filter_map(|field| field.parse::<u64>().ok()).sum();
    Some(Cost {
        cpu: ticks as f64 / TICKS,
        written: number(pid, "io", "write_bytes:")?,
        peak_kb: number(pid, "status", "VmHWM:")?,
    })
}

fn number(pid: u32, file: &str, key: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(key))?;
    value.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_tree_holds_grandchildren_and_dies_as_a_whole() {
        let mut root = Command::new("sh").args(["-c", "sleep 1000 & wait"]).spawn().unwrap();
        let both = || Some(Tree::below(&[root.id()])).filter(|tree| tree.0.len() == 2);
        let tree = std::iter::repeat_with(both).flatten().next().unwrap();
        assert!(tree.cost().peak_kb > 0);
        tree.kill();
        assert!(!root.wait().unwrap().success());
        let ended = |pid: &u32| stat(*pid).is_none_or(|fields| ["Z", "X"].contains(&&*fields[0]));
        while !tree.0.iter().filter(|pid| **pid != root.id()).all(ended) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn what_was_used_before_does_not_count() {
        let cost = |cpu, written, peak_kb| Cost { cpu, written, peak_kb };
        assert_eq!(cost(3.0, 10, 7) - cost(1.0, 4, 5), cost(2.0, 6, 7));
        assert_eq!(cost(3.0, 10, 7) + cost(1.0, 4, 5), cost(4.0, 14, 12));
    }
}
