//! What edge and a caller's object say to each other of a key, and how the object stores a slot.
//!
//! A line of text for each short part, and the answer's body as it is at the end, so that its bytes
//! are neither escaped nor copied into JSON.

use serde::{Deserialize, Serialize};

use super::{Answer, Claim, Slot, Told};
use crate::limit::wire as limit;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Who leads under this key?
    Claim {
        /// The key.
        key: String,
        /// The request's fingerprint.
        fingerprint: String,
    },
    /// The leader's end.
    Settle {
        /// The key.
        key: String,
        /// The request's fingerprint.
        fingerprint: String,
        /// The committed answer.
        answer: Option<Answer>,
    },
}

impl Ask {
    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Claim { key, fingerprint } => format!("claim\n{key}\n{fingerprint}\n").into(),
            Self::Settle {
                key,
                fingerprint,
                answer,
            } => {
                let mut bytes = format!("settle\n{key}\n{fingerprint}\n").into_bytes();
                if let Some(answer) = answer {
                    write_answer(answer, &mut bytes);
                }
                bytes
            }
        }
    }

    /// Reads it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = line(bytes)?;
        let (key, rest) = line(rest)?;
        let (fingerprint, rest) = line(rest)?;
        let (key, fingerprint) = (key.to_owned(), fingerprint.to_owned());
        match kind {
            "claim" if rest.is_empty() => Some(Self::Claim { key, fingerprint }),
            "settle" if rest.is_empty() => Some(Self::Settle {
                key,
                fingerprint,
                answer: None,
            }),
            "settle" => Some(Self::Settle {
                key,
                fingerprint,
                answer: Some(read_answer(rest)?),
            }),
            _ => None,
        }
    }
}

impl Claim {
    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Lead => b"lead\n".into(),
            Self::Wait => b"wait\n".into(),
            Self::Differs(parts) => format!("differs\n{}\n", parts.join(",")).into(),
            Self::Replay(answer) => {
                let mut bytes = b"replay\n".to_vec();
                write_answer(answer, &mut bytes);
                bytes
            }
        }
    }

    /// Reads it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = line(bytes)?;
        match kind {
            "lead" => Some(Self::Lead),
            "wait" => Some(Self::Wait),
            "differs" => {
                let (parts, _) = line(rest)?;
                Some(Self::Differs(parts.split(',').map(str::to_owned).collect()))
            }
            "replay" => Some(Self::Replay(read_answer(rest)?)),
            _ => None,
        }
    }
}

impl Told {
    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        let mut bytes = self.word.as_ref().map(limit::answer).unwrap_or_default();
        bytes.push('\n');
        let mut bytes = bytes.into_bytes();
        if let Some(claim) = &self.claim {
            bytes.extend(claim.write());
        }
        bytes
    }

    /// Reads it.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (word, claim) = line(bytes)?;
        Some(Self {
            word: match word {
                "" => None,
                word => Some(limit::read_answer(word)?),
            },
            claim: match claim {
                [] => None,
                claim => Some(Claim::read(claim)?),
            },
        })
    }
}

impl Slot {
    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Led {
                fingerprint,
                until_ms,
            } => format!("led\n{until_ms}\n{fingerprint}\n").into(),
            Self::Answered {
                fingerprint,
                answer,
                until_ms,
            } => {
                let mut bytes = format!("answered\n{until_ms}\n{fingerprint}\n").into_bytes();
                write_answer(answer, &mut bytes);
                bytes
            }
        }
    }

    /// Reads it. A slot that another version wrote and that can't be read is as good as none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (kind, rest) = line(bytes)?;
        let (until_ms, rest) = line(rest)?;
        let (fingerprint, rest) = line(rest)?;
        let (fingerprint, until_ms) = (fingerprint.to_owned(), until_ms.parse().ok()?);
        match kind {
            "led" => Some(Self::Led {
                fingerprint,
                until_ms,
            }),
            "answered" => Some(Self::Answered {
                fingerprint,
                answer: read_answer(rest)?,
                until_ms,
            }),
            _ => None,
        }
    }
}

/// An answer but for its body.
#[derive(Serialize, Deserialize)]
struct Head<'a> {
    status: u16,
    fields: Vec<(String, String)>,
    request_id: std::borrow::Cow<'a, str>,
}

fn write_answer(answer: &Answer, bytes: &mut Vec<u8>) {
    let head = Head {
        status: answer.status,
        fields: answer.fields.clone(),
        request_id: answer.request_id.as_str().into(),
    };
    // Strings and numbers always serialise; an empty head would be refused by the reader.
    bytes.extend(serde_json::to_vec(&head).unwrap_or_default());
    bytes.push(b'\n');
    bytes.extend(&answer.body);
}

fn read_answer(bytes: &[u8]) -> Option<Answer> {
    let (head, body) = line(bytes)?;
    let head: Head<'_> = serde_json::from_slice(head.as_bytes()).ok()?;
    Some(Answer {
        status: head.status,
        fields: head.fields,
        body: body.to_vec(),
        request_id: head.request_id.into_owned(),
    })
}

/// The first line, and what follows it.
fn line(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((std::str::from_utf8(line).ok()?, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer() -> Answer {
        Answer {
            status: 201,
            fields: vec![
                ("location".into(), "/orders/1".into()),
                ("etag".into(), "\"\n\"".into()),
            ],
            body: b"{\"a\":\n1}\n\xff\0".into(),
            request_id: "req_1".into(),
        }
    }

    #[test]
    fn what_is_asked_is_what_is_read() {
        let (key, fingerprint) = ("k \"1\"".to_owned(), "print".to_owned());
        let empty = Answer {
            body: vec![],
            fields: vec![],
            ..answer()
        };
        for ask in [
            Ask::Claim {
                key: key.clone(),
                fingerprint: fingerprint.clone(),
            },
            Ask::Settle {
                key: key.clone(),
                fingerprint: fingerprint.clone(),
                answer: None,
            },
            Ask::Settle {
                key: key.clone(),
                fingerprint: fingerprint.clone(),
                answer: Some(answer()),
            },
            Ask::Settle {
                key,
                fingerprint,
                answer: Some(empty),
            },
        ] {
            assert_eq!(Ask::read(&ask.write()), Some(ask));
        }
    }

    #[test]
    fn what_is_told_is_what_is_read() {
        for claim in [
            Claim::Lead,
            Claim::Wait,
            Claim::Differs(vec!["body".into(), "query".into()]),
            Claim::Replay(answer()),
        ] {
            assert_eq!(Claim::read(&claim.write()), Some(claim));
        }
    }

    #[test]
    fn what_is_told_of_both_is_what_is_read() {
        let text = "1 9 8 7 1 0 0 0 0 0";
        let word = limit::read_answer(text);
        assert!(word.is_some());
        for word in [None, word] {
            for claim in [None, Some(Claim::Lead), Some(Claim::Replay(answer()))] {
                let told = Told { word, claim };
                assert_eq!(Told::read(&told.write()), Some(told));
            }
        }
        for bytes in ["", text, "1 2\nlead\n", "\nlead", "\nother\n"] {
            assert_eq!(Told::read(bytes.as_bytes()), None, "{bytes}");
        }
    }

    #[test]
    fn what_is_stored_is_what_is_read() {
        for slot in [
            Slot::Led {
                fingerprint: "print".into(),
                until_ms: u64::MAX,
            },
            Slot::Answered {
                fingerprint: "print".into(),
                answer: answer(),
                until_ms: 1,
            },
        ] {
            assert_eq!(Slot::read(&slot.write()), Some(slot));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for bytes in [
            "",
            "\n",
            "claim\nk\n",
            "claim\nk\np\nmore",
            "settle\nk\np\n{}\n",
            "other\nk\np\n",
        ] {
            assert_eq!(Ask::read(bytes.as_bytes()), None, "{bytes}");
        }
        for bytes in ["", "lead", "replay\n", "differs\n", "other\n"] {
            assert_eq!(Claim::read(bytes.as_bytes()), None, "{bytes}");
        }
        for bytes in [
            "",
            "led\nx\np\n",
            "answered\n1\np\n",
            "other\n1\np\n",
            "led\n1\n\u{fffd}",
        ] {
            assert_eq!(Slot::read(bytes.as_bytes()), None, "{bytes}");
        }
        assert_eq!(Slot::read(b"led\n1\n\xff\n"), None);
    }
}
