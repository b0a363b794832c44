//! Sessions: signing in, exchanging refresh tokens, signing out. Nobody needs a token for them: what
//! is sent proves who it is.
//!
//! A sign-in decides, in this order:
//! 1. The body's shape.
//! 2. Whether the account or the address has failed too often: 429, before any hash is computed.
//! 3. Email address and password together: 401 `credentials_invalid` for either, after one hash each.

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use shared::caller::{Mode, Principal, Role};
use shared::id::{SessionId, UserId};
use shared::session::{Refresh, RefreshToken, SignIn, Tokens};

use super::{answer, body, keyed, private};
use crate::app::Shop;
use crate::identity::issue;
use crate::identity::middleware::Known;
use crate::identity::token::LIFETIME_SECONDS;
use crate::refusal::Refusal;
use crate::session::attempts::Subject;
use crate::session::{Secret, Verdict, judge, session_ends, token_ends};
use crate::store::pool;
use crate::store::session::{self, End, Exchange, Held, NewSession, failures};

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(create, refresh, end))]
pub(super) struct Operations;

/// Sign in.
///
/// After some failures of an account, or from an address, signing in is closed for a while that grows
/// with each further one.
#[utoipa::path(post, path = "/sessions", operation_id = "createSession", tag = "sessions",
    request_body = SignIn,
    responses((status = 200, description = "The session's tokens.", body = Tokens)),
    security((), ("access_token" = [])))]
pub(super) async fn create(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let asked: SignIn = body::json(&headers, content).await?;
    let account = Subject::account(&asked.email);
    let subjects: Vec<_> = [Some(account), known.address.map(Subject::address)]
        .into_iter()
        .flatten()
        .collect();
    let now = shop.platform.now();
    failures::begin(&shop.pool, &subjects, now)
        .await?
        .map_err(Refusal::SignInClosed)?;
    let signed_in = sign_in(&shop, &asked).await;
    match &signed_in {
        Ok(_) => failures::take_back(&shop.pool, &subjects, Some(account), now).await?,
        Err(Refusal::Credentials) => {
            tracing::info!(target: "audit", request_id = known.request_id, "a sign-in failed");
        }
        // We failed, not whoever tried.
        Err(_) => failures::take_back(&shop.pool, &subjects, None, now).await?,
    }
    let (session, user, role, secret) = signed_in?;
    tracing::info!(target: "audit", %user, %session, request_id = known.request_id, "signed in");
    tokens(&shop, session, user, role, secret.token()).await
}

async fn sign_in(
    shop: &Shop,
    asked: &SignIn,
) -> Result<(SessionId, UserId, Role, Secret), Refusal> {
    let user = session::registered(&shop.pool, &asked.email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.as_deref());
    let fits = shop.passwords.fits(&asked.password, hash).await?;
    let (Some(user), Some(hash), true) = (&user, hash, fits) else {
        return Err(Refusal::Credentials);
    };
    let secret = Secret::new(&shop.platform);
    let now = shop.platform.now();
    let expires_at = session_ends(now);
    let new = NewSession {
        id: shop.platform.session_id(),
        user: user.id,
        password_hash: hash,
        token_hash: secret.hash(),
        token_expires_at: token_ends(now, expires_at),
        expires_at,
        now,
    };
    let mut transaction = pool::begin(&shop.pool).await?;
    if !session::begin(&mut transaction, &new).await? {
        return Err(Refusal::Credentials);
    }
    transaction.commit().await?;
    Ok((new.id, user.id, user.role, secret))
}

/// Exchange a refresh token.
///
/// Each is exchanged once, for an access token and the next refresh token. One that comes again ends the
/// session. Only under the `Idempotency-Key` that it was exchanged under, within ten seconds, it gets the
/// same successor, unless that was used: the answer was lost.
#[utoipa::path(post, path = "/sessions/refresh", operation_id = "refreshSession",
    tag = "sessions",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "A random UUID for each exchange, the same one with each retry of it.")),
    request_body = Refresh,
    responses((status = 200, description = "The session's next tokens.", body = Tokens)),
    security((), ("access_token" = [])))]
pub(super) async fn refresh(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let asked: Refresh = body::json(&headers, content).await?;
    let key = keyed::key(&headers)?;
    let secret = Secret::read(&asked.refresh_token).ok_or(Refusal::RefreshToken)?;
    let mut transaction = pool::begin(&shop.pool).await?;
    let held = session::held(&mut transaction, &secret.hash())
        .await?
        .ok_or(Refusal::RefreshToken)?;
    let now = shop.platform.now();
    let successor = held.sealed.as_deref().zip(held.successor.as_deref());
    let successor = successor
        .zip(key.as_ref())
        .and_then(|((sealed, hash), key)| secret.open(key, sealed, hash));
    let next = match judge(&held.found, successor.is_some(), now) {
        Verdict::Exchange => {
            let next = Secret::new(&shop.platform);
            let sealed = key.as_ref().map(|key| secret.seal(key, &next));
            let exchange = Exchange {
                session: held.session,
                old: &secret.hash(),
                new: &next.hash(),
                sealed: sealed.as_ref(),
                expires_at: token_ends(now, held.found.session_expires_at),
                now,
            };
            session::exchange(&mut transaction, &exchange).await?;
            transaction.commit().await?;
            Some(next)
        }
        Verdict::Repeat => successor,
        Verdict::Reused => {
            session::end(&mut transaction, held.session, End::TokenReused, now).await?;
            transaction.commit().await?;
            tracing::warn!(target: "audit", user = %held.user, session = %held.session,
                request_id = known.request_id, "a used refresh token came again: session ended");
            None
        }
        Verdict::Ended => None,
    };
    let next = next.ok_or(Refusal::RefreshToken)?;
    let Held {
        session,
        user,
        role,
        ..
    } = held;
    tokens(&shop, session, user, role, next.token()).await
}

/// Sign out.
///
/// Which session it is, the refresh token in the body says, or else the access token. Its refresh
/// tokens no longer hold; access tokens run out within ten minutes.
#[utoipa::path(delete, path = "/sessions/current", operation_id = "endSession", tag = "sessions",
    request_body(content = Option<Refresh>, description = "The session's refresh token, if the access token is not sent."),
    responses((status = 204, description = "The session has ended.")),
    security((), ("access_token" = [])))]
pub(super) async fn end(
    State(shop): State<Shop>,
    Extension(known): Extension<Known>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let bytes = body::read(content).await?;
    let now = shop.platform.now();
    let mut transaction = pool::begin(&shop.pool).await?;
    // Null is a body that names no session.
    let session = if bytes.is_empty() || bytes.trim_ascii() == b"null" {
        known.session.ok_or(Refusal::TokenMissing)?
    } else {
        let asked: Refresh = body::parsed(&headers, &bytes)?;
        let secret = Secret::read(&asked.refresh_token).ok_or(Refusal::RefreshToken)?;
        let held = session::held(&mut transaction, &secret.hash()).await?;
        held.ok_or(Refusal::RefreshToken)?.session
    };
    if session::end(&mut transaction, session, End::SignedOut, now).await? {
        transaction.commit().await?;
        tracing::info!(target: "audit", %session, request_id = known.request_id, "signed out");
    }
    // One that had ended before is as it shall be.
    Ok(answer::deleted())
}

/// The answer: tokens that nobody may keep a copy of.
async fn tokens(
    shop: &Shop,
    session: SessionId,
    user: UserId,
    role: Role,
    refresh_token: RefreshToken,
) -> Result<Response, Refusal> {
    let subject = user.to_string();
    let principal = Principal {
        account: subject.clone(),
        subject,
        role,
        scopes: role
            .scopes()
            .iter()
            .map(|&scope| scope.to_owned())
            .collect(),
        mode: Mode::Live,
    };
    let tokens = Tokens {
        access_token: issue::access_token(shop, &principal, Some(session)).await?,
        token_type: "Bearer".to_owned(),
        expires_in: LIFETIME_SECONDS,
        refresh_token,
    };
    Ok(([private()], Json(tokens)).into_response())
}
