//! How far a request sees what is no longer true: once, before it looks for a copy, so that whatever is
//! fetched in its course is known to be no newer than this.

use http::HeaderMap;
use shared::feed::Position;
use shared::header::POSITION;

use crate::cache::entry::Entry;
use crate::config::{CachePolicy, Purge};
use crate::feed::{Seen, names};
use crate::pipeline::feed;
use crate::pipeline::forward::Call;
use crate::platform::Platform;
use crate::rejection::Rejection;

/// What a client says that an answer must not be older than: the place behind a change of its own.
pub(in crate::pipeline) fn since(fields: &HeaderMap) -> Result<Option<Position>, Rejection> {
    let mut lines = fields.get_all(POSITION).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let position = line.to_str().ok().and_then(Position::read);
    match (position, lines.next()) {
        (Some(position), None) => Ok(Some(position)),
        _ => Err(Rejection::Malformed(
            "Headgate-Position is the number that an answer to a change carried, once.",
        )),
    }
}

/// What it sees.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight {
    /// What a purge does on this route.
    purge: Purge,
    /// Whether the isolate's view can be relied on.
    pub(super) trusted: bool,
    /// How far it goes.
    pub(super) seen: Option<Seen>,
}

impl Sight {
    /// Looks at the feed, where the route's copies follow it.
    pub(super) async fn of<P: Platform>(
        platform: &P,
        call: &Call<'_>,
        policy: &CachePolicy,
    ) -> Self {
        if call.isolate.gateway.transparent || policy.purge == Purge::None {
            return Self {
                purge: Purge::None,
                trusted: true,
                seen: None,
            };
        }
        let trusted = feed::look(platform, call.isolate).await;
        Self {
            purge: policy.purge,
            trusted,
            seen: call.isolate.feed.view.borrow().seen(),
        }
    }

    /// Lets an entry say what the feed says of it.
    pub(super) fn judge(&self, call: &Call<'_>, entry: &mut Entry, url_key: &str, now_ms: u64) {
        if self.purge != Purge::None {
            let view = call.isolate.feed.view.borrow();
            view.judge(entry, url_key, self.purge, self.trusted, now_ms);
        }
    }

    /// What the origin's answer must not be older than; unset where nobody can say.
    pub(super) fn position(
        &self,
        call: &Call<'_>,
        known: Option<&Entry>,
        since: Option<Position>,
    ) -> Option<Position> {
        if self.purge == Purge::None || !self.trusted {
            return None;
        }
        let templates = call.route.cache.as_ref().map(|policy| &policy.tags);
        let mut tags = templates.map_or_else(Vec::new, |templates| {
            names::filled(templates, &call.route.path, &call.path)
        });
        tags.extend(known.iter().flat_map(|entry| entry.tags.iter().cloned()));
        let told = call.isolate.feed.view.borrow().position(&tags);
        Some(since.map_or(told, |since| told.max(since)))
    }
}
