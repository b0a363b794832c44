//! One at a time: an advisory lock on a folder, which the kernel drops with its holder, so that
//! no crash ever leaves one behind and no file has to be removed.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::wait;

/// How long to wait for somebody else's build or installation.
const WAIT_MAX: Duration = Duration::from_mins(30);

/// Held as long as it lives.
#[derive(Debug)]
pub struct Lock {
    folder: File,
}

impl Lock {
    /// Takes the folder, or `None` when somebody holds it. The folder is made when missing.
    pub fn try_on(folder: &Path) -> Result<Option<Self>> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("The folder {} can't be made.", folder.display()))?;
        let file = File::open(folder)
            .with_context(|| format!("The folder {} can't be opened.", folder.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { folder: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error)
                .with_context(|| format!("The folder {} can't be locked.", folder.display())),
        }
    }

    /// Takes the folder, waiting for whoever holds it.
    pub fn on(folder: &Path) -> Result<Self> {
        let what = format!("another `cargo xtask` that works in {}", folder.display());
        wait::until(WAIT_MAX, &what, || Self::try_on(folder))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing alone is not enough: a child that another thread is starting right now holds a
        // copy until it becomes its program, and the lock with it.
        let _ = self.folder.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holder_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let held = Lock::on(folder.path()).unwrap();
        assert!(Lock::try_on(folder.path()).unwrap().is_none());
        drop(held);
        assert!(Lock::try_on(folder.path()).unwrap().is_some());
    }
}
