//! Stamps: a hash of everything that a result depends on, kept beside the result.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Collects what a result depends on.
#[derive(Debug, Default)]
pub struct Stamp(Sha256);

impl Stamp {
    /// Adds a fact. Each is prefixed by its length, so that no two lists of facts run together.
    #[must_use]
    pub fn fact(mut self, fact: impl AsRef<[u8]>) -> Self {
        let fact = fact.as_ref();
        self.0.update((fact.len() as u64).to_be_bytes());
        self.0.update(fact);
        self
    }

    /// Adds a file's content, or every file below a folder, with its name relative to `base`.
    /// What doesn't exist is a fact too.
    pub fn path(mut self, base: &Path, path: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(path, &mut files).with_context(|| format!("{} can't be read.", path.display()))?;
        files.sort();
        for file in files {
            let name = file.strip_prefix(base).unwrap_or(&file);
            let content = std::fs::read(&file)
                .with_context(|| format!("{} can't be read.", file.display()))?;
            self = self.fact(name.as_os_str().as_encoded_bytes()).fact(content);
        }
        Ok(self)
    }

    /// The stamp's text, 64 hex digits.
    pub fn text(self) -> String {
        use std::fmt::Write;
        self.0
            .finalize()
            .iter()
            .fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02x}");
                text
            })
    }
}

/// The stamp of some files' contents.
pub fn of_files(files: &[PathBuf]) -> Result<String> {
    let mut stamp = Stamp::default();
    for file in files {
        anyhow::ensure!(file.is_file(), "{} is missing.", file.display());
        stamp = stamp.path(file, file)?;
    }
    Ok(stamp.text())
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path)? {
            collect(&entry?.path(), files)?;
        }
    } else if path.is_file() {
        files.push(path.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(base: &Path) -> String {
        Stamp::default().path(base, base).unwrap().text()
    }

    #[test]
    fn content_names_and_moves_count_but_the_folder_does_not() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        for folder in [&one, &two] {
            std::fs::create_dir(folder.path().join("src")).unwrap();
            std::fs::write(folder.path().join("src/lib.rs"), "a").unwrap();
        }
        let before = stamp(one.path());
        assert_eq!(before, stamp(two.path()));
        std::fs::write(one.path().join("src/lib.rs"), "b").unwrap();
        let edited = stamp(one.path());
        assert_ne!(before, edited);
        std::fs::rename(
            one.path().join("src/lib.rs"),
            one.path().join("src/main.rs"),
        )
        .unwrap();
        assert_ne!(edited, stamp(one.path()));
    }

    #[test]
    fn facts_do_not_run_together() {
        let text = |facts: &[&str]| facts.iter().fold(Stamp::default(), Stamp::fact).text();
        assert_ne!(text(&["ab", "c"]), text(&["a", "bc"]));
        assert_ne!(text(&["a"]), text(&["a", ""]));
    }
}
