//! Stores a response where requests like the one that produced it find it.

use bytes::Bytes;
use http::header::HeaderMap;

use crate::cache::entry::Entry;
use crate::cache::record::{self, Index, Record};
use crate::cache::{INDEX_SECONDS, STALE_KEPT_SECONDS, fields, vary};
use crate::platform::{Body, Platform};

/// Where a response belongs.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The URL's key.
    pub(super) key: String,
    /// The fields of the request, of which `Vary` names some.
    pub(super) request: HeaderMap,
    /// Fields that matter even where `Vary` does not name them.
    pub(super) vary: Vec<String>,
}

/// Stores it, unless the URL was invalidated since it was asked for.
pub(super) async fn keep<P: Platform>(platform: &P, place: &Place, entry: Entry, body: Bytes) {
    let index = index(platform, &place.key).await.unwrap_or_default();
    if index.admits(&entry) {
        write(platform, place, index, entry, body).await;
    }
}

/// Stores the answer to a request that invalidated the URL by itself.
pub(super) async fn replace<P: Platform>(
    platform: &P,
    place: &Place,
    mut entry: Entry,
    body: Bytes,
) {
    let index = index(platform, &place.key).await.unwrap_or_default();
    entry.requested_ms = index.invalidated_ms.saturating_add(1);
    write(platform, place, index, entry, body).await;
}

/// Whether nothing that this location changed since it was asked for makes it untrue.
pub(super) async fn admits<P: Platform>(platform: &P, key: &str, entry: &Entry) -> bool {
    index(platform, key).await.unwrap_or_default().admits(entry)
}

impl Place {
    /// The names of the request's fields that a response depends on; `None` when it is for no other
    /// request.
    fn names(&self, entry: &Entry) -> Option<Vec<String>> {
        let mut names = vary::names(&fields::head(&entry.fields))?;
        names.extend(self.vary.iter().cloned());
        names.sort_unstable();
        names.dedup();
        Some(names)
    }

    /// Which requests a response is for: what it depends on, and what this request says of that.
    pub(super) fn variant(&self, entry: &Entry) -> Option<String> {
        let names = self.names(entry)?;
        Some(if names.is_empty() {
            self.key.clone()
        } else {
            vary::key(&self.key, &names, &self.request)
        })
    }
}

async fn write<P: Platform>(platform: &P, place: &Place, index: Index, entry: Entry, body: Bytes) {
    let Some(names) = place.names(&entry) else {
        return;
    };
    let ttl_seconds = ttl_seconds(&entry);
    let is_part = entry.part.is_some();
    let requested_ms = entry.requested_ms;
    let mut record = Record {
        index: Index::default(),
        entry: Some(entry),
    };
    if names.is_empty() {
        if is_part {
            let key = record::part_key(&place.key);
            platform.keep(&key, &record, body, ttl_seconds).await;
        } else {
            // The newest response is for every request, so that older variants are forgotten.
            record.index.invalidated_ms = index.invalidated_ms;
            platform.keep(&place.key, &record, body, ttl_seconds).await;
        }
        return;
    }
    let variant = vary::key(&place.key, &names, &place.request);
    let key = if is_part {
        record::part_key(&variant)
    } else {
        variant
    };
    platform.keep(&key, &record, body, ttl_seconds).await;
    // An index that is not written loses nothing that was written to it meanwhile.
    if !index.leads_with(&names) {
        note(platform, &place.key, &names, requested_ms).await;
    }
}

/// Adds the names to the URL's index. A first answer that depends on other fields may be added at the
/// same time: what one write lost, its writer finds missing and adds again, once.
async fn note<P: Platform>(platform: &P, key: &str, names: &[String], requested_ms: u64) {
    let known = index(platform, key).await;
    let mut ours = known
        .unwrap_or_else(|| Index::begun(requested_ms))
        .noting(names);
    write_index(platform, key, ours.clone()).await;
    let found = index(platform, key).await.unwrap_or_default();
    let lost = !found.varies.iter().any(|known| known == names);
    if lost || found.invalidated_ms < ours.invalidated_ms {
        ours = ours.joined(found);
        write_index(platform, key, ours).await;
    }
}

async fn write_index<P: Platform>(platform: &P, key: &str, index: Index) {
    let record = Record { index, entry: None };
    platform
        .keep(key, &record, Bytes::new(), INDEX_SECONDS)
        .await;
}

/// Says that nothing asked for until now is true any longer.
pub(super) async fn invalidate<P: Platform>(platform: &P, key: &str) {
    let known = index(platform, key).await.unwrap_or_default();
    let ours = Index {
        invalidated_ms: platform.now_ms(),
        varies: known.varies,
    };
    write_index(platform, key, ours.clone()).await;
    // A variant's writer that had read the index before may have put that back.
    let found = index(platform, key).await.unwrap_or_default();
    if found.invalidated_ms < ours.invalidated_ms {
        write_index(platform, key, ours.joined(found)).await;
    }
}

/// What is known of the URL, if anything stands under its key; the body is of no interest.
async fn index<P: Platform>(platform: &P, key: &str) -> Option<Index> {
    Some(platform.load(key).await?.0.index)
}

/// For how long it may be of use: fresh, stale, or to be asked about.
fn ttl_seconds(entry: &Entry) -> u64 {
    let fresh = entry.lifetime_seconds.saturating_sub(entry.age_seconds);
    let stale = entry.stale_seconds().max(STALE_KEPT_SECONDS);
    fresh.saturating_add(stale)
}

/// Reads an announced length.
pub(super) fn announced<S>(fields: &HeaderMap, body: &Body<S>) -> Option<usize> {
    match body {
        Body::Empty => Some(0),
        Body::Bytes(bytes) => Some(bytes.len()),
        Body::Stream(_) => fields
            .get(http::header::CONTENT_LENGTH)
            .and_then(|length| length.to_str().ok()?.parse().ok()),
    }
}
