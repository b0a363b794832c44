//! The last line: a panic becomes one 500.
//!
//! Works in builds that unwind, as shipped ones do; elsewhere the instance is reset.

use std::panic::AssertUnwindSafe;
use std::pin::Pin;

use futures_util::FutureExt;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, StatusCode};
use shared::id::RequestId;
use shared::problem::{Code, MEDIA_TYPE, Problem};
use worker::{Response, Result, State};

use super::{boundary, parts};
use crate::platform::Body;

/// The future's answer, or a problem document if it panics. The panic's message went to the log by
/// the hook; the client sees none of it.
pub(super) async fn answer(
    future: impl Future<Output = Result<web_sys::Response>>,
) -> Result<web_sys::Response> {
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            worker::console_error!("no answer could be made: {error}");
            problem(Code::Internal)
        }
        Err(_) => problem(Code::Internal),
    }
}

/// A problem document from outside the pipeline, under an id of its own; the pipeline alone knows our
/// URL, so the page's is relative.
pub(super) fn problem(code: Code) -> Result<web_sys::Response> {
    let id = RequestId::new(parts::now_ms(), parts::random()).to_string();
    let document = Problem::new(code, code.title()).document("", "", &id);
    let mut response = http::Response::new(Body::Bytes(document.to_string().into()));
    *response.status_mut() =
        StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fields = response.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    fields.insert(
        HeaderName::from_static(shared::header::ERROR_CODE),
        HeaderValue::from_static(code.as_str()),
    );
    if let Ok(id) = HeaderValue::from_str(&id) {
        fields.insert(HeaderName::from_static(shared::header::REQUEST_ID), id);
    }
    Ok(boundary::respond(response)?)
}

/// The same inside an object, whose caller is our own code. An object never answers `Err`, which
/// the platform would log as uncaught and pass to the caller as an exception.
pub(super) async fn object(future: impl Future<Output = Result<Response>>) -> Result<Response> {
    // Boxed, so that catching is in the Worker once, not for each kind of object.
    let future: Pin<Box<dyn Future<Output = Result<Response>> + '_>> = Box::pin(future);
    match AssertUnwindSafe(future).catch_unwind().await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => {
            worker::console_error!("an object could not answer: {error}");
            Response::error("the object failed", 500)
        }
        Err(_) => Response::error("the object panicked", 500),
    }
}

/// Plans an object's alarm, `ms` from now.
pub(super) async fn wake_in(object: &State, ms: u64) -> Result<()> {
    object
        .storage()
        .set_alarm(i64::try_from(ms).unwrap_or(i64::MAX))
        .await
}
