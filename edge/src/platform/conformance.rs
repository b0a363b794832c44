//! What every adapter of the store must do, tried on the adapter itself: on [`super::memory::Memory`]
//! by a test beside it, on the Cache API of real workerd by a route of the test build.

use bytes::Bytes;

use super::{Body, CacheStore};
use crate::cache::BODY_BYTES_MAX;
use crate::cache::entry::{Entry, Part};
use crate::cache::record::{Index, Record};
use crate::feed::Seen;

const SECONDS: u64 = 60;
const READ_TIMEOUT_MS: u32 = 10_000;

/// Tries a store, and tells what it does not do.
pub async fn faults<P: CacheStore>(store: &P) -> Vec<String> {
    let mut faults = Vec::new();
    let long = format!("/{}", "k".repeat(8 * 1024));
    // Each is a key of its own, however alike they look to a reader of URLs.
    let keys = [
        "/a", "/A", "/a/", "/a?", "/a?b", "/a?b=1&c", "/a#b", "/%61", "/a%23b", "/\u{e9}", "/ ",
        &long,
    ];
    for (place, key) in keys.iter().enumerate() {
        expect(store, key, None, &mut faults).await;
        store.keep(key, &record(place), body(place), SECONDS).await;
    }
    for (place, key) in keys.iter().enumerate() {
        expect(store, key, Some((record(place), body(place))), &mut faults).await;
    }
    for (what, record, body) in [
        ("an index", index(), Bytes::new()),
        ("every field", full(), body(1)),
        (
            "the largest body",
            record(0),
            vec![7; BODY_BYTES_MAX].into(),
        ),
        ("a record in its place", record(3), body(3)),
    ] {
        store
            .keep("/replaced", &record, body.clone(), SECONDS)
            .await;
        let before = faults.len();
        expect(store, "/replaced", Some((record, body)), &mut faults).await;
        if faults.len() > before {
            faults.push(format!("that was {what}"));
        }
    }
    faults
}

async fn expect<P: CacheStore>(
    store: &P,
    key: &str,
    expected: Option<(Record, Bytes)>,
    faults: &mut Vec<String>,
) {
    let found = match store.load(key).await {
        Some((record, body)) => Some((record, all(store, body).await)),
        None => None,
    };
    let name: String = key.chars().take(16).collect();
    match (found, expected) {
        (None, None) => {}
        (Some(_), None) => faults.push(format!("`{name}` holds what nobody kept")),
        (None, Some(_)) => faults.push(format!("`{name}` is lost")),
        (Some((record, body)), Some((kept, bytes))) => {
            if record != kept {
                faults.push(format!("`{name}` has another record: {record:?}"));
            }
            if body.as_ref() != Some(&bytes) {
                faults.push(format!("`{name}` has another body"));
            }
        }
    }
}

async fn all<P: CacheStore>(store: &P, body: Body<P::Stream>) -> Option<Bytes> {
    store.read(body, BODY_BYTES_MAX, READ_TIMEOUT_MS).await.ok()
}

fn body(place: usize) -> Bytes {
    Bytes::from(format!("body {place}"))
}

fn record(place: usize) -> Record {
    Record {
        index: Index::default(),
        entry: Some(Entry {
            status: 200,
            fields: vec![("x-place".to_owned(), place.to_string())],
            ..Entry::default()
        }),
    }
}

fn index() -> Record {
    Record {
        index: Index {
            invalidated_ms: 1_800_000_000_000,
            varies: vec![vec!["a".to_owned(), "b".to_owned()], vec![]],
        },
        entry: None,
    }
}

fn full() -> Record {
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Record {
        index: index().index,
        entry: Some(Entry {
            status: 599,
            fields: vec![
                pair("etag", "\"\u{fc}\u{1f6d2}\""),
                pair("set-cookie", "a=b, c"),
                pair("set-cookie", "\\\"d\" \t"),
                pair("empty", ""),
            ],
            requested_ms: 1,
            stored_ms: u64::MAX,
            age_seconds: 3,
            lifetime_seconds: 4,
            no_cache: true,
            must_revalidate: true,
            while_revalidate_seconds: 5,
            if_error_seconds: Some(6),
            part: Some(Part {
                first: 7,
                last: 8,
                total: Some(9),
            }),
            tags: vec!["product:1".to_owned()],
            seen: Some(Seen {
                epoch: u64::MAX,
                seq: 10,
            }),
        }),
    }
}
