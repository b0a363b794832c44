//! What edge and feed object say to each other, and what a location keeps of it: lines of numbers and
//! names. No name holds a line feed ([`super::names`]).

use std::fmt::Write;

use shared::feed::Position;

use super::log::Log;
use super::{Change, Mark, Told};

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    /// Add this; answered with the last number.
    Append(Change),
    /// What came after this number; answered with a [`Told`].
    Since(u64),
}

impl Ask {
    /// Writes it.
    pub fn write(&self) -> String {
        match self {
            Self::Since(seq) => format!("since {seq}"),
            Self::Append(change) => {
                let kind = if change.soft { "soft" } else { "hard" };
                let mut text = kind.to_owned();
                if let Some(Position(position)) = change.position {
                    // Writing into a String can't fail.
                    let _ = write!(text, " {position}");
                }
                for name in &change.names {
                    text.push('\n');
                    text.push_str(name);
                }
                text
            }
        }
    }

    /// Reads it.
    pub fn read(text: &str) -> Option<Self> {
        let (head, names) = text.split_once('\n').unwrap_or((text, ""));
        let (kind, number) = head.split_once(' ').unwrap_or((head, ""));
        let number: Option<u64> = match number {
            "" => None,
            number => Some(number.parse().ok()?),
        };
        let soft = match kind {
            "since" => return number.map(Self::Since),
            "soft" => true,
            "hard" => false,
            _ => return None,
        };
        Some(Self::Append(Change {
            names: names.lines().map(str::to_owned).collect(),
            position: number.map(Position),
            soft,
        }))
    }
}

impl Told {
    /// Writes it.
    pub fn write(&self) -> String {
        let mut text = String::with_capacity(64 + 64 * self.marks.len());
        let more = u64::from(self.more);
        let head = [
            self.epoch,
            self.from,
            self.upto,
            more,
            self.floor,
            self.floor_position.0,
        ];
        numbers(&mut text, &head);
        for (name, mark) in &self.marks {
            text.push('\n');
            text.push_str(&mark.write());
            text.push_str(name);
        }
        text
    }

    /// Reads it.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let ([epoch, from, upto, more, floor, floor_position], _) = read_numbers(lines.next()?)?;
        let mut marks = Vec::new();
        for line in lines {
            let (name, mark) = named(line)?;
            marks.push((name.to_owned(), mark));
        }
        Some(Self {
            epoch,
            from,
            upto,
            more: more == 1,
            floor,
            floor_position: Position(floor_position),
            marks,
        })
    }

    /// Writes it as a location keeps it, with the time when it was asked for.
    pub fn write_located(&self, asked_ms: u64) -> String {
        format!("{asked_ms}\n{}", self.write())
    }

    /// Reads what a location keeps.
    pub fn read_located(text: &str) -> Option<(u64, Self)> {
        let (asked_ms, told) = text.split_once('\n')?;
        Some((asked_ms.parse().ok()?, Self::read(told)?))
    }
}

impl Mark {
    /// Writes it.
    pub fn write(&self) -> String {
        let mut text = String::with_capacity(48);
        let all = [self.hard, self.soft, self.position.0, self.at_ms];
        numbers(&mut text, &all);
        text
    }

    /// Reads it.
    pub fn read(text: &str) -> Option<Self> {
        Some(named(text)?.1)
    }
}

impl Log {
    /// All of it but the marks.
    pub fn numbers(&self) -> String {
        self.since(self.head).write()
    }

    /// A log of these numbers, without marks.
    pub fn of_numbers(text: &str) -> Option<Self> {
        let told = Told::read(text)?;
        Some(Self {
            epoch: told.epoch,
            head: told.upto,
            floor: told.floor,
            floor_position: told.floor_position,
            ..Self::default()
        })
    }
}

/// A mark, and its name behind it.
fn named(line: &str) -> Option<(&str, Mark)> {
    let ([hard, soft, position, at_ms], name) = read_numbers(line)?;
    let mark = Mark {
        hard,
        soft,
        position: Position(position),
        at_ms,
    };
    Some((name, mark))
}

/// Each with a blank behind it.
fn numbers(text: &mut String, numbers: &[u64]) {
    for number in numbers {
        let _ = write!(text, "{number} ");
    }
}

/// So many numbers, and what follows them.
fn read_numbers<const N: usize>(line: &str) -> Option<([u64; N], &str)> {
    let mut rest = line;
    let mut found = [0; N];
    for number in &mut found {
        let (word, after) = rest.split_once(' ')?;
        *number = word.parse().ok()?;
        rest = after;
    }
    Some((found, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        for ask in [
            Ask::Since(0),
            Ask::Since(u64::MAX),
            Ask::Append(Change {
                names: vec!["tag:a".into(), "url:/v2/x?y".into(), "*".into()],
                position: Some(Position(9)),
                soft: true,
            }),
            Ask::Append(Change {
                names: vec![],
                position: None,
                soft: false,
            }),
        ] {
            assert_eq!(Ask::read(&ask.write()), Some(ask));
        }
        let mark = Mark {
            hard: 1,
            soft: 2,
            position: Position(3),
            at_ms: 4,
        };
        for marks in [
            vec![],
            vec![("tag:a".to_owned(), mark), ("*".to_owned(), mark)],
        ] {
            let told = Told {
                epoch: u64::MAX,
                from: 5,
                upto: 6,
                more: true,
                floor: 7,
                floor_position: Position(8),
                marks,
            };
            assert_eq!(Told::read(&told.write()), Some(told.clone()));
            assert_eq!(Told::read_located(&told.write_located(9)), Some((9, told)));
        }
    }

    #[test]
    fn a_log_is_stored_as_its_numbers_and_its_marks() {
        let mut log = Log::new(u64::MAX);
        let change = Change {
            names: vec!["tag:a".into()],
            position: Some(Position(u64::MAX)),
            soft: true,
        };
        log.append(&change, 5);
        (log.floor, log.floor_position) = (6, Position(7));
        let mut again = Log::of_numbers(&log.numbers()).unwrap();
        for (name, mark) in &log.marks {
            let mark = Mark::read(&mark.write()).unwrap();
            again.marks.insert(name.clone(), mark);
        }
        assert_eq!(again, log);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "since", "since x", "hard x\na", "purge 1"] {
            assert_eq!(Ask::read(text), None, "{text}");
        }
        for text in ["", "1 2 3", "1 2 3 0 4 5 \n1 2 3", "x 2 3 0 4 5 "] {
            assert_eq!(Told::read(text), None, "{text}");
            assert_eq!(Told::read_located(text), None, "{text}");
        }
    }
}
