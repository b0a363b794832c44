//! Under whose name Postgres runs: it refuses root, and a user without an entry in passwd.
//!
//! 1. An ordinary user: as that user.
//! 2. Root, and everybody may enter the folders of binaries and data: as user 65534.
//! 3. Else, as below /root: in a user namespace, where root's own rights reach the folders and
//!    Postgres sees itself as 65534.

use std::fs::Metadata;
use std::os::unix::fs::{MetadataExt, PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::binaries::Binaries;
use crate::process;

/// `nobody`, everywhere.
const NOBODY: u32 = 65_534;

/// How to start Postgres's programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    Own,
    Nobody,
    Namespace,
}

impl Account {
    /// Chooses, and makes `folder`, which must exist, that account's own.
    pub(super) fn choose(binaries: &Binaries, folder: &Path) -> Result<Self> {
        let root = rustix::process::geteuid().is_root();
        if !root && named() {
            return Ok(Self::Own);
        }
        if root && open_to_all(&binaries.folder) && folder.parent().is_some_and(open_to_all) {
            own(folder, NOBODY)?;
            return Ok(Self::Nobody);
        }
        if Self::Namespace.probe(binaries) {
            own(folder, rustix::process::geteuid().as_raw())?;
            return Ok(Self::Namespace);
        }
        bail!(
            "Postgres refuses to run as this user, and nobody else may enter {} or {}. Start \
             xtask as an ordinary user, choose a folder that all may enter with `--data \
             /var/tmp/headgate`, or set DATABASE_URL to a Postgres that runs.",
            binaries.folder.display(),
            folder.display()
        )
    }

    /// A command of one of Postgres's programs, with nothing of our environment in it.
    pub(super) fn command(self, binaries: &Binaries, program: &str) -> Command {
        let program = binaries.folder.join(program);
        let mut command = match self {
            Self::Own | Self::Nobody => Command::new(program),
            Self::Namespace => {
                let mut unshare = Command::new("unshare");
                let nobody = NOBODY.to_string();
                unshare.args([
                    "--user",
                    "--map-user",
                    &nobody,
                    "--map-group",
                    &nobody,
                    "--",
                ]);
                unshare.arg(program);
                unshare
            }
        };
        if self == Self::Nobody {
            command.uid(NOBODY).gid(NOBODY);
        }
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin")
            .current_dir("/");
        command
    }

    /// Gives a file that we made in its folder to the account.
    pub(super) fn take(self, file: &Path) -> Result<()> {
        if self == Self::Nobody {
            own(file, NOBODY)
        } else {
            Ok(())
        }
    }

    fn probe(self, binaries: &Binaries) -> bool {
        let mut command = self.command(binaries, "postgres");
        command.arg("--version");
        process::output("unshare", &mut command).is_ok_and(|output| output.status.success())
    }
}

/// Whether this user has an entry in passwd.
fn named() -> bool {
    let mut id = Command::new("id");
    id.arg("-un");
    process::output("id", &mut id).is_ok_and(|output| output.status.success())
}

/// Whether any user may enter the folder and all above it.
fn open_to_all(folder: &Path) -> bool {
    let enter = |found: Metadata| found.permissions().mode() & 0o001 != 0;
    folder.canonicalize().is_ok_and(|folder| {
        folder
            .ancestors()
            .all(|above| above.metadata().is_ok_and(enter))
    })
}

/// Gives the folder and all below to a user, as a moved checkout or a change of account needs.
fn own(path: &Path, user: u32) -> Result<()> {
    let found = path.symlink_metadata()?;
    if found.uid() == user {
        return Ok(());
    }
    if found.is_dir() {
        for entry in std::fs::read_dir(path)? {
            own(&entry?.path(), user)?;
        }
    }
    // The folder last, so that a change that was cut off is taken up again.
    Ok(lchown(path, Some(user), Some(user))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_folder_above_closes_what_is_below() {
        let folder = tempfile::tempdir().unwrap();
        let (outer, inner) = (
            folder.path().join("outer"),
            folder.path().join("outer/inner"),
        );
        std::fs::create_dir_all(&inner).unwrap();
        let set = |path: &Path, mode| {
            std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
        };
        set(folder.path(), 0o755);
        for (outer_mode, inner_mode, expected) in [
            (0o755, 0o755, true),
            (0o700, 0o755, false),
            (0o755, 0o700, false),
        ] {
            set(&inner, inner_mode);
            set(&outer, outer_mode);
            assert_eq!(
                open_to_all(&inner),
                expected,
                "{outer_mode:o} {inner_mode:o}"
            );
        }
        assert!(!open_to_all(&folder.path().join("missing")));
    }
}
