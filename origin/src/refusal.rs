//! Every refusal, and the one place where it becomes a problem document.
//!
//! A handler returns a [`Refusal`]; its response carries the [`Problem`] as an extension, and
//! [`render`] writes the document once path and request id are known.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde_json::json;
use shared::header as field;
use shared::problem::{Code, FieldError, MEDIA_TYPE, Outcome, Problem};

use crate::identity::token;
use crate::reads::Unread;
use crate::store::Fault;

/// Why a request is not done.
#[derive(Debug)]
pub enum Refusal {
    /// 400: a header field or the request itself can't be read.
    Malformed(String),
    /// 400: the query's faults.
    Query(Vec<FieldError>),
    /// 400: the cursor is not ours.
    CursorInvalid,
    /// 400: the cursor is of another list.
    CursorMismatch,
    /// 400: the body's faults.
    Body(Vec<FieldError>),
    /// 401: nobody, where somebody is needed.
    TokenMissing,
    /// 401: the edge's word does not hold.
    Assertion(shared::assertion::Refused),
    /// 401: the token does not hold.
    Token(token::Refused),
    /// 401: nobody signs in with that email address and that password.
    Credentials,
    /// 401: the refresh token does not hold, or no longer.
    RefreshToken,
    /// 429: signing in failed too often; seconds until it may be tried again.
    SignInClosed(u64),
    /// 403: the scope is missing.
    Scope(&'static str),
    /// 404.
    NotFound,
    /// 405; the router has set Allow.
    Method,
    /// 409: something else has this member's value already.
    Taken {
        /// Which problem.
        code: Code,
        /// JSON pointer to the member.
        pointer: &'static str,
        /// What it is, for the sentence.
        what: &'static str,
    },
    /// 409: the body's `version` is not the current one.
    VersionConflict {
        /// As it came.
        sent: i64,
        /// As it is.
        current: i64,
        /// The current `ETag`.
        etag: String,
    },
    /// 409: a `test` of a JSON Patch failed.
    PatchTest {
        /// Which operation, counted from 0.
        operation: usize,
        /// What it looked at.
        path: String,
    },
    /// 412, with the current `ETag`.
    Precondition(String),
    /// 428: `If-Match` is missing.
    PreconditionRequired,
    /// 413.
    TooLarge(usize),
    /// 431: this header field.
    FieldTooLong(&'static str),
    /// 415, with what would be taken.
    MediaType(&'static str),
    /// 415 to PATCH.
    PatchType,
    /// A problem that is already written, such as those of orders.
    Problem(Box<Problem>),
    /// 503: try again shortly.
    Unavailable(Outcome),
    /// 503: as much as can be is under way; seconds until it may be tried again.
    Overloaded(u64),
    /// 503: nobody waits for the answer any more, and the work was not begun, or a read.
    Late,
    /// 500: a fault of ours.
    Internal,
}

/// The media types that PATCH takes, as `Accept-Patch` lists them.
pub const ACCEPT_PATCH: &str = "application/merge-patch+json, application/json-patch+json";
/// Seconds after which a 503 may be tried again.
const RETRY_AFTER_SECONDS: u64 = 1;
const AWAY: &str = "The shop's database is away or busy. Try again shortly.";
const BUSY: &str =
    "There is more to do than can be done. Nothing was done of this; try again shortly.";
const LATE: &str = "Its time was over before it was done. Nothing was changed; try again shortly.";

impl From<sqlx::Error> for Refusal {
    fn from(error: sqlx::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&sqlx::Error> for Refusal {
    fn from(error: &sqlx::Error) -> Self {
        match Fault::of(error) {
            Fault::NotReached | Fault::Undone { .. } => {
                tracing::warn!(%error, "the database did not do it");
                Self::Unavailable(Outcome::NotApplied)
            }
            Fault::ConnectionLost => {
                tracing::warn!(%error, "the database's connection was lost");
                Self::Unavailable(Outcome::Unknown)
            }
            Fault::Ours => {
                tracing::error!(%error, "a statement failed");
                Self::Internal
            }
        }
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Busy(seconds) => Self::Overloaded(seconds),
            Unread::Failed(error) => Self::from(&*error),
            Unread::Unshown(error) => {
                tracing::error!(%error, "a product can't be written");
                Self::Internal
            }
        }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl Refusal {
    /// The problem, without what only the request knows.
    pub fn problem(self) -> Problem {
        match self {
            Self::Malformed(detail) => Problem::new(Code::RequestInvalid, detail),
            Self::Query(errors) => Problem::new(
                Code::RequestInvalid,
                "The query is not as documented; `errors` lists each fault with its fix.",
            )
            .with_errors(errors),
            Self::CursorInvalid => Problem::new(
                Code::CursorInvalid,
                "The cursor was altered. Take `next_cursor` as it stands, or start without one.",
            ),
            Self::CursorMismatch => Problem::new(
                Code::CursorMismatch,
                "The cursor continues another list. Keep the filters, or start without a cursor.",
            ),
            Self::Body(errors) => Problem::new(
                Code::BodyInvalid,
                "The body is not as documented; `errors` lists each fault with its fix.",
            )
            .with_errors(errors),
            Self::TokenMissing => Problem::new(
                Code::TokenMissing,
                "This needs an access token: `Authorization: Bearer …`.",
            ),
            Self::Assertion(why) => Problem::new(Code::TokenInvalid, format!("{why}.")),
            Self::Token(token::Refused::Expired) => Problem::new(
                Code::TokenExpired,
                "The access token has expired. Get a new one.",
            ),
            Self::Token(why) => Problem::new(
                Code::TokenInvalid,
                format!("The access token is refused: {why}."),
            ),
            Self::Credentials => Problem::new(
                Code::CredentialsInvalid,
                "Nobody signs in with this email address and this password.",
            ),
            Self::RefreshToken => Problem::new(
                Code::RefreshTokenInvalid,
                "The refresh token does not hold, or no longer. Sign in again.",
            ),
            Self::SignInClosed(seconds) => closed(seconds),
            Self::Scope(scope) => Problem::new(
                Code::ScopeMissing,
                format!("The token does not carry the scope `{scope}`."),
            ),
            Self::NotFound => {
                Problem::new(Code::NotFound, "There is nothing here that you may see.")
            }
            Self::Method => Problem::new(
                Code::MethodNotAllowed,
                "This resource does not take the method; the Allow field lists those that it takes.",
            ),
            Self::Taken {
                code,
                pointer,
                what,
            } => taken(code, pointer, what),
            Self::VersionConflict { sent, current, .. } => Problem::new(
                Code::VersionConflict,
                format!("The body is of version {sent}; the current one is {current}."),
            )
            .with("current_version", json!(current)),
            Self::PatchTest { operation, path } => Problem::new(
                Code::PatchTestFailed,
                format!(
                    "Operation {operation} found another value at `{path}`. Nothing was changed."
                ),
            )
            .with("operation", json!(operation)),
            Self::PreconditionRequired => Problem::new(
                Code::PreconditionRequired,
                "Send If-Match with the ETag of the state that you have seen.",
            ),
            Self::Precondition(current) => stale(&current),
            Self::TooLarge(bytes_max) => Problem::new(
                Code::BodyTooLarge,
                format!("The body is over {bytes_max} bytes."),
            ),
            Self::FieldTooLong(name) => too_long(name),
            Self::MediaType(wanted) => Problem::new(
                Code::MediaTypeUnsupported,
                format!("Send the body as `{wanted}`."),
            )
            .with("accepted", json!([wanted])),
            Self::PatchType => Problem::new(
                Code::MediaTypeUnsupported,
                format!("Send the patch as one of {ACCEPT_PATCH}."),
            )
            .with("accepted", json!(patch_types())),
            Self::Problem(problem) => *problem,
            Self::Unavailable(outcome) => not_now(AWAY, RETRY_AFTER_SECONDS, outcome),
            Self::Overloaded(seconds) => not_now(BUSY, seconds, Outcome::NotApplied),
            Self::Late => not_now(LATE, RETRY_AFTER_SECONDS, Outcome::NotApplied),
            Self::Internal => Problem::new(
                Code::Internal,
                "The fault is ours. It has been logged under the request's id.",
            ),
        }
    }
}

fn not_now(why: &str, seconds: u64, outcome: Outcome) -> Problem {
    Problem::new(Code::Unavailable, why)
        .with_retry_after(seconds)
        .with_outcome(outcome)
        .of_this_call_alone()
}

fn patch_types() -> Vec<&'static str> {
    ACCEPT_PATCH.split(", ").collect()
}

fn stale(current: &str) -> Problem {
    Problem::new(
        Code::PreconditionFailed,
        format!("The resource has changed; its ETag is {current} now."),
    )
    .with("current_etag", json!(current))
}

fn closed(seconds: u64) -> Problem {
    Problem::new(
        Code::RateLimited,
        format!("Signing in failed too often; try again in {seconds} s."),
    )
    .with_retry_after(seconds)
    .with("violated-policies", json!(["sign-in"]))
}

fn too_long(name: &str) -> Problem {
    let bytes_max = field::BOUNDED_BYTES_MAX;
    Problem::new(
        Code::HeadersTooLarge,
        format!("The field {name} is over {bytes_max} bytes."),
    )
}

fn taken(code: Code, pointer: &str, what: &str) -> Problem {
    Problem::new(code, format!("This {what} is taken.")).with_errors(vec![FieldError {
        pointer: pointer.to_owned(),
        code: "taken",
        detail: format!("this {what} is taken"),
        fix: "Send another one.".to_owned(),
    }])
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut fields = Vec::new();
        match &self {
            Self::TokenMissing | Self::Credentials | Self::RefreshToken => {
                fields.push((header::WWW_AUTHENTICATE, "Bearer".to_owned()));
            }
            Self::Assertion(_) | Self::Token(_) => fields.push((
                header::WWW_AUTHENTICATE,
                "Bearer error=\"invalid_token\"".to_owned(),
            )),
            Self::Scope(scope) => fields.push((
                header::WWW_AUTHENTICATE,
                format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""),
            )),
            Self::Precondition(current) | Self::VersionConflict { etag: current, .. } => {
                fields.push((header::ETAG, current.clone()));
            }
            Self::PatchType => fields.push((
                HeaderName::from_static("accept-patch"),
                ACCEPT_PATCH.to_owned(),
            )),
            Self::MediaType(wanted) => fields.push((header::ACCEPT, (*wanted).to_owned())),
            _ => {}
        }
        let problem = self.problem();
        let status = StatusCode::from_u16(problem.code.status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = status.into_response();
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
        response.extensions_mut().insert(Unwritten(problem));
        response
    }
}

/// The problem of a response that has no body yet.
#[derive(Debug, Clone)]
struct Unwritten(Problem);

/// What a document says about its request.
pub struct Facts<'a> {
    /// Base of the pages' URLs, without a trailing slash.
    pub public_url: &'a str,
    /// The request's path.
    pub path: &'a str,
    /// Our id of it.
    pub request_id: &'a str,
    /// Whether it is an unsafe request with an idempotency key.
    pub keyed: bool,
}

/// Writes the document of a refused request; other responses pass.
pub fn render(mut response: Response, facts: &Facts<'_>) -> Response {
    let Some(Unwritten(mut problem)) = response.extensions_mut().remove() else {
        return response;
    };
    if !facts.keyed {
        problem.outcome = None;
    } else if problem.outcome.is_none() {
        problem.outcome = Some(match problem.code.status() {
            500.. => Outcome::Unknown,
            _ => Outcome::NotApplied,
        });
    }
    let (bytes, fields) = written(&problem, facts);
    for (name, value) in fields {
        response.headers_mut().insert(name, value);
    }
    *response.body_mut() = bytes.into();
    response
}

/// The document's bytes and the fields that belong to it.
pub fn written(problem: &Problem, facts: &Facts<'_>) -> (Vec<u8>, Vec<(HeaderName, HeaderValue)>) {
    let document = problem.document(facts.public_url, facts.path, facts.request_id);
    let mut fields = vec![
        (header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static(crate::routes::PRIVATE),
        ),
        (
            HeaderName::from_static(field::ERROR_CODE),
            HeaderValue::from_static(problem.code.as_str()),
        ),
    ];
    if let Some(seconds) = problem.after_seconds {
        fields.push((header::RETRY_AFTER, HeaderValue::from(seconds)));
    }
    (document.to_string().into_bytes(), fields)
}
