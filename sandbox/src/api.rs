//! The provider's API: JSON over HTTP.
//!
//! | call | answer |
//! |---|---|
//! | POST /charges `{reference, method, amount, currency}` | 201, or 402 if it was declined: the charge |
//! | GET /charges?reference=… | 200: a list of none or one |
//! | GET /book?since=…&after=… | 200: charges since that time and behind that one, oldest first, each with what was `refunded` of it; `has_more` |
//! | POST /refunds `{reference, amount, currency}` | 201: the refund |
//! | GET /healthz | 204 |
//!
//! A POST needs an `Idempotency-Key`: sent again with it, it gets the first one's charge or refund;
//! with other parameters 409. Errors are `{"error": {"code", "message"}}`.

use std::future::Future;

use axum::extract::rejection::JsonRejection;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::DateTime;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::book::{Book, Charge, NewCharge, NewRefund, Refund, Refused};
use crate::clock;
use crate::line::{Hangup, Lines};
use crate::methods::{self, Fault};

/// Lines of one page of the book.
const LINES_MAX: i64 = 100;

/// Serves the API until `ending` is done.
pub async fn serve(
    book: Book,
    listener: TcpListener,
    ending: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let router = Router::new()
        .route("/charges", post(charge).get(look_up))
        .route("/book", get(read))
        .route("/refunds", post(refund))
        .route("/healthz", get(|| async { StatusCode::NO_CONTENT }))
        .with_state(book)
        .into_make_service_with_connect_info::<Hangup>();
    axum::serve(Lines(listener), router)
        .with_graceful_shutdown(ending)
        .await
}

struct Failure(StatusCode, &'static str, String);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Self(status, code, message) = self;
        let error = json!({"error": {"code": code, "message": message}});
        (status, Json(error)).into_response()
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        let (status, code) = match &refused {
            Refused::KeyReused => (StatusCode::CONFLICT, "idempotency_key_reused"),
            Refused::ReferenceTaken => (StatusCode::CONFLICT, "reference_taken"),
            Refused::NotRefundable => (StatusCode::CONFLICT, "charge_not_refundable"),
            Refused::Database(error) => {
                tracing::warn!(%error, "the book can't be written");
                (StatusCode::SERVICE_UNAVAILABLE, "unavailable")
            }
        };
        Self(status, code, refused.to_string())
    }
}

impl From<JsonRejection> for Failure {
    fn from(rejection: JsonRejection) -> Self {
        Self(rejection.status(), "request_invalid", rejection.body_text())
    }
}

fn key(headers: &HeaderMap) -> Result<&str, Failure> {
    headers
        .get("idempotency-key")
        .and_then(|key| key.to_str().ok())
        .filter(|key| !key.is_empty())
        .ok_or_else(|| {
            let message = "send an Idempotency-Key".to_owned();
            Failure(StatusCode::BAD_REQUEST, "idempotency_key_required", message)
        })
}

fn shown(charge: &Charge) -> Value {
    let mut document = json!(charge);
    document["object"] = json!("charge");
    document
}

async fn charge(
    State(book): State<Book>,
    ConnectInfo(hangup): ConnectInfo<Hangup>,
    headers: HeaderMap,
    new: Result<Json<NewCharge>, JsonRejection>,
) -> Result<Response, Failure> {
    let key = key(&headers)?;
    let Json(new) = new?;
    let fault = methods::fault(&new.method);
    match fault {
        Some(Fault::Unavailable) => {
            let message = "the card's bank can't be reached; nothing was charged".to_owned();
            return Err(Failure(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                message,
            ));
        }
        Some(Fault::Slow) => tokio::time::sleep(methods::SLOW).await,
        Some(Fault::LostReply) | None => {}
    }
    let charge = book.charge(key, &new, clock::now()).await?;
    if fault == Some(Fault::LostReply) {
        hangup.now();
    }
    let status = match charge.decline_code {
        None => StatusCode::CREATED,
        Some(_) => StatusCode::PAYMENT_REQUIRED,
    };
    Ok((status, Json(shown(&charge))).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Which {
    reference: String,
}

async fn look_up(
    State(book): State<Book>,
    Query(which): Query<Which>,
) -> Result<Json<Value>, Failure> {
    let found = book
        .look_up(&which.reference)
        .await
        .map_err(Refused::from)?;
    let data: Vec<_> = found.iter().map(shown).collect();
    Ok(Json(json!({"object": "list", "data": data})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Behind {
    /// Unix seconds.
    since: i64,
    after: Option<String>,
}

async fn read(
    State(book): State<Book>,
    Query(from): Query<Behind>,
) -> Result<Json<Value>, Failure> {
    let since = DateTime::from_timestamp(from.since, 0).unwrap_or_default();
    let lines = book
        .read(since, from.after.as_deref(), LINES_MAX + 1)
        .await
        .map_err(Refused::from)?;
    let most = usize::try_from(LINES_MAX).unwrap_or_default();
    let data: Vec<_> = lines
        .iter()
        .take(most)
        .map(|line| {
            let mut document = shown(&line.charge);
            document["refunded"] = json!(line.refunded);
            document
        })
        .collect();
    let has_more = lines.len() > most;
    Ok(Json(
        json!({"object": "list", "data": data, "has_more": has_more}),
    ))
}

async fn refund(
    State(book): State<Book>,
    headers: HeaderMap,
    new: Result<Json<NewRefund>, JsonRejection>,
) -> Result<(StatusCode, Json<Refund>), Failure> {
    let key = key(&headers)?;
    let Json(new) = new?;
    let refund = book.refund(key, &new, clock::now()).await?;
    Ok((StatusCode::CREATED, Json(refund)))
}
