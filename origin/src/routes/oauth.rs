//! POST /oauth/token: a client's own access token. Its answers and refusals are those of RFC 6749, the
//! one place where a refusal is no problem document (see [`crate::oauth`]).

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use shared::caller::Principal;
use shared::id::ClientId;

use super::body;
use crate::app::Shop;
use crate::commands::clients::digest;
use crate::identity::issue;
use crate::identity::token::LIFETIME_SECONDS;
use crate::oauth::{self, Refused, uncached};
use crate::refusal::Refusal;
use crate::store::client;

/// What the body is.
const FORM: &str = "application/x-www-form-urlencoded";

/// The operations of this file.
#[derive(utoipa::OpenApi)]
#[openapi(paths(token))]
pub(super) struct Operations;

/// The form of POST /oauth/token.
#[derive(Deserialize, utoipa::ToSchema)]
#[expect(dead_code, reason = "the document's form of what `oauth::read` reads")]
struct TokenRequest {
    /// Always `client_credentials`.
    #[schema(
        max_length = 100,
        pattern = "^client_credentials$",
        example = "client_credentials"
    )]
    grant_type: String,
    /// The client's id, unless it stands in the Authorization field.
    #[schema(max_length = 100, pattern = r"^[\x21-\x7e]+$")]
    client_id: Option<String>,
    /// The client's secret, unless it stands in the Authorization field.
    #[schema(write_only, max_length = 200, pattern = r"^[\x21-\x7e]+$")]
    client_secret: Option<String>,
    /// Scopes, separated by spaces; all that the client has without it.
    #[schema(max_length = 500, pattern = r"^[\x20-\x7e]*$", example = "orders:read")]
    scope: Option<String>,
}

/// A client's access token [RFC 6749 §5.1].
#[derive(Serialize, utoipa::ToSchema)]
struct TokenAnswer {
    /// For `Authorization: Bearer …`.
    #[schema(max_length = 8192, pattern = r"^[A-Za-z0-9_.-]+$")]
    access_token: String,
    /// Always `Bearer`.
    #[schema(max_length = 6, pattern = "^Bearer$")]
    token_type: &'static str,
    /// Seconds for which it holds.
    #[schema(minimum = 1, maximum = 86400)]
    expires_in: i64,
    /// The scopes that it carries, separated by spaces.
    #[schema(max_length = 500, pattern = r"^[\x20-\x7e]*$")]
    scope: String,
}

/// Why there is no token [RFC 6749 §5.2].
#[derive(Serialize, utoipa::ToSchema)]
struct TokenError {
    /// `invalid_request`, `invalid_client`, `unsupported_grant_type` or `invalid_scope`.
    #[schema(max_length = 40, pattern = "^[a-z_]+$")]
    error: String,
    /// What is wrong.
    #[schema(max_length = 300, pattern = r"^[\x20-\x7e]*$")]
    error_description: String,
}

/// Get an access token as a client.
///
/// For partners and services, by the grant `client_credentials` [RFC 6749 §4.4]. The credentials stand in
/// the body or, by Basic, in the Authorization field. Refusals have the form of RFC 6749.
#[utoipa::path(post, path = "/oauth/token", operation_id = "createToken", tag = "sessions",
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token.", body = TokenAnswer),
        (status = 400, description = "The request is refused.", body = TokenError),
        (status = 401, description = "The client is refused.", body = TokenError)),
    security((), ("client_secret" = [])))]
pub(super) async fn token(
    State(shop): State<Shop>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Refusal> {
    let form = body::read(content).await?;
    if !body::is(&headers, FORM) {
        let wanted = format!("Send the body as {FORM}.");
        return Ok(Refused::Request(wanted).into_response());
    }
    let asked = match oauth::read(&headers, &form) {
        Ok(asked) => asked,
        Err(refused) => return Ok(refused.into_response()),
    };
    let now = shop.platform.now();
    let client = match asked.credentials.id.parse::<ClientId>() {
        Ok(id) => client::proven(&shop.pool, id, &digest(&asked.credentials.secret), now).await?,
        Err(_) => None,
    };
    let by_field = asked.credentials.by_field;
    let Some(client) = client else {
        tracing::info!(target: "audit", by_field, "a client was refused");
        return Ok(Refused::Client { by_field }.into_response());
    };
    if !asked.grant_served {
        return Ok(Refused::Grant.into_response());
    }
    let scopes = match oauth::scopes(asked.scope.as_deref(), &client.scopes) {
        Ok(scopes) => scopes,
        Err(refused) => return Ok(refused.into_response()),
    };
    let scope = scopes.join(" ");
    let principal = Principal {
        subject: client.id.to_string(),
        account: client.account,
        role: client.role,
        scopes,
        mode: client.mode,
    };
    let answer = TokenAnswer {
        access_token: issue::access_token(&shop, &principal, None).await?,
        token_type: "Bearer",
        expires_in: LIFETIME_SECONDS,
        scope,
    };
    tracing::info!(target: "audit", client = %client.id, "a client got a token");
    Ok((uncached(), Json(answer)).into_response())
}
