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
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::extract::Request;
use axum::extract::connect_info::ConnectInfo;
use axum::response::Response;
use axum::routing::future::RouteFuture;
use axum::serve::{IncomingStream, Listener};
use futures_util::future::Either;
use http::Method;
use shared::id::ProductId;
use tower_service::Service;

use super::products;
use crate::app::Shop;
use crate::arrival::{Arrival, traceparent};
use crate::identity::middleware::{asserted, bounded};
use crate::metrics::PRODUCT;

/// The API as a service of a connection.
#[derive(Clone)]
pub struct Api {
    whole: Arc<Whole>,
    peer: Option<SocketAddr>,
}

struct Whole {
    shop: Shop,
    router: Router,
}

impl Api {
    pub(super) fn new(shop: Shop, router: Router) -> Self {
        Self {
            whole: Arc::new(Whole { shop, router }),
            peer: None,
        }
    }
}

impl Whole {
    fn remembered(&self, request: &Request) -> Option<Response> {
        let (method, uri, fields) = (request.method(), request.uri(), request.headers());
        if method != Method::GET {
            return None;
        }
        let id: ProductId = uri.path().strip_prefix("/products/")?.parse().ok()?;
        let now = self.shop.platform.now();
        let known = asserted(&self.shop, method, uri, fields, now).ok()??;
        bounded(fields).ok()?;
        let found = self.shop.reads.remembered(id, known.wanted, now)?;
        let arrival = Arrival::new(now, method, uri, PRODUCT, traceparent(fields));
        let response = products::shown(fields, found);
        Some(arrival.answered(&self.shop, &known.request_id, response))
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

    fn call(&mut self, mut request: Request) -> Self::Future {
        if let Some(response) = self.whole.remembered(&request) {
            return Either::Left(ready(Ok(response)));
        }
        if let Some(peer) = self.peer {
            request.extensions_mut().insert(ConnectInfo(peer));
        }
        Either::Right(self.whole.router.clone().call(request))
    }
}

impl<L: Listener<Addr = SocketAddr>> Service<IncomingStream<'_, L>> for Api {
    type Response = Self;
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, connection: IncomingStream<'_, L>) -> Self::Future {
        let peer = Some(*connection.remote_addr());
        let whole = self.whole.clone();
        ready(Ok(Self { whole, peer }))
    }
}
