//! What edge and usage object say to each other, and how the object stores its state: lines of words
//! with a space between. None of the words holds one: versions, methods and the names of routes.

use std::fmt::Write;

use super::{Kept, State, Use, What};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// So many requests more; answered with nothing.
    Note {
        /// Of what.
        what: What,
        /// How many.
        requests: u64,
    },
    /// Everything that is known.
    Report,
}

impl Ask {
    /// Writes it.
    pub fn write(&self) -> String {
        match self {
            Self::Note { what, requests } => format!("note {what} {requests}"),
            Self::Report => "report".to_owned(),
        }
    }

    /// Reads it.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        match words.next()? {
            "note" => Some(Self::Note {
                what: what(&mut words)?,
                requests: words.next()?.parse().ok()?,
            }),
            "report" => Some(Self::Report),
            _ => None,
        }
    }
}

/// Writes an answer: a line a use.
pub fn write_report(uses: &[Use]) -> String {
    uses.iter().fold(String::new(), |mut text, used| {
        // Writing into a String can't fail.
        let _ = writeln!(text, "{} {} {}", used.what, used.requests, used.last_ms);
        text
    })
}

/// Reads it.
pub fn read_report(text: &str) -> Option<Vec<Use>> {
    text.lines()
        .map(|line| {
            let mut words = line.split(' ');
            Some(Use {
                what: what(&mut words)?,
                requests: words.next()?.parse().ok()?,
                last_ms: words.next()?.parse().ok()?,
            })
        })
        .collect()
}

impl State {
    /// Writes it: what, when last, then day and count of each day.
    pub fn write(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, kept| {
            let _ = write!(text, "{} {}", kept.what, kept.last_ms);
            for (day, count) in &kept.days {
                let _ = write!(text, " {day} {count}");
            }
            text.push('\n');
            text
        })
    }

    /// Reads it. A line that another version wrote and that can't be read is as good as none.
    pub fn read(text: &str) -> Self {
        Self(text.lines().filter_map(kept).collect())
    }
}

fn kept(line: &str) -> Option<Kept> {
    let mut words = line.split(' ');
    let what = what(&mut words)?;
    let last_ms = words.next()?.parse().ok()?;
    let mut days = Vec::new();
    while let Some(day) = words.next() {
        days.push((day.parse().ok()?, words.next()?.parse().ok()?));
    }
    Some(Kept {
        what,
        last_ms,
        days,
    })
}

fn what<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<What> {
    Some(What {
        version: words.next()?.to_owned(),
        method: words.next()?.to_owned(),
        route: words.next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{note, report};

    const NOW: u64 = 1_800_000_000_000;
    const DAY_MS: u64 = 86_400_000;

    #[test]
    fn what_is_written_is_what_is_read() {
        let what = |route: &str| What {
            version: "v1".into(),
            route: route.into(),
            method: "GET".into(),
        };
        for ask in [
            Ask::Report,
            Ask::Note {
                what: what("orders"),
                requests: 3,
            },
        ] {
            assert_eq!(Ask::read(&ask.write()), Some(ask));
        }
        let state = note(State::default(), what("orders"), 3, NOW);
        let state = note(state, what("product"), 1, NOW);
        let state = note(state, what("orders"), 2, NOW + DAY_MS);
        assert_eq!(State::read(&state.write()), state);
        let uses = report(state, NOW + DAY_MS);
        assert_eq!(uses.len(), 2);
        assert_eq!(read_report(&write_report(&uses)), Some(uses));
        assert_eq!(read_report(""), Some(vec![]));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "note",
            "note v1 GET orders",
            "note v1 GET orders x",
            "all",
        ] {
            assert_eq!(Ask::read(text), None, "{text}");
        }
        for text in ["x", "v1 GET orders 1", "v1 GET orders 1 -2"] {
            assert_eq!(read_report(text), None, "{text}");
            assert_eq!(
                State::read(&format!("{text} x")),
                State::default(),
                "{text}"
            );
        }
    }
}
