//! While the shop runs: tells of mail, notices a child's death, waits for the user's Ctrl-C.

use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, bail};

use super::mail::Mailbox;
use crate::process::Running;
use crate::{interrupt, wait, wrangler};

/// How often to look. Short enough to seem immediate, long enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Looks until the user asks to stop (`Ok`) or something dies (`Err`, which says what and why).
pub(super) fn watch(
    children: &mut [&mut Running],
    wrangler_log: &Path,
    mailbox: &mut Mailbox,
) -> Result<()> {
    let mut wrangler = Follower::at_end(wrangler_log);
    while !wait::settle(LOOK_EVERY, interrupt::requested) {
        for line in mailbox.fresh() {
            println!("{line}");
        }
        for child in &mut *children {
            child.check()?;
        }
        // Wrangler starts another workerd and goes on. What was in memory is lost, though, and
        // whoever develops should know of every crash.
        if let Some(line) = wrangler.find(wrangler::RUNTIME_CRASHED) {
            bail!(
                "workerd ended. The end of {}:\n    {line}",
                wrangler_log.display()
            );
        }
    }
    Ok(())
}

/// Reads what is appended to a file.
struct Follower {
    file: PathBuf,
    offset: u64,
}

impl Follower {
    fn at_end(file: &Path) -> Self {
        let offset = std::fs::metadata(file).map_or(0, |found| found.len());
        Self {
            file: file.to_owned(),
            offset,
        }
    }

    /// The first new line that contains `words`. A line counts once it is complete.
    fn find(&mut self, words: &str) -> Option<String> {
        let mut fresh = Vec::new();
        let mut file = std::fs::File::open(&self.file).ok()?;
        file.seek(SeekFrom::Start(self.offset)).ok()?;
        file.read_to_end(&mut fresh).ok()?;
        let complete = fresh.iter().rposition(|byte| *byte == b'\n')? + 1;
        fresh.truncate(complete);
        self.offset += complete as u64;
        let fresh = String::from_utf8_lossy(&fresh);
        fresh
            .lines()
            .find(|line| line.contains(words))
            .map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn only_complete_new_lines_are_read() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"crashed before\n").unwrap();
        let mut follower = Follower::at_end(file.path());
        assert_eq!(follower.find("crashed"), None);
        file.write_all(b"fine\nit cra").unwrap();
        assert_eq!(follower.find("crashed"), None);
        file.write_all(b"shed\n").unwrap();
        assert_eq!(follower.find("crashed").as_deref(), Some("it crashed"));
        assert_eq!(follower.find("crashed"), None);
    }
}
