//! A log that nobody reads: a pipe, which whoever writes to it waits for once it is full.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use tokio::net::unix::pipe::{OpenOptions, Sender};
use xtask::process;

/// A pipe with a name, kept open and never read.
#[derive(Debug)]
pub struct Unread {
    pipe: Sender,
    path: PathBuf,
}

impl Unread {
    /// An empty one below that folder.
    pub(super) fn make(folder: &Path) -> Self {
        let path = folder.join("unread");
        process::run(
            "mkfifo",
            Command::new("mkfifo").arg(&path),
            "It needs coreutils.",
        )
        .expect("a pipe");
        // For both, so that it can be opened before anybody else is there.
        let pipe = OpenOptions::new().read_write(true).open_sender(&path);
        Self {
            pipe: pipe.expect("the pipe opens"),
            path,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Fills it. Whoever writes to it from here on waits.
    pub async fn fill(&self) {
        const PAGE: [u8; 4096] = [b'\n'; 4096];
        self.pipe.writable().await.expect("the pipe is open");
        loop {
            match self.pipe.try_write(&PAGE) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("the pipe breaks: {error}"),
            }
        }
    }
}
