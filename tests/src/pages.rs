//! The documents' examples, so that a test can run each of them.
//!
//! An example stands in a fence marked `console`: a line that begins with `$ ` is a command (a
//! backslash at its end continues it), the lines below show what it prints. They must occur in that
//! order; others may stand between them, and `…` in a line stands for anything.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A command, and what a page shows of its answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Example {
    /// As a shell takes it.
    pub command: String,
    /// Lines of its output.
    pub shown: Vec<String>,
}

/// Every page with examples.
pub fn all(root: &Path) -> Vec<PathBuf> {
    let mut pages = vec![root.join("README.md")];
    let docs = std::fs::read_dir(root.join("docs")).into_iter().flatten();
    pages.extend(
        docs.flatten()
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "md")),
    );
    pages.sort();
    pages
}

/// The examples of a page.
pub fn examples(page: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let (mut inside, mut continued) = (false, false);
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
            continued = false;
        } else if inside && continued {
            if let Some(last) = examples.last_mut() {
                last.command.push('\n');
                last.command.push_str(line);
            }
            continued = line.ends_with('\\');
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            continued = command.ends_with('\\');
            examples.push(Example {
                command: command.to_owned(),
                shown: Vec::new(),
            });
        } else if inside
            && !line.is_empty()
            && let Some(last) = examples.last_mut()
        {
            last.shown.push(line.to_owned());
        }
    }
    examples
}

/// What a page leaves to its reader.
#[derive(Debug, Default)]
pub struct Facts {
    /// Addresses as pages write them, and where the shop is.
    pub addresses: BTreeMap<String, String>,
    /// Variables of the reader's shell.
    pub variables: BTreeMap<String, String>,
}

impl Facts {
    /// A text with the shop's own addresses.
    pub fn addressed(&self, text: &str) -> String {
        self.addresses
            .iter()
            .fold(text.to_owned(), |text, (shown, real)| {
                text.replace(shown, real)
            })
    }

    /// The first shown line that the output does not hold behind the one before it.
    pub fn first_missing<'a>(&self, shown: &'a [String], printed: &str) -> Option<&'a str> {
        let mut lines = printed.lines();
        shown
            .iter()
            .find(|line| {
                let wanted = self.addressed(line);
                !lines.any(|printed| holds(printed, &wanted))
            })
            .map(String::as_str)
    }
}

/// Whether a printed line is as shown, `…` standing for anything.
fn holds(printed: &str, shown: &str) -> bool {
    let parts: Vec<&str> = shown.split('…').collect();
    let [first, middle @ .., last] = parts.as_slice() else {
        return printed == shown;
    };
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_and_what_they_show() {
        let page = "text\n```console\n$ curl -i \\\n  http://x   # remark\nHTTP/1.1 200 OK\n\n{…}\n\
                    $ cargo xtask dev     # sets up\n```\n```sh\n$ no\n```\n";
        let example = |command: &str, shown: &[&str]| Example {
            command: command.to_owned(),
            shown: shown.iter().map(|&line| line.to_owned()).collect(),
        };
        assert_eq!(
            examples(page),
            [
                example(
                    "curl -i \\\n  http://x   # remark",
                    &["HTTP/1.1 200 OK", "{…}"]
                ),
                example("cargo xtask dev     # sets up", &[]),
            ]
        );
    }

    #[test]
    fn shown_lines_stand_in_order() {
        let printed = "HTTP/1.1 200 OK\nage: 3\nlink: http://x:1\n\n{\"a\":1,\"b\":2}";
        let facts = Facts {
            addresses: BTreeMap::from([("http://shop".to_owned(), "http://x:1".to_owned())]),
            ..Facts::default()
        };
        for (shown, missing) in [
            (vec!["HTTP/1.1 200 OK", "{\"a\":…,\"b\":2}"], None),
            (vec!["age: …", "link: http://shop"], None),
            (vec!["link: …", "age: 3"], Some("age: 3")),
            (vec!["{\"a\":…,\"c\":…}"], Some("{\"a\":…,\"c\":…}")),
            (vec!["age"], Some("age")),
        ] {
            let shown: Vec<String> = shown.into_iter().map(str::to_owned).collect();
            assert_eq!(facts.first_missing(&shown, printed), missing);
        }
    }
}
