//! The API reference: Swagger UI over our own document, all of it compiled in, so that it opens
//! without any other site.

use axum::Router;
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::Shop;
use crate::refusal::Refusal;

/// GET /docs, and what the page loads.
pub(super) fn router() -> Router<Shop> {
    let config = Config::from("/openapi.json")
        .try_it_out_enabled(true)
        .persist_authorization(true);
    let page: Router<Shop> = SwaggerUi::new("/docs").config(config).into();
    page.layer(map_response(told))
}

/// What is not there is a problem document here as everywhere.
async fn told(response: Response) -> Response {
    if response.status() == StatusCode::NOT_FOUND {
        return Refusal::NotFound.into_response();
    }
    response
}
