//! What a shop that runs for long is watched by.

use std::fs;

use super::Shop;

impl Shop {
    /// What the origin holds of memory, in KiB, where the system tells.
    pub fn origin_memory_kib(&self) -> Option<i64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.origin.pid())).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().strip_suffix("kB")?.trim().parse().ok()
    }

    /// How many mails there are; they are gone then.
    pub fn take_mails(&self) -> usize {
        let mails = fs::read_dir(self.folder.join("mail"));
        let mails = mails.into_iter().flatten().flatten();
        let finished = |mail: &fs::DirEntry| mail.path().extension().is_some_and(|it| it == "eml");
        mails
            .filter(finished)
            .filter(|mail| fs::remove_file(mail.path()).is_ok())
            .count()
    }
}
