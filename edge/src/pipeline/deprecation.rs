//! Deprecation: what an answer of a deprecated version says about its end, who still uses it, and
//! the answer of GET /account/deprecations.
//!
//! 1. `Deprecation` [RFC 9745] and `Sunset` [RFC 8594], and links to the successor of this very
//!    request and to a page about the difference; also on refusals.
//! 2. A known caller's use is counted after the answer, at most once a minute an isolate.
//! 3. When the account's store is down: uses go uncounted, and the account's report is 503.
//!
//! The counting: [`crate::usage`].

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Response, Uri};
use serde_json::json;
use shared::caller::Caller;
use shared::version::ApiVersion;

use super::version::{self, Asked};
use super::{Isolate, finish};
use crate::config::{Lifecycle, Route};
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;
use crate::usage::{Use, What};

/// What an answer of a deprecated version says.
#[derive(Debug, Clone)]
pub(super) struct Notice {
    deprecated: i64,
    sunset: String,
    /// Path and query of the same request in the latest version.
    successor: String,
    version: ApiVersion,
}

impl Notice {
    /// The notice of a request, if its version is deprecated.
    pub(super) fn of(lifecycle: &Lifecycle, asked: &Asked, uri: &Uri) -> Self {
        let latest = ApiVersion::LATEST;
        let query = uri.query().map(|query| format!("?{query}"));
        Self {
            deprecated: lifecycle.deprecated.unix_seconds(),
            sunset: lifecycle.sunset.http_date(),
            successor: format!("/{latest}{}{}", asked.path, query.unwrap_or_default()),
            version: asked.version,
        }
    }

    /// Adds the fields. A list's own links stay beside ours.
    pub(super) fn write(&self, fields: &mut HeaderMap, base: &str) {
        let links = format!(
            "<{}>; rel=\"successor-version\", <{base}/versions/{}>; rel=\"deprecation\"; \
             type=\"text/html\"",
            self.successor, self.version
        );
        let deprecation = format!("@{}", self.deprecated);
        for (name, value) in [
            (HeaderName::from_static("deprecation"), deprecation.as_str()),
            (HeaderName::from_static("sunset"), &self.sunset),
            (header::LINK, &links),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                fields.append(name, value);
            }
        }
    }
}

/// Counts a known caller's use of a deprecated version.
pub(super) fn note<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    asked: &Asked,
    route: &Route,
    method: &http::Method,
    caller: &Caller,
) {
    let (Some(principal), Some(_)) = (
        caller.principal(),
        version::lifecycle(&isolate.gateway, asked.version),
    ) else {
        return;
    };
    let what = What {
        version: asked.version.as_str().to_owned(),
        route: route.name.clone(),
        method: method.as_str().to_owned(),
    };
    let now_ms = platform.now_ms();
    let counted = isolate
        .uses
        .borrow_mut()
        .count(&principal.account, &what, now_ms);
    let Some(requests) = counted else { return };
    let (store, account) = (platform.clone(), principal.account.clone());
    platform.defer(async move {
        // A count that is lost is no request that is lost.
        let _ = store.note_use(&account, what, requests).await;
    });
}

/// Answers GET /account/deprecations.
pub(super) async fn answer<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    caller: &Caller,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let principal = caller.principal().ok_or(Rejection::TokenMissing)?;
    let uses = platform
        .uses(&principal.account)
        .await
        .map_err(|_| Rejection::UsageDown)?;
    let data: Vec<_> = uses.iter().filter_map(|used| row(isolate, used)).collect();
    let list = json!({"object": "list", "data": data, "has_more": false, "next_cursor": null});
    let mut response = Response::new(Body::Bytes(list.to_string().into()));
    let fields = response.headers_mut();
    fields.insert(
        header::CONTENT_TYPE,
        const { HeaderValue::from_static("application/json") },
    );
    fields.insert(
        header::CACHE_CONTROL,
        const { HeaderValue::from_static("private, no-store") },
    );
    Ok(response)
}

/// One use; a route or version that the configuration no longer has needs nobody's attention.
fn row(isolate: &Isolate, used: &Use) -> Option<serde_json::Value> {
    let Use {
        what,
        requests,
        last_ms,
    } = used;
    let lifecycle = isolate.gateway.versions.get(&what.version)?;
    let route = isolate.routes.named(&what.route)?;
    Some(json!({
        "object": "deprecation",
        "api_version": what.version,
        "route": what.route,
        "method": what.method,
        "path": route.path,
        "deprecated_at": lifecycle.deprecated.to_string(),
        "sunset_at": lifecycle.sunset.to_string(),
        "successor": format!("/{}{}", ApiVersion::LATEST, route.path),
        "requests": requests,
        "last_used_at": finish::rfc3339(*last_ms),
    }))
}
