//! Finds what is stored for a request: the URL's response, a variant, or a part of it.

use http::HeaderMap;

use crate::cache::entry::Entry;
use crate::cache::record::{self, Index};
use crate::cache::reuse::{self, Reuse, Wish};
use crate::cache::{BODY_BYTES_MAX, range, vary};
use crate::pipeline::forward::BODY_TIMEOUT_MS;
use crate::platform::{Body, Platform};

/// What is stored.
pub(super) enum Lookup<S> {
    /// Nothing of the URL.
    Nothing,
    /// Only what other requests asked for; this one's would stand under this key.
    Others(String),
    /// A response for this request.
    Found(Box<Found<S>>),
}

/// A response for this request.
pub(super) struct Found<S> {
    pub(super) entry: Entry,
    pub(super) body: Body<S>,
}

impl<S: 'static> Found<S> {
    /// A second one; without its body where that can't be had twice.
    pub(super) fn copy<P: Platform<Stream = S>>(&self, platform: &P) -> Option<Self> {
        Some(Self {
            entry: self.entry.clone(),
            body: platform.fork(&self.body)?,
        })
    }
}

/// What else is said of what is found, in the terms of an entry.
pub(super) type Judge<'a> = &'a dyn Fn(&mut Entry);

/// Looks.
pub(super) async fn find<P: Platform>(
    platform: &P,
    url_key: &str,
    request: &HeaderMap,
    asked: Option<range::Range>,
    wish: &Wish,
    judge: Judge<'_>,
) -> Lookup<P::Stream> {
    let url = platform.load(url_key).await;
    let (index, whole) = match url {
        Some((record, body)) => (record.index, record.entry.map(|entry| (entry, body))),
        None => (Index::default(), None),
    };
    if let Some((mut entry, body)) = whole {
        judge(&mut entry);
        return Lookup::Found(Box::new(Found { entry, body }));
    }
    let variants = index.varies.iter();
    let mut keys: Vec<String> = variants
        .map(|names| vary::key(url_key, names, request))
        .collect();
    for key in &keys {
        if let Some(found) = admitted(platform, key, &index, judge).await {
            return Lookup::Found(Box::new(found));
        }
    }
    let own = keys.first().cloned();
    if let Some(asked) = asked {
        keys.push(url_key.to_owned());
        for key in keys {
            let key = record::part_key(&key);
            if let Some(found) = part(platform, &key, &index, asked, wish, judge).await {
                return Lookup::Found(Box::new(found));
            }
        }
    }
    own.map_or(Lookup::Nothing, Lookup::Others)
}

async fn admitted<P: Platform>(
    platform: &P,
    key: &str,
    index: &Index,
    judge: Judge<'_>,
) -> Option<Found<P::Stream>> {
    let (record, body) = platform.load(key).await?;
    let mut entry = record.entry.filter(|entry| index.admits(entry))?;
    judge(&mut entry);
    Some(Found { entry, body })
}

/// A fresh part that the range can be cut from. A stale one is fetched anew, as a whole.
async fn part<P: Platform>(
    platform: &P,
    key: &str,
    index: &Index,
    asked: range::Range,
    wish: &Wish,
    judge: Judge<'_>,
) -> Option<Found<P::Stream>> {
    let Found { entry, body } = admitted(platform, key, index, judge).await?;
    let part = entry.part?;
    if reuse::reuse(&entry, wish, platform.now_ms()) != Reuse::Fresh {
        return None;
    }
    let bytes = platform
        .read(body, BODY_BYTES_MAX, BODY_TIMEOUT_MS)
        .await
        .ok()?;
    range::of_part(asked, part, bytes.len())?;
    Some(Found {
        entry,
        body: Body::Bytes(bytes),
    })
}
