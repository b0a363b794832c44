//! Processor time of processes and all their descendants, from `/proc`.
//!
//! A descendant that ended was added to its parent by the kernel, so a tree's time is its root's
//! own, its root's ended children's, and its living descendants' [`proc_pid_stat(5)`]. Systems without
//! `/proc` have no figures.

use std::collections::BTreeMap;
use std::path::Path;

/// A process whose processor time is read, with its descendants.
#[derive(Debug, Clone)]
pub(crate) struct Watched {
    /// What its figure is called.
    pub(crate) name: &'static str,
    /// Its process id.
    pub(crate) pid: u32,
}

/// Clock ticks that each watched tree has used so far.
#[derive(Debug)]
pub(crate) struct Reading(BTreeMap<&'static str, u64>);

impl Reading {
    /// Reads them now.
    pub(crate) fn of(watched: &[Watched]) -> Self {
        let all = processes(Path::new("/proc"));
        let read = |one: &Watched| {
            all.contains_key(&one.pid)
                .then(|| (one.name, ticks(&all, one.pid)))
        };
        Self(watched.iter().filter_map(read).collect())
    }

    /// Microseconds of each a request.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(crate) fn per_request(before: &Self, after: &Self, requests: u64) -> BTreeMap<String, f64> {
        let tick_us = 1e6 / rustix::param::clock_ticks_per_second() as f64;
        let used = |(name, ticks): (&&'static str, &u64)| {
            let ticks = ticks.saturating_sub(*before.0.get(name)?);
            Some(((*name).to_owned(), ticks as f64 * tick_us / requests as f64))
        };
        after.0.iter().filter_map(used).collect()
    }
}

/// One process, as `/proc/<pid>/stat` has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Process {
    parent: u32,
    /// User and system time, its own and its ended children's.
    ticks: u64,
}

fn processes(proc: &Path) -> BTreeMap<u32, Process> {
    let Ok(folder) = std::fs::read_dir(proc) else {
        return BTreeMap::new();
    };
    folder
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let pid = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            Some((pid, parse(&stat)?))
        })
        .collect()
}

/// Reads the line. The program's name may hold anything, so what follows its last parenthesis
/// counts.
fn parse(stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
    Some(Process {
        parent: fields.get(1)?.parse().ok()?,
        ticks: number(11)? + number(12)? + number(13)? + number(14)?,
    })
}

fn ticks(all: &BTreeMap<u32, Process>, root: u32) -> u64 {
    let own = all.get(&root).map_or(0, |process| process.ticks);
    let children = all
        .iter()
        .filter(|(pid, process)| process.parent == root && **pid != root);
    own + children.map(|(pid, _)| ticks(all, *pid)).sum::<u64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_stat() {
        let line = "42 (a) b) S 7 42 42 0 -1 4194560 1 2 3 4 10 20 30 40 20 0 1 0";
        let process = Process {
            parent: 7,
            ticks: 100,
        };
        assert_eq!(parse(line), Some(process));
        for bad in ["", "42 (x", "42 (x) S 7"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_tree_is_its_root_and_its_descendants() {
        let all = [(1, 0, 1000), (2, 1, 10), (3, 2, 5), (4, 3, 1), (5, 1, 500)]
            .map(|(pid, parent, ticks)| (pid, Process { parent, ticks }))
            .into();
        for (root, expected) in [(2, 16), (4, 1), (9, 0)] {
            assert_eq!(ticks(&all, root), expected, "{root}");
        }
    }
}
