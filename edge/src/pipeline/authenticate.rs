//! Authenticate: who is calling, and whether the route's scope is theirs.
//!
//! 1. A route with `auth = "none"` or `"origin"` does not look; `optional` checks a token or key when there is one;
//!    `required` refuses without. A bad one is 401 on both; a key and a token together are 400.
//! 2. Known tokens are found in the isolate; others have their claims checked, then their signature
//!    by the issuer's keys [RFC 8725, 9068, 6750].
//! 3. An API key stands in `X-Api-Key`, or as a bearer token that begins with [`KEY_PREFIX`]. One whose
//!    check does not hold is refused without a look; others by their record ([`super::records`]). An
//!    address that tries too many which nobody holds is 429 ([`guesses`]).
//! 4. What the feed says was revoked does not hold, known or not.
//! 5. When an issuer is down and its keys are not held, or the origin and a key's record is not: 503,
//!    closed.

use http::{HeaderMap, header};
use shared::api_key::ApiKey;
use shared::caller::Caller;
use shared::id::PlanId;
use shared::record;

use super::{Inbound, Isolate, feed, limit, pool, records};
use crate::config::{Auth, Route};
use crate::identity::keys::{self, Lookup};
use crate::identity::records::Kept;
use crate::identity::token::{self, Pending, Refused, Said};
use crate::limit::book::Violated;
use crate::limit::fields::retry_after_seconds;
use crate::limit::guesses;
use crate::platform::Platform;
use crate::rejection::Rejection;

/// How every API key begins.
const KEY_PREFIX: &str = "hg_";
/// The field of an API key.
const KEY_FIELD: &str = "x-api-key";

/// Who is calling, and what came to be known with it.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) caller: Caller,
    /// An API key's plan; others are on the configured one.
    pub(super) plan: Option<PlanId>,
    /// The token's session.
    pub(super) session: Option<String>,
}

impl Identity {
    const ANONYMOUS: Self = Self {
        caller: Caller::Anonymous,
        plan: None,
        session: None,
    };
}

/// What a request proves itself by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Credential<'a> {
    Token(&'a str),
    Key(&'a str),
}

/// The caller of a request.
pub(super) async fn authenticate<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    route: &Route,
    inbound: &Inbound<P::Stream>,
) -> Result<Identity, Rejection> {
    if matches!(route.auth, Auth::None | Auth::Origin) {
        return Ok(Identity::ANONYMOUS);
    }
    let Some(credential) = credential(&inbound.parts.headers)? else {
        return match route.auth {
            Auth::Required => Err(Rejection::TokenMissing),
            Auth::None | Auth::Origin | Auth::Optional => Ok(Identity::ANONYMOUS),
        };
    };
    // A view that can't be had serves as it is: reads go on, and changes are refused after a while.
    match credential {
        Credential::Token(token) => {
            feed::look(platform, isolate).await;
            by_token(platform, isolate, token).await
        }
        Credential::Key(text) => {
            let key: ApiKey = text.parse().map_err(|_| Rejection::ApiKeyRefused)?;
            feed::look(platform, isolate).await;
            by_key(platform, isolate, &key, inbound.address.as_deref()).await
        }
    }
}

async fn by_token<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    token: &str,
) -> Result<Identity, Rejection> {
    let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
    if let Some(said) = isolate.tokens.borrow().find(token, now_seconds) {
        return identity(isolate, said);
    }
    let pending = token::read(token, &isolate.gateway.issuers, now_seconds)
        .map_err(Rejection::TokenRefused)?;
    let said = Box::pin(verified(platform, isolate, pending)).await?;
    let identity = identity(isolate, &said)?;
    isolate.tokens.borrow_mut().keep(token, said, now_seconds);
    Ok(identity)
}

/// Who a token says is calling, unless it was revoked.
fn identity(isolate: &Isolate, said: &Said) -> Result<Identity, Rejection> {
    let view = isolate.feed.view.borrow();
    let subject = &said.principal.subject;
    if view
        .revoked()
        .holds(said.id.as_deref(), subject, said.issued)
    {
        return Err(Rejection::TokenRefused(Refused::Revoked));
    }
    Ok(Identity {
        caller: Caller::Known(said.principal.clone()),
        plan: None,
        session: said.session.clone(),
    })
}

async fn by_key<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    key: &ApiKey,
    address: Option<&str>,
) -> Result<Identity, Rejection> {
    let name = record::key_name(key.hash());
    let found = match records::held(platform, &isolate.records, &name) {
        Some(held) => held,
        // On the heap, so that known callers carry a small future.
        None => Box::pin(look_for(platform, isolate, key, &name, address)).await?,
    };
    let Kept::Key(record) = found else {
        return Err(Rejection::ApiKeyRefused);
    };
    let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
    let principal = record
        .principal(now_seconds)
        .filter(|principal| principal.mode == key.mode())
        .ok_or(Rejection::ApiKeyRefused)?;
    Ok(Identity {
        caller: Caller::Known(principal),
        plan: Some(record.plan),
        session: None,
    })
}

/// A key's record that this isolate does not hold, unless its address has guessed too often.
async fn look_for<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    key: &ApiKey,
    name: &str,
    address: Option<&str>,
) -> Result<Kept, Rejection> {
    let address = limit::bucket(&Caller::Anonymous, address);
    let asks = |now_ms| {
        let guesses = &mut isolate.limits.borrow_mut().guesses;
        guesses.ask(&address, name, now_ms)
    };
    if let Err(refused) = asks(platform.now_ms()) {
        let known = records::nearby(platform, &isolate.records, name, Kept::key).await;
        return known.ok_or_else(|| Rejection::Limited {
            policy: guesses::POLICY_NAME.to_owned(),
            violated: Violated {
                rate: true,
                ..Violated::default()
            },
            retry_after_seconds: retry_after_seconds(refused),
        });
    }
    let path = record::key_path(key.hash());
    let wait_ms = records::TIMEOUT_MS;
    let source = &isolate.records;
    let found = records::find(platform, source, name, &path, Kept::key, wait_ms).await;
    let unknown = matches!(found, Ok(Kept::Absent));
    let guesses = &mut isolate.limits.borrow_mut().guesses;
    guesses.asked(&address, name, unknown, platform.now_ms());
    found
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

/// What the fields prove.
fn credential(fields: &HeaderMap) -> Result<Option<Credential<'_>>, Rejection> {
    let bearer = bearer(fields)?;
    let mut lines = fields.get_all(KEY_FIELD).iter();
    let key = match (lines.next(), lines.next()) {
        (None, _) => None,
        (Some(line), None) => Some(line.to_str().map_err(|_| Rejection::ApiKeyRefused)?.trim()),
        (Some(_), Some(_)) => {
            return Err(Rejection::Malformed(
                "The X-Api-Key field stands more than once.",
            ));
        }
    };
    match (bearer, key) {
        (Some(_), Some(_)) => Err(Rejection::Malformed(
            "Send X-Api-Key or a bearer token, not both.",
        )),
        (None, None) => Ok(None),
        (None, Some(key)) => Ok(Some(Credential::Key(key))),
        (Some(key), None) if key.starts_with(KEY_PREFIX) => Ok(Some(Credential::Key(key))),
        (Some(token), None) => Ok(Some(Credential::Token(token))),
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
) -> Result<Said, Rejection> {
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
            Ok(keys) => documents.fetched(url, keys, now_ms),
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
        Ok(pending.said)
    } else {
        Err(Rejection::TokenRefused(Refused::Signature))
    }
}
