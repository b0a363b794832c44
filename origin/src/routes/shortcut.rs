//! A product that memory holds, answered ahead of the router: by the same functions, without its layers.
//!
//! Answers where nothing is to be refused:
//! 1. GET of a product, with an assertion that holds and names a place in the log; its fields are short enough.
//! 2. Memory holds it, new enough ([`Reads::remembered`](crate::reads::Reads::remembered)).
//!
//! Everything else goes on to the router, as if nobody had looked. It takes no place of
//! [`admission`](crate::admission), since it waits for no connection.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::net::SocketAddr;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use axum::response::{IntoResponse, Response};
use axum::routing::future::RouteFuture;
use futures_util::future::Either;
use http::{Method, StatusCode};
use hyper::body::Incoming;
use shared::id::ProductId;
use tokio::runtime::Handle;
use tokio::task::JoinError;
use tokio_util::task::AbortOnDropHandle;
use tower_service::Service;

use super::products;
use crate::app::Shop;
use crate::arrival::Arrival;
use crate::identity::middleware::{asserted, bounded};

/// The template of the route that this stands ahead of.
const ROUTE: &str = "/products/{id}";

/// The API as a service.
#[derive(Clone)]
pub struct Api(Arc<Whole>);

struct Whole {
    shop: Shop,
    router: Router,
}

impl Api {
    pub(super) fn new(shop: Shop, router: Router) -> Self {
        Self(Arc::new(Whole { shop, router }))
    }
}

impl Whole {
    fn remembered<B>(&self, request: &http::Request<B>) -> Option<Response> {
        let (method, uri, fields) = (request.method(), request.uri(), request.headers());
        if method != Method::GET {
            return None;
        }
        let id: ProductId = uri.path().strip_prefix("/products/")?.parse().ok()?;
        let known = asserted(&self.shop, method, uri, fields).ok()??;
        bounded(fields).ok()?;
        let found = self.shop.reads.remembered(id, known.wanted)?;
        let arrival = Arrival::new(&self.shop, method, uri, ROUTE, fields.get("traceparent"));
        let response = products::shown(fields, id, found);
        Some(arrival.answered(&self.shop, &known.request_id, response))
    }
}

impl Api {
    /// As a service of a connection of a thread ahead of this runtime: the router works there.
    pub(crate) fn of_connection(&self, peer: SocketAddr, runtime: Handle) -> Connection {
        Connection {
            whole: self.0.clone(),
            peer,
            runtime,
        }
    }
}

impl Service<Request> for Api {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, RouteFuture<Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // A router is always ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        match self.0.remembered(&request) {
            Some(response) => Either::Left(ready(Ok(response))),
            None => Either::Right(self.0.router.clone().call(request)),
        }
    }
}

/// The API as a service of a connection.
pub(crate) struct Connection {
    whole: Arc<Whole>,
    peer: SocketAddr,
    runtime: Handle,
}

impl hyper::service::Service<http::Request<Incoming>> for Connection {
    type Response = Response;
    type Error = Infallible;
    type Future = Either<Ready<Result<Response, Infallible>>, Elsewhere>;

    fn call(&self, request: http::Request<Incoming>) -> Self::Future {
        if let Some(response) = self.whole.remembered(&request) {
            return Either::Left(ready(Ok(response)));
        }
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        let answer = self.whole.router.clone().call(request);
        Either::Right(Elsewhere(AbortOnDropHandle::new(
            self.runtime.spawn(answer),
        )))
    }
}

/// An answer that is made in another runtime; not any more when nobody waits for it.
pub(crate) struct Elsewhere(AbortOnDropHandle<Result<Response, Infallible>>);

impl Future for Elsewhere {
    type Output = Result<Response, Infallible>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(context).map(|done| {
            match done.map_err(JoinError::try_into_panic) {
                Ok(answer) => answer,
                Err(Ok(panic)) => resume_unwind(panic),
                // The other runtime has ended.
                Err(Err(_)) => Ok(StatusCode::SERVICE_UNAVAILABLE.into_response()),
            }
        })
    }
}
