//! Ending a program together with what it has started.

use std::collections::BTreeMap;

use rustix::process::{Pid, Signal, kill_process};

/// Ends the processes that this one has started, and those that these have started, and then itself. Where the system does not
/// show its processes as files, only itself.
pub(crate) fn end_with_children(id: u32) {
    let parents = parents();
    let mut family = vec![id];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        family.extend(parents.iter().filter(|(_, of)| **of == parent).map(|(child, _)| *child));
        next += 1;
    }
    for id in family.into_iter().rev() {
        if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            // One that has ended meanwhile needs no signal.
            let _ended = kill_process(pid, Signal::KILL);
        }
    }
}

/// The parent of each process.
fn parents() -> BTreeMap<u32, u32> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| {
            let id = entry.file_name().to_string_lossy().parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            // The name stands in brackets and may hold anything: what follows the last one is of fixed form, state then parent.
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((id, parent))
        })
        .collect()
}
