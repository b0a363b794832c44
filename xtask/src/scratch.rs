//! A folder for one run of one program, such as of a test's binary.
//!
//! Nothing static is dropped at the end of a process, and a run that is killed drops nothing at all.
//! So a run clears up behind those of the same program that are gone; until then their logs can be read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::lock::Lock;

/// Held as long as the run lasts; what is in it stays when it is dropped.
#[derive(Debug)]
pub struct Scratch {
    folder: PathBuf,
    _lock: Lock,
}

impl Scratch {
    /// A new folder in `runs`, which belongs to one program. Those that no process holds are removed, and one
    /// that can't be is left to a later run: somebody else's, or one whose children are just ending.
    pub fn open(runs: &Path) -> Result<Self> {
        // A folder that is made but not held yet must not be taken for one that was left.
        let _alone = Lock::on(runs)?;
        for entry in std::fs::read_dir(runs)? {
            let run = entry?.path();
            if let Ok(Some(_left)) = Lock::try_on(&run) {
                let _ = std::fs::remove_dir_all(&run);
            }
        }
        let folder = runs.join(std::process::id().to_string());
        let lock = Lock::try_on(&folder)?.context("A folder that was made just now is held.")?;
        Ok(Self {
            folder,
            _lock: lock,
        })
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_clears_up_behind_those_that_are_gone() {
        let runs = tempfile::tempdir().unwrap();
        let gone = runs.path().join("1");
        std::fs::create_dir_all(gone.join("postgres/data")).unwrap();
        std::fs::write(runs.path().join("no folder"), "").unwrap();
        let other = Lock::on(&runs.path().join("2")).unwrap();
        let scratch = Scratch::open(runs.path()).unwrap();
        assert!(!gone.exists());
        assert!(runs.path().join("2").exists(), "it is held");
        assert!(scratch.folder().exists());
        let folder = scratch.folder().to_owned();
        drop((scratch, other));
        assert!(folder.exists(), "its logs can be read");
    }
}
