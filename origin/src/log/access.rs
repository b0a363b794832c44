//! The line of a request, in the form of all other lines.
//!
//! Written here and not by way of an event's fields, since there is one of it for every request.

use std::cell::RefCell;
use std::io::{self, Write};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tracing::Level;

use super::LINES;

/// What `RUST_LOG` knows these lines by.
const TARGET: &str = "access";

thread_local! {
    static ROOM: RefCell<Room> = const { RefCell::new(Room::new()) };
}

/// Where a line is made.
struct Room {
    line: Vec<u8>,
    /// The second of the last line, in seconds since 1970, and as it is written.
    second: Option<i64>,
    written: String,
}

impl Room {
    const fn new() -> Self {
        Self {
            line: Vec::new(),
            second: None,
            written: String::new(),
        }
    }

    fn begin(&mut self, now: DateTime<Utc>) -> io::Result<()> {
        let second = Some(now.timestamp());
        if self.second != second {
            self.written = now.format("%Y-%m-%dT%H:%M:%S").to_string();
            self.second = second;
        }
        self.line.clear();
        let (written, us) = (&self.written, now.timestamp_subsec_micros());
        write!(self.line, r#"{{"timestamp":"{written}.{us:06}Z""#)
    }

    /// Adds a member, behind its name as it stands in the line.
    fn add<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> io::Result<()> {
        self.line.extend_from_slice(name.as_bytes());
        Ok(serde_json::to_writer(&mut self.line, value)?)
    }
}

/// What is said of a request.
#[derive(Debug)]
pub(crate) struct Access<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) trace: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    pub(crate) error_code: Option<&'a str>,
    pub(crate) origin_ms: i64,
}

impl Access<'_> {
    /// Writes it, if the log has begun and wants it.
    pub(crate) fn write(&self, now: DateTime<Utc>) {
        let Some(lines) = LINES.get() else { return };
        if tracing::enabled!(target: TARGET, Level::INFO) {
            ROOM.with_borrow_mut(|room| {
                // A log that is gone is no reason to serve no more.
                let _ = self
                    .add_to(room, now)
                    .and_then(|()| (&**lines).write_all(&room.line));
            });
        }
    }

    fn add_to(&self, room: &mut Room, now: DateTime<Utc>) -> io::Result<()> {
        room.begin(now)?;
        room.add(r#","level":"#, Level::INFO.as_str())?;
        room.add(r#","request_id":"#, self.request_id)?;
        if let Some(trace) = self.trace {
            room.add(r#","trace":"#, trace)?;
        }
        room.add(r#","method":"#, self.method)?;
        room.add(r#","path":"#, self.path)?;
        room.add(r#","status":"#, &self.status)?;
        if let Some(code) = self.error_code {
            room.add(r#","error_code":"#, code)?;
        }
        room.add(r#","origin_ms":"#, &self.origin_ms)?;
        room.add(r#","target":"#, TARGET)?;
        room.line.extend_from_slice(b"}\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::Value;

    use super::*;

    /// Keeps what is written.
    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn it_reads_as_an_event_of_the_same_fields() {
        let mut room = Room::new();
        for (trace, error_code, ms, expected) in [
            (Some("00-1-2-01"), None, 123, "2026-11-18T11:06:40.123000Z"),
            (None, Some("not_found"), 124, "2026-11-18T11:06:40.124000Z"),
            (None, None, 1_000, "2026-11-18T11:06:41.000000Z"),
        ] {
            let now = DateTime::from_timestamp_millis(1_795_000_000_000 + ms).unwrap();
            let access = Access {
                request_id: "req_1",
                trace,
                method: "GET",
                path: "/products/\"1\"",
                status: 200,
                error_code,
                origin_ms: 7,
            };
            access.add_to(&mut room, now).unwrap();

            let kept = Kept::default();
            let writer = kept.clone();
            let log = tracing_subscriber::fmt()
                .json()
                .flatten_event(true)
                .with_writer(move || writer.clone())
                .finish();
            tracing::subscriber::with_default(log, || {
                tracing::info!(
                    target: TARGET,
                    request_id = access.request_id,
                    trace,
                    method = access.method,
                    path = access.path,
                    status = access.status,
                    error_code,
                    origin_ms = access.origin_ms,
                );
            });
            let event = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
            let line = String::from_utf8(room.line.clone()).unwrap();
            // All but the time, to the letter.
            let rest = |text: &str| text.split_once(',').unwrap().1.to_owned();
            assert_eq!(rest(&line), rest(&event));
            let time = |text: &str| {
                let read: Value = serde_json::from_str(text).unwrap();
                read["timestamp"].as_str().unwrap().to_owned()
            };
            assert_eq!(time(&line), expected);
            assert_eq!(time(&line).len(), time(&event).len());
        }
    }
}
