//! Authenticate: who is calling, and whether the route's scope is theirs.
//!
//! 1. A route with `auth = "none"` does not look; `optional` checks a token when there is one;
//!    `required` refuses without. A bad token is 401 on both.
//! 2. Known tokens are found in the isolate; others have their claims checked, then their signature
//!    by the issuer's keys [RFC 8725, 9068, 6750].
//! 3. When an issuer is down and its keys are not held: 503, closed.

use http::{HeaderMap, header};
use shared::caller::{Caller, Principal};

use super::{Isolate, pool};
use crate::config::{Auth, Route};
use crate::identity::keys::{self, Lookup};
use crate::identity::token::{self, Pending, Refused};
use crate::platform::Platform;
use crate::rejection::Rejection;

/// The caller of a request.
pub(super) async fn authenticate<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    route: &Route,
    fields: &HeaderMap,
) -> Result<Caller, Rejection> {
    if route.auth == Auth::None {
        return Ok(Caller::Anonymous);
    }
    let Some(token) = bearer(fields)? else {
        return match route.auth {
            Auth::Required => Err(Rejection::TokenMissing),
            Auth::None | Auth::Optional => Ok(Caller::Anonymous),
        };
    };
    let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
    if let Some(principal) = isolate.tokens.borrow().find(token, now_seconds) {
        return Ok(Caller::Known(principal));
    }
    let pending = token::read(token, &isolate.gateway.issuers, now_seconds)
        .map_err(Rejection::TokenRefused)?;
    let expires = pending.expires;
    let principal = verified(platform, isolate, pending).await?;
    isolate
        .tokens
        .borrow_mut()
        .keep(token, principal.clone(), expires, now_seconds);
    Ok(Caller::Known(principal))
}

/// Whether the route's scope is the caller's.
pub(super) fn in_scope(route: &Route, caller: &Caller) -> Result<(), Rejection> {
    match (&route.scope, caller.principal()) {
        (Some(scope), Some(principal)) if !principal.may(scope) => {
            Err(Rejection::ScopeMissing(scope.clone()))
        }
        (Some(_), None) => Err(Rejection::TokenMissing),
        _ => Ok(()),
    }
}

/// The token of the one `Authorization` field; another scheme counts as none [RFC 6750 §2.1].
fn bearer(fields: &HeaderMap) -> Result<Option<&str>, Rejection> {
    let mut lines = fields.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        return Err(Rejection::Malformed(
            "The Authorization field stands more than once.",
        ));
    }
    let malformed = Rejection::TokenRefused(Refused::Malformed);
    let (scheme, token) = line
        .to_str()
        .ok()
        .and_then(|line| line.split_once(' '))
        .ok_or(malformed)?;
    Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()))
}

async fn verified<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    pending: Pending<'_>,
) -> Result<Principal, Rejection> {
    let url = pending.issuer.jwks_url.as_str();
    let find = || {
        let now_ms = platform.now_ms();
        isolate
            .keys
            .borrow()
            .find(url, pending.key_id.as_deref(), pending.algorithm, now_ms)
    };
    let mut reachable = true;
    let mut found = find();
    if found == Lookup::Fetch {
        let fetched = pool::fetch_keys(platform, isolate, url, keys::FETCH_TIMEOUT_MS).await;
        let now_ms = platform.now_ms();
        let mut documents = isolate.keys.borrow_mut();
        match fetched {
            Ok(bytes) => documents.fetched(url, &bytes, now_ms),
            Err(_) => {
                reachable = false;
                documents.failed(url, now_ms);
            }
        }
        drop(documents);
        found = find();
    }
    let Lookup::Key(jwk) = found else {
        return Err(if reachable {
            Rejection::TokenRefused(Refused::Signature)
        } else {
            Rejection::KeysUnavailable
        });
    };
    let holds = platform
        .verify(pending.algorithm, &jwk, pending.message, &pending.signature)
        .await;
    if holds {
        Ok(pending.principal)
    } else {
        Err(Rejection::TokenRefused(Refused::Signature))
    }
}
