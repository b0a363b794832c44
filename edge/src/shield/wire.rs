//! What edge and shield say to each other: lines of text, and a body as it is at the end. No key and no
//! record holds a line feed.

use bytes::Bytes;

use super::{End, Failure, Shared, Turn};
use crate::platform::FetchError;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// See [`super::Shard::join`]; answered with a [`Turn`].
    Join {
        /// The key.
        key: String,
        /// Ends of flights up to this are of no use.
        beyond: u64,
        /// The flight that is waited for.
        waiting: Option<u64>,
    },
    /// See [`super::Shard::settle`]; answered with nothing.
    Settle {
        /// The key.
        key: String,
        /// The leader's number.
        number: u64,
        /// The end.
        end: End,
    },
}

impl Ask {
    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Join {
                key,
                beyond,
                waiting,
            } => {
                // Numbers begin at one.
                let waiting = waiting.unwrap_or(0);
                format!("join {beyond} {waiting}\n{key}\n").into_bytes()
            }
            Self::Settle { key, number, end } => {
                let mut bytes = format!("settle {number} 0\n{key}\n").into_bytes();
                write_end(end, &mut bytes);
                bytes
            }
        }
    }

    /// Reads it.
    pub fn read(bytes: &Bytes) -> Option<Self> {
        let mut lines = Lines(bytes.clone());
        let head = lines.next()?;
        let mut words = head.split(' ');
        let kind = words.next()?;
        let first = words.next()?.parse().ok()?;
        let second: u64 = words.next()?.parse().ok()?;
        let key = lines.next()?;
        match kind {
            "join" => Some(Self::Join {
                key,
                beyond: first,
                waiting: (second > 0).then_some(second),
            }),
            "settle" => Some(Self::Settle {
                key,
                number: first,
                end: read_end(lines)?,
            }),
            _ => None,
        }
    }
}

impl Turn {
    /// Writes it.
    pub fn write(&self) -> Vec<u8> {
        match self {
            Self::Lead(number) => format!("lead {number}\n").into_bytes(),
            Self::Wait(number) => format!("wait {number}\n").into_bytes(),
            Self::End(number, end) => {
                let mut bytes = format!("end {number}\n").into_bytes();
                write_end(end, &mut bytes);
                bytes
            }
        }
    }

    /// Reads it.
    pub fn read(bytes: &Bytes) -> Option<Self> {
        let mut lines = Lines(bytes.clone());
        let head = lines.next()?;
        let (kind, number) = head.split_once(' ')?;
        let number = number.parse().ok()?;
        match kind {
            "lead" => Some(Self::Lead(number)),
            "wait" => Some(Self::Wait(number)),
            "end" => Some(Self::End(number, read_end(lines)?)),
            _ => None,
        }
    }
}

fn write_end(end: &End, bytes: &mut Vec<u8>) {
    let head = match end {
        End::Copy(copy) => format!("copy\n{}\n{}\n", copy.fits, copy.record),
        End::Large => "large\n".to_owned(),
        End::Alone => "alone\n".to_owned(),
        End::Failed(Failure::Fetch(FetchError::Unreachable)) => "unreachable\n".to_owned(),
        End::Failed(Failure::Fetch(FetchError::Cut)) => "cut\n".to_owned(),
        End::Failed(Failure::Fetch(FetchError::Timeout)) => "timeout\n".to_owned(),
        End::Failed(Failure::Fetch(FetchError::Out)) => "out\n".to_owned(),
        End::Failed(Failure::Status(status)) => format!("{status}\n"),
    };
    bytes.extend(head.into_bytes());
    if let End::Copy(copy) = end {
        bytes.extend(&copy.body);
    }
}

fn read_end(mut lines: Lines) -> Option<End> {
    let fetch = |error| Some(End::Failed(Failure::Fetch(error)));
    match lines.next()?.as_str() {
        "copy" => Some(End::Copy(Shared {
            fits: lines.next()?,
            record: lines.next()?,
            body: lines.0,
        })),
        "large" => Some(End::Large),
        "alone" => Some(End::Alone),
        "unreachable" => fetch(FetchError::Unreachable),
        "cut" => fetch(FetchError::Cut),
        "timeout" => fetch(FetchError::Timeout),
        "out" => fetch(FetchError::Out),
        status => Some(End::Failed(Failure::Status(status.parse().ok()?))),
    }
}

/// What is left.
struct Lines(Bytes);

impl Lines {
    fn next(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == b'\n')?;
        let line = self.0.split_to(end);
        let line = std::str::from_utf8(&line).ok()?.to_owned();
        drop(self.0.split_to(1));
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends() -> Vec<End> {
        let mut ends = vec![End::Large, End::Alone, End::Failed(Failure::Status(503))];
        for error in [
            FetchError::Unreachable,
            FetchError::Cut,
            FetchError::Timeout,
            FetchError::Out,
        ] {
            ends.push(End::Failed(Failure::Fetch(error)));
        }
        for body in [&b""[..], b"\n\xff\0two\nlines"] {
            ends.push(End::Copy(Shared {
                fits: "#ab".into(),
                record: "2|0|0|a b|".into(),
                body: Bytes::from_static(body),
            }));
        }
        ends
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for end in ends() {
            let ask = Ask::Settle {
                key: "/v2/x?a b".into(),
                number: 3,
                end: end.clone(),
            };
            assert_eq!(Ask::read(&ask.write().into()), Some(ask));
            let turn = Turn::End(u64::MAX, end);
            assert_eq!(Turn::read(&turn.write().into()), Some(turn));
        }
        for waiting in [None, Some(9)] {
            let ask = Ask::Join {
                key: "k".into(),
                beyond: 1,
                waiting,
            };
            assert_eq!(Ask::read(&ask.write().into()), Some(ask));
        }
        for turn in [Turn::Lead(1), Turn::Wait(2)] {
            assert_eq!(Turn::read(&turn.write().into()), Some(turn));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "join 1\nk\n",
            "join 1 x\nk\n",
            "settle 1 0\nk\nfailed\n",
            "lead x\n",
        ] {
            let bytes = Bytes::from(text);
            assert_eq!(Ask::read(&bytes), None, "{text}");
            assert_eq!(Turn::read(&bytes), None, "{text}");
        }
    }
}
