//! Tools that faults are made with, and the word when one is missing.

use std::process::Command;

use super::fail::Fail;

/// A wrapper that traces these system calls of the agent and does this to them (`strace -e inject=`). The tracer is a
/// detached grandchild: the agent stays our child, with its own process id.
pub fn tracer(calls: &[&str], inject: &str) -> Result<Vec<String>, Fail> {
    let works = Command::new("strace").args(["-D", "-e", "trace=none", "true"]).output();
    if !works.is_ok_and(|done| done.status.success()) {
        return Err(Fail::Skipped("strace is missing or not permitted".to_owned()));
    }
    let trace = format!("trace={}", calls.join(","));
    let words =
        ["strace", "-D", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", &trace, "-e"];
    let mut wrapper: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    wrapper.push(format!("inject={inject}"));
    Ok(wrapper)
}
