//! A cgroup with little memory for the agent, v2 or v1, made as root.
//!
//! Where it cannot be made the reason is told; the run then only measures. The group is removed at the end, which needs
//! that all in it has ended; one that an interrupted run left is removed by the next.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::limits::SOAK_MEMORY;

/// Before the process id.
const NAME: &str = "tillgate-soak-";

/// See the module's documentation.
pub struct Cage {
    folder: PathBuf,
    v2: bool,
}

/// What became of those inside.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pressure {
    /// The most memory that the group had, with cached pages of files.
    pub peak_kb: u64,
    /// Processes that the kernel killed for want of memory.
    pub killed: u64,
}

impl Cage {
    /// Makes one, or says why there is none.
    pub fn new() -> Result<Self, String> {
        let name = format!("{NAME}{}", std::process::id());
        let mount = Path::new("/sys/fs/cgroup");
        let v2 = mount.join("cgroup.controllers").exists();
        let parent = mount.join(if v2 { "" } else { "memory" });
        let folder = parent.join(name);
        sweep(&parent);
        let make = || -> io::Result<()> {
            if v2 {
                fs::write(mount.join("cgroup.subtree_control"), "+memory")?;
            }
            fs::create_dir(&folder)?;
            let limit = if v2 { "memory.max" } else { "memory.limit_in_bytes" };
            fs::write(folder.join(limit), SOAK_MEMORY.to_string())?;
            if v2 {
                fs::write(folder.join("memory.swap.max"), "0")?;
            }
            Ok(())
        };
        match make() {
            Ok(()) => Ok(Self { folder, v2 }),
            Err(error) => {
                // Half of one is of no use; most often it is not there at all.
                let _absent = fs::remove_dir(&folder);
                Err(format!("no cgroup of {} MB: {error}", SOAK_MEMORY >> 20))
            }
        }
    }

    /// Which kind.
    pub fn kind(&self) -> &'static str {
        if self.v2 { "v2" } else { "v1" }
    }

    /// Words before a command that put it inside.
    pub fn wrapper(&self) -> Vec<String> {
        let enter = format!("echo $$ > {}/cgroup.procs && exec \"$@\"", self.folder.display());
        ["sh", "-c", &enter, "sh"].map(str::to_owned).to_vec()
    }

    /// What became of those inside.
    pub fn pressure(&self) -> Pressure {
        let (peak, events) = if self.v2 {
            ("memory.peak", "memory.events")
        } else {
            ("memory.max_usage_in_bytes", "memory.oom_control")
        };
        let text = |file| fs::read_to_string(self.folder.join(file)).unwrap_or_default();
        Pressure {
            peak_kb: text(peak).trim().parse::<u64>().unwrap_or(0) / 1024,
            killed: kills(&text(events)),
        }
    }
}

/// Removes groups whose run is over.
fn sweep(parent: &Path) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        if left(&entry.file_name().to_string_lossy()) {
            // One with somebody inside stays.
            let _busy = fs::remove_dir(entry.path());
        }
    }
}

/// Whether a group of this name is one of ours and its run is over: at times nobody is inside of one that is not.
fn left(name: &str) -> bool {
    name.strip_prefix(NAME).is_some_and(|pid| !Path::new("/proc").join(pid).exists())
}

/// Both kinds say it in a line of this name.
fn kills(text: &str) -> u64 {
    let count = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
    count.and_then(|count| count.trim().parse().ok()).unwrap_or(0)
}

impl Drop for Cage {
    fn drop(&mut self) {
        // Somebody inside that has not quite ended keeps it: an empty folder stays.
        let _busy = fs::remove_dir(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_groups_of_runs_that_are_over_are_removed() {
        let own = format!("{NAME}{}", std::process::id());
        let gone = format!("{NAME}4194305");
        for (name, expected) in [(own.as_str(), false), (&gone, true), ("user.slice", false)] {
            assert_eq!(left(name), expected, "{name}");
        }
    }

    #[test]
    fn both_kinds_of_group_say_how_many_were_killed() {
        for (text, expected) in [
            ("oom_kill_disable 0\nunder_oom 0\noom_kill 2\n", 2),
            ("low 0\nhigh 0\nmax 9\noom 1\noom_kill 1\noom_group_kill 0\n", 1),
            ("", 0),
        ] {
            assert_eq!(kills(text), expected, "{text}");
        }
    }
}
