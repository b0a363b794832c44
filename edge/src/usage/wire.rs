//! What edge and usage object say to each other, and how the object stores its state: JSON, since
//! little of it is said.

use serde::{Deserialize, Serialize};

use super::{State, Use, What};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    /// Writes it. These types always serialise; nothing at all would be refused by the reader.
    pub fn write(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

/// Writes an answer.
pub fn write_report(uses: &[Use]) -> Vec<u8> {
    serde_json::to_vec(uses).unwrap_or_default()
}

/// Reads it.
pub fn read_report(bytes: &[u8]) -> Option<Vec<Use>> {
    serde_json::from_slice(bytes).ok()
}

impl State {
    /// Writes it.
    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads it. A state that another version wrote and that can't be read is as good as none.
    pub fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{note, report};

    #[test]
    fn what_is_written_is_what_is_read() {
        let what = What {
            version: "v1".into(),
            route: "orders".into(),
            method: "GET".into(),
        };
        for ask in [
            Ask::Report,
            Ask::Note {
                what: what.clone(),
                requests: 3,
            },
        ] {
            assert_eq!(Ask::read(&ask.write()), Some(ask));
        }
        let state = note(State::default(), what, 3, 1_800_000_000_000);
        assert_eq!(State::read(&state.write()), state);
        let uses = report(state, 1_800_000_000_000);
        assert_eq!(read_report(&write_report(&uses)), Some(uses));
        assert_eq!(Ask::read(b""), None);
        assert_eq!(read_report(b"x"), None);
        assert_eq!(State::read("x"), State::default());
    }
}
