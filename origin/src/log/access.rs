//! The line of a request, in the form of all other lines.
//!
//! Written here and not by way of an event's fields, since there is one of it for every request.

use std::cell::RefCell;
use std::io::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use tracing::Level;

use super::LINES;

/// What `RUST_LOG` knows these lines by.
const TARGET: &str = "access";

thread_local! {
    static LINE: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What is said of a request.
#[derive(Debug, Serialize)]
pub(crate) struct Access<'a> {
    pub(crate) request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trace: Option<&'a str>,
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_code: Option<&'a str>,
    pub(crate) origin_ms: i64,
}

#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'static str,
    #[serde(flatten)]
    access: &'a Access<'a>,
    target: &'static str,
}

impl Access<'_> {
    /// Writes it, if the log has begun and wants it.
    pub(crate) fn write(&self, now: DateTime<Utc>) {
        let Some(lines) = LINES.get() else { return };
        if tracing::enabled!(target: TARGET, Level::INFO) {
            LINE.with_borrow_mut(|line| {
                line.clear();
                // A log that is gone is no reason to serve no more.
                let _ = self
                    .add_to(line, now)
                    .and_then(|()| (&**lines).write_all(line));
            });
        }
    }

    fn add_to(&self, line: &mut Vec<u8>, now: DateTime<Utc>) -> std::io::Result<()> {
        let whole = Line {
            timestamp: now.to_rfc3339_opts(SecondsFormat::Micros, true),
            level: Level::INFO.as_str(),
            access: self,
            target: TARGET,
        };
        serde_json::to_writer(&mut *line, &whole)?;
        line.push(b'\n');
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
        let now = DateTime::from_timestamp_millis(1_795_000_000_123).unwrap();
        for (trace, error_code) in [(Some("00-1-2-01"), None), (None, Some("not_found"))] {
            let access = Access {
                request_id: "req_1",
                trace,
                method: "GET",
                path: "/products/\"1\"",
                status: 200,
                error_code,
                origin_ms: 7,
            };
            let mut line = Vec::new();
            access.add_to(&mut line, now).unwrap();

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
            let line = String::from_utf8(line).unwrap();
            // All but the time, to the letter.
            let rest = |text: &str| text.split_once(',').unwrap().1.to_owned();
            assert_eq!(rest(&line), rest(&event));
            let time = |text: &str| {
                let read: Value = serde_json::from_str(text).unwrap();
                read["timestamp"].as_str().unwrap().to_owned()
            };
            assert_eq!(time(&line), "2026-11-18T11:06:40.123000Z");
            assert_eq!(time(&line).len(), time(&event).len());
        }
    }
}
