//! Who changes a product can read its own change, wherever the read is answered from: the answer to the
//! change carries a place in the database's log that is behind it, and a read that names that place is
//! answered by nothing older.
//!
//! Stands around keys, since with one the change commits there. A replay carries a place as well: a later
//! one does. No connection for it: the answer stands without, since the change is done.

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::MethodRouter;
use shared::feed::Position;
use shared::header::POSITION;

use crate::app::Shop;
use crate::refusal::Refusal;
use crate::store::{log, pool};

/// These methods of a route, which change what is read from copies.
pub(super) fn told(shop: &Shop, methods: MethodRouter<Shop>) -> MethodRouter<Shop> {
    methods.route_layer(middleware::from_fn_with_state(shop.clone(), with_place))
}

async fn with_place(State(shop): State<Shop>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() {
        match behind(&shop).await {
            Ok(Position(place)) => {
                response.headers_mut().insert(POSITION, place.into());
            }
            Err(error) => tracing::warn!(%error, "the place behind a change is not known"),
        }
    }
    response
}

async fn behind(shop: &Shop) -> sqlx::Result<Position> {
    let mut connection = pool::acquire(&shop.pool).await?;
    log::mark(&mut connection).await
}

/// The place that a read names, if it does.
pub(crate) fn asked(fields: &HeaderMap) -> Result<Option<Position>, Refusal> {
    let mut lines = fields.get_all(POSITION).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    let position = line.to_str().ok().and_then(Position::read);
    match (position, lines.next()) {
        (Some(position), None) => Ok(Some(position)),
        _ => Err(Refusal::Malformed(
            "`Headgate-Position` is the number that an answer to a change carried, once."
                .to_owned(),
        )),
    }
}
