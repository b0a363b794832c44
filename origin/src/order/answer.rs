//! The answers of POST /orders that commit with their key, and how they go out.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use shared::header as field;
use shared::id::OrderId;
use shared::order::{Order, Payment};
use shared::payment::Refund;
use shared::problem::Problem;

use crate::app::Shop;
use crate::refusal::{self, Facts, Refusal};
use crate::store::order::key::{Answer, Call};

/// A committed answer.
#[derive(Debug)]
pub enum Reply {
    /// To the request that did the work.
    First(Answer),
    /// To a later one with the same key.
    Replay {
        /// As first sent.
        answer: Answer,
        /// It holds a secret that is shown once: the edge is to keep no copy.
        secret: bool,
        /// The request that did the work.
        original_request_id: String,
    },
}

/// Where an order is.
pub fn location(order: OrderId) -> String {
    format!("/orders/{order}")
}

/// 201 with the order.
pub(super) fn confirmed(order: &Order) -> Result<Answer, Refusal> {
    let body = serde_json::to_vec(order).map_err(|_| Refusal::Internal)?;
    Ok(Answer {
        status: 201,
        fields: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("location".to_owned(), location(order.id)),
            ("etag".to_owned(), format!("\"{}\"", order.version)),
        ],
        body: body.into(),
    })
}

/// 201 with the payment.
pub(super) fn paid(payment: &Payment) -> Result<Answer, Refusal> {
    let body = serde_json::to_vec(payment).map_err(|_| Refusal::Internal)?;
    Ok(Answer {
        status: 201,
        fields: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("location".to_owned(), format!("/payments/{}", payment.id)),
        ],
        body: body.into(),
    })
}

/// 201 with the refund.
pub(super) fn paid_back(refund: &Refund) -> Result<Answer, Refusal> {
    let body = serde_json::to_vec(refund).map_err(|_| Refusal::Internal)?;
    let location = format!("/payments/{}/refunds/{}", refund.payment_id, refund.id);
    Ok(Answer {
        status: 201,
        fields: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("location".to_owned(), location),
        ],
        body: body.into(),
    })
}

/// A problem that commits: the answer is final.
pub(super) fn refused(shop: &Shop, call: &Call, problem: &Problem) -> Answer {
    let facts = Facts {
        public_url: &shop.public_url,
        path: &call.path,
        request_id: &call.request_id,
        keyed: true,
    };
    let (bytes, fields) = refusal::written(problem, &facts);
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_owned();
    Answer {
        status: i16::try_from(problem.code.status()).unwrap_or(500),
        fields: fields
            .iter()
            .filter(|(name, _)| name != header::CACHE_CONTROL)
            .map(|(name, value)| (name.to_string(), text(value)))
            .collect(),
        body: bytes.into(),
    }
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (answer, original, kept) = match self {
            Self::First(answer) => (answer, None, true),
            Self::Replay {
                answer,
                secret,
                original_request_id,
            } => (answer, Some(original_request_id), !secret),
        };
        let status = u16::try_from(answer.status)
            .ok()
            .and_then(|status| StatusCode::from_u16(status).ok())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, [crate::routes::private()], answer.body).into_response();
        let replayed = if original.is_some() { "true" } else { "false" };
        let fields = answer
            .fields
            .into_iter()
            .chain(kept.then(|| (field::COMMITTED.to_owned(), "true".to_owned())))
            .chain([(field::IDEMPOTENT_REPLAYED.to_owned(), replayed.to_owned())])
            .chain(original.map(|id| (field::ORIGINAL_REQUEST_ID.to_owned(), id)));
        for (name, value) in fields {
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_str(&value))
            {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
