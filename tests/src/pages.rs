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

/// A text with what is known put in.
pub fn fill(text: &str, known: &BTreeMap<String, String>) -> String {
    // The longest names first: `$ORDER` begins `$ORDER_ID`.
    let mut names: Vec<_> = known.iter().collect();
    names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    names
        .into_iter()
        .fold(text.to_owned(), |text, (name, value)| {
            text.replace(name, value)
        })
}

/// The first shown line that the output does not hold behind the one before it.
pub fn first_missing<'a>(
    shown: &'a [String],
    printed: &str,
    known: &BTreeMap<String, String>,
) -> Option<&'a str> {
    let mut lines = printed.lines();
    shown
        .iter()
        .find(|line| {
            let wanted = fill(line, known);
            !lines.any(|printed| holds(printed, &wanted))
        })
        .map(String::as_str)
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
        let printed = "HTTP/1.1 200 OK\nage: 3\netag: \"1\"\n\n{\"a\":1,\"b\":2}";
        let known = BTreeMap::from([("$TAG".to_owned(), "\"1\"".to_owned())]);
        for (shown, missing) in [
            (vec!["HTTP/1.1 200 OK", "{\"a\":…,\"b\":2}"], None),
            (vec!["age: …", "etag: $TAG"], None),
            (vec!["etag: \"1\"", "age: 3"], Some("age: 3")),
            (vec!["{\"a\":…,\"c\":…}"], Some("{\"a\":…,\"c\":…}")),
            (vec!["age"], Some("age")),
        ] {
            let shown: Vec<String> = shown.into_iter().map(str::to_owned).collect();
            assert_eq!(first_missing(&shown, printed, &known), missing);
        }
    }
}
