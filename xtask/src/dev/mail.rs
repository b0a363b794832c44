//! Mail in development: the origin writes a file for each, and this tells of every new one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What a mail's head says.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// A folder of `.eml` files, and those already told of.
#[derive(Debug)]
pub(super) struct Mailbox {
    folder: PathBuf,
    known: BTreeSet<OsString>,
}

impl Mailbox {
    /// What is there already is old news.
    pub(super) fn open(folder: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let mut mailbox = Self {
            folder: folder.to_owned(),
            known: BTreeSet::new(),
        };
        mailbox.fresh();
        Ok(mailbox)
    }

    /// A line for each mail that came since the last look.
    pub(super) fn fresh(&mut self) -> Vec<String> {
        let mut names: Vec<OsString> = std::fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name())
            .filter(|name| {
                Path::new(name)
                    .extension()
                    .is_some_and(|kind| kind == "eml")
            })
            .filter(|name| !self.known.contains(name))
            .collect();
        names.sort();
        let lines = names
            .iter()
            .map(|name| announce(&self.folder.join(name)))
            .collect();
        self.known.extend(names);
        lines
    }
}

fn announce(file: &Path) -> String {
    let bytes = std::fs::read(file).unwrap_or_default();
    let head = bytes
        .get(..HEAD_BYTES_MAX.min(bytes.len()))
        .unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    format!(
        "mail  {} to {}  {}",
        field(&head, "Subject"),
        field(&head, "To"),
        file.display()
    )
}

/// A header field, unfolded [RFC 5322 §2.2.3].
fn field(message: &str, name: &str) -> String {
    let mut lines = message
        .lines()
        .take_while(|line| !line.is_empty())
        .peekable();
    while let Some(line) = lines.next() {
        let Some((found, value)) = line.split_once(':') else {
            continue;
        };
        if !found.eq_ignore_ascii_case(name) {
            continue;
        }
        let mut value = value.trim().to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            value = format!("{value} {}", more.trim());
        }
        return value;
    }
    "(none)".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_and_unfolded() {
        let mail = "From: a@b\r\nsubject: Your order\r\n is here\r\nTo: c@d\r\n\r\nTo: body\r\n";
        for (name, expected) in [
            ("Subject", "Your order is here"),
            ("To", "c@d"),
            ("Cc", "(none)"),
        ] {
            assert_eq!(field(mail, name), expected);
        }
    }

    #[test]
    fn each_mail_is_told_once_and_old_ones_never() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            std::fs::write(folder.path().join(name), "Subject: S\nTo: t@t\n\n").unwrap();
        };
        write("old.eml");
        let mut mailbox = Mailbox::open(folder.path()).unwrap();
        assert_eq!(mailbox.fresh(), Vec::<String>::new());
        write("new.eml");
        write("half.tmp");
        let told = mailbox.fresh();
        let path = folder.path().join("new.eml");
        assert_eq!(told, [format!("mail  S to t@t  {}", path.display())]);
        assert_eq!(mailbox.fresh(), Vec::<String>::new());
    }
}
