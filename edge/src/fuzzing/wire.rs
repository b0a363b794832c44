//! What edge, objects, origin and JavaScript say to each other: whatever is read is read again from
//! what is written of it.

use shared::feed::Notice;

use crate::limit::wire as limit;
use crate::platform::wire as platform;
use crate::replay::{Slot, Told, wire::Ask};
use crate::usage::{State, wire as usage};

/// The target `wire`: which reader, in one byte, then what it reads.
pub fn wire(bytes: &[u8]) {
    let Some((reader, bytes)) = bytes.split_first() else {
        return;
    };
    let text = String::from_utf8_lossy(bytes);
    match reader % 8 {
        0 => heads(&text),
        1 => limits(&text),
        2 => again(Ask::read(bytes), Ask::write, Ask::read),
        3 => again(Told::read(bytes), Told::write, Told::read),
        4 => again(Slot::read(bytes), Slot::write, Slot::read),
        5 => uses(&text),
        6 => again(
            Notice::read(bytes),
            |notice| serde_json::to_vec(notice).unwrap_or_default(),
            Notice::read,
        ),
        _ => {
            if let Ok((_, fields)) = platform::response(text.into_owned()) {
                let written = platform::write(&fields, false);
                let mut kept = fields;
                kept.remove(http::header::TRANSFER_ENCODING);
                let read = platform::response(format!("200\n{written}"));
                assert_eq!(read.map(|(_, fields)| fields), Ok(kept));
            }
        }
    }
}

fn again<T: PartialEq + std::fmt::Debug>(
    read: Option<T>,
    write: impl Fn(&T) -> Vec<u8>,
    reread: impl Fn(&[u8]) -> Option<T>,
) {
    if let Some(first) = read {
        assert_eq!(reread(&write(&first)).as_ref(), Some(&first));
    }
}

fn heads(text: &str) {
    let Ok(head) = platform::request(text.to_owned()) else {
        return;
    };
    let parts = &head.parts;
    let body = if head.has_body { "1" } else { "" };
    let country = head.country.clone().unwrap_or_default();
    let fields = platform::write(&parts.headers, false);
    let written = format!(
        "{}\n{}\n{body}\n{country}\n{fields}",
        parts.method, parts.uri
    );
    let reread = platform::request(written);
    assert!(reread.is_ok(), "{parts:?}");
    let Ok(reread) = reread else { return };
    let mut kept = parts.headers.clone();
    kept.remove(http::header::TRANSFER_ENCODING);
    assert_eq!(reread.parts.headers, kept);
    assert_eq!(
        (&reread.parts.method, &reread.parts.uri),
        (&parts.method, &parts.uri)
    );
    assert_eq!(
        (reread.has_body, reread.country),
        (head.has_body, head.country)
    );
}

fn limits(text: &str) {
    if let Some((terms, ask)) = limit::read_ask(text) {
        let written = limit::ask(&terms, &ask);
        assert_eq!(limit::read_ask(&written), Some((terms, ask)));
    }
    if let Some(word) = limit::read_answer(text) {
        let written = limit::answer(&word);
        assert_eq!(limit::read_answer(&written), Some(word));
    }
}

fn uses(text: &str) {
    if let Some(ask) = usage::Ask::read(text) {
        assert_eq!(usage::Ask::read(&ask.write()), Some(ask));
    }
    if let Some(report) = usage::read_report(text) {
        let written = usage::write_report(&report);
        assert_eq!(usage::read_report(&written), Some(report));
    }
    let state = State::read(text);
    assert_eq!(State::read(&state.write()), state);
}
