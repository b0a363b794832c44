//! The pages behind the `type` URLs of problem documents.

use axum::extract::Path;
use axum::http::header;
use axum::response::{Html, IntoResponse};

use crate::refusal::Refusal;

/// GET /problems/{code}
pub(super) async fn read(Path(code): Path<String>) -> Result<impl IntoResponse, Refusal> {
    let page = shared::problem::page(&code).ok_or(Refusal::NotFound)?;
    Ok((
        [(header::CACHE_CONTROL, "public, max-age=3600")],
        Html(page),
    ))
}
