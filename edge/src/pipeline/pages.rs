//! Pages: the one behind a problem's `type`, and the one behind a version's deprecation link. They
//! need no version, caller or origin.

use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode, header};

use crate::platform::Body;
use crate::rejection::Rejection;

/// What a page takes.
const ALLOW: &str = "GET, HEAD, OPTIONS";

/// The page at the request's path; `None` where pages don't stand.
pub(super) fn find<S>(parts: &Parts) -> Option<Result<Response<Body<S>>, Rejection>> {
    let path = parts.uri.path();
    let html = if let Some(code) = path.strip_prefix("/problems/") {
        shared::problem::page(code)
    } else {
        let version = path.strip_prefix("/versions/")?;
        shared::versions::page(version)
    };
    Some(
        html.ok_or(Rejection::NoRoute)
            .and_then(|html| page(&parts.method, html)),
    )
}

fn page<S>(method: &Method, html: String) -> Result<Response<Body<S>>, Rejection> {
    let mut response = Response::new(Body::Empty);
    let fields = response.headers_mut();
    if *method == Method::OPTIONS {
        fields.insert(header::ALLOW, const { HeaderValue::from_static(ALLOW) });
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    }
    fields.insert(
        header::CONTENT_TYPE,
        const { HeaderValue::from_static("text/html; charset=utf-8") },
    );
    fields.insert(
        header::CACHE_CONTROL,
        const { HeaderValue::from_static("public, max-age=3600") },
    );
    match *method {
        Method::GET | Method::HEAD => *response.body_mut() = Body::Bytes(html.into()),
        _ => {
            return Err(Rejection::MethodNotAllowed {
                allow: ALLOW.to_owned(),
            });
        }
    }
    Ok(response)
}
