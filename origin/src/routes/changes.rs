//! Keys on changes that need none: PUT, PATCH, DELETE and POST of products, orders and people, and what
//! admins do.
//!
//! Decides, in this order:
//! 1. Without a key, or without an account that it could belong to: as if there were no keys.
//! 2. The key is known: another request is refused, the same one is replayed.
//! 3. The key is claimed in the transaction that the change then joins. A duplicate meanwhile waits
//!    for it, and gets 409 if that takes too long.
//! 4. 2xx: the answer is kept with the key, and all three commit together; one with a secret is kept
//!    sealed, and not at the edge ([`sealed`]). Anything else: all of it is rolled back, and the key is
//!    free.
//!
//! The database is down: 503, closed.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Uri, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use shared::header as field;
use shared::idempotency::{Fingerprint, Key};
use shared::problem::{Code, Outcome, Problem};
use sqlx::{Postgres, Transaction};

use super::{body, keyed, traceparent};
use crate::app::Shop;
use crate::identity::middleware::Known;
use crate::order;
use crate::refusal::Refusal;
use crate::sealed::{self, Secret};
use crate::store::Fault;
use crate::store::order::key::{self, Answer, Call, Claim, KeyId, Kind, Phase};
use crate::store::pool;
use crate::store::work::Claimed;
use crate::trace;

/// What of an answer a replay repeats.
const REPEATED: [header::HeaderName; 5] = [
    header::CONTENT_TYPE,
    header::LOCATION,
    header::ETAG,
    header::LAST_MODIFIED,
    header::LINK,
];
/// Largest answer that is kept: above any resource.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// These methods of a route, under keys.
pub(super) fn keyed(shop: &Shop, methods: MethodRouter<Shop>) -> MethodRouter<Shop> {
    methods.route_layer(middleware::from_fn_with_state(shop.clone(), under_key))
}

async fn under_key(State(shop): State<Shop>, request: Request, next: Next) -> Response {
    match around(&shop, request, next).await {
        Ok(response) => response,
        Err(refusal) => refusal.into_response(),
    }
}

async fn around(shop: &Shop, request: Request, next: Next) -> Result<Response, Refusal> {
    let (mut parts, content) = request.into_parts();
    let known = parts.extensions.get::<Known>().cloned();
    let known = known.ok_or(Refusal::Internal)?;
    let Some(principal) = known.caller.principal() else {
        return Ok(next.run(Request::from_parts(parts, content)).await);
    };
    let Some(key) = keyed::key(&parts.headers)? else {
        return Ok(next.run(Request::from_parts(parts, content)).await);
    };
    let bytes = body::read(content).await?;
    let uri = original(&parts);
    let print = keyed::fingerprint(&known, &parts.method, &uri, &parts.headers, &bytes);
    let call = Call {
        id: id_of(&known, key)?,
        kind: Kind::Change,
        path: known.client_path(&uri),
        request_id: known.request_id.clone(),
        traceparent: traceparent(&parts.headers).map(str::to_owned),
        converter: known.converter,
    };
    tracing::debug!(account = principal.account, "a keyed change");
    let token = shop.platform.lease_token();
    if let Some(reply) = order::known(shop, &call, &print, token).await? {
        return Ok(reply.into_response());
    }
    let Some(transaction) = claim(shop, &call, &print).await? else {
        // Whoever was faster has committed by now.
        let reply = order::known(shop, &call, &print, token).await?;
        return Ok(reply.ok_or(Refusal::Internal)?.into_response());
    };
    let claimed = Claimed::default();
    claimed.put(transaction);
    parts.extensions.insert(Known {
        claimed: Some(claimed.clone()),
        ..known
    });
    let response = next.run(Request::from_parts(parts, bytes.into())).await;
    keep(shop, &call, &claimed, response).await
}

/// The target as it came, with its prefix.
fn original(parts: &axum::http::request::Parts) -> Uri {
    let original = parts.extensions.get::<axum::extract::OriginalUri>();
    original.map_or_else(|| parts.uri.clone(), |original| original.0.clone())
}

fn id_of(known: &Known, key: Key) -> Result<KeyId, Refusal> {
    let principal = known.caller.principal().ok_or(Refusal::TokenMissing)?;
    Ok(KeyId {
        account: principal.account.clone(),
        mode: principal.mode,
        key,
    })
}

async fn claim(
    shop: &Shop,
    call: &Call,
    fingerprint: &Fingerprint,
) -> Result<Option<Transaction<'static, Postgres>>, Refusal> {
    let now = shop.platform.now();
    let claim = Claim {
        fingerprint,
        phase: Phase::Changing,
        order_id: None,
        lease_token: shop.platform.lease_token(),
        lease_until: now,
        now,
    };
    let mut transaction = pool::begin(&shop.pool).await?;
    match key::claim(&mut transaction, call, &claim).await {
        Ok(true) => Ok(Some(transaction)),
        Ok(false) => Ok(None),
        Err(error) if Fault::of(&error) == (Fault::Undone { repeat: false }) => Err(Problem::new(
            Code::IdempotencyInProgress,
            "The first request with this key is still in progress. Repeat this one shortly.",
        )
        .with_retry_after(1)
        .with_outcome(Outcome::Unknown)
        .into()),
        Err(error) => Err(error.into()),
    }
}

/// Keeps the answer of what was changed and commits; gives up what was refused.
async fn keep(
    shop: &Shop,
    call: &Call,
    claimed: &Claimed,
    response: Response,
) -> Result<Response, Refusal> {
    let Some(mut transaction) = claimed.take().filter(|_| response.status().is_success()) else {
        return Ok(response);
    };
    let (mut head, content) = response.into_parts();
    let is_secret = head.extensions.get::<Secret>().is_some();
    let bytes = to_bytes(content, ANSWER_BYTES_MAX)
        .await
        .map_err(|_| Refusal::Internal)?;
    let fields = REPEATED.iter().filter_map(|name| {
        let value = head.headers.get(name)?.to_str().ok()?;
        Some((name.as_str().to_owned(), value.to_owned()))
    });
    let answer = Answer {
        status: i16::try_from(head.status.as_u16()).unwrap_or(200),
        fields: fields.collect(),
        body: bytes.clone(),
    }
    .carried_down_by(call.converter);
    let answer = if is_secret {
        let sealed = sealed::seal(&shop.derivation_key, &shop.platform, &call.id, answer);
        sealed.ok_or(Refusal::Internal)?
    } else {
        answer
    };
    let now = shop.platform.now();
    if !key::finish(&mut transaction, &call.id, Phase::Changing, &answer, now).await? {
        tracing::error!("a claimed key is gone");
        return Err(Refusal::Internal);
    }
    trace::database("commit", transaction.commit()).await?;
    shop.wake.notify_one();
    if !is_secret {
        let yes = HeaderValue::from_static("true");
        head.headers.insert(field::COMMITTED, yes);
    }
    let no = HeaderValue::from_static("false");
    head.headers.insert(field::IDEMPOTENT_REPLAYED, no);
    if let Some(revision) = call.converter {
        head.headers.insert(field::CONVERTER, revision.into());
    }
    Ok(Response::from_parts(head, Body::from(bytes)))
}
