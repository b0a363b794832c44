//! The Worker: Cloudflare's events in, Cloudflare's parts behind the pipeline's traits.
//!
//! The only folder that names Cloudflare's API, and it exists for Wasm alone. Nothing is decided
//! here: each file adapts one part. A panic anywhere below answers one 500 and leaves the other
//! requests alone (ARCHITECTURE, "Panics").

mod boundary;
mod cache_store;
mod caller;
mod decoder;
mod feed;
mod guard;
mod isolate;
mod origin;
mod parts;
mod shield;
mod signatures;
#[cfg(feature = "test-routes")]
mod test_routes;
mod usage;

use std::rc::Rc;

use futures_channel::oneshot;
use shared::problem::Code;
use worker::{Context, Env, Result, event};

use crate::pipeline::{self, Inbound};
use crate::platform::Body;
use crate::platform::wire::{RequestHead, Unreadable};
use boundary::Stream;
use parts::Cloudflare;

/// The client's address, from Cloudflare's network, which replaces what a client sent.
const ADDRESS: &str = "cf-connecting-ip";

#[event(start)]
fn start() {
    console_error_panic_hook::set_once();
}

#[event(fetch)]
async fn fetch(request: web_sys::Request, env: Env, context: Context) -> Result<web_sys::Response> {
    let context = Rc::new(context);
    let (head, body) = match boundary::receive(request) {
        Ok(received) => received,
        Err(Unreadable::UriTooLong) => return guard::problem(Code::UriTooLong),
        Err(Unreadable::Malformed(_)) => return guard::problem(Code::RequestInvalid),
    };
    let safe = head.parts.method.is_safe();
    let answering = guard::answer(answer(head, body, env, context.clone()));
    if safe {
        return answering.await;
    }
    // The platform ends a request with its client. One that changes something goes on, so that its
    // idempotency key is settled when the client comes back.
    let (done, answered) = oneshot::channel();
    let answering = async move {
        // Nobody listens when the client is gone.
        let _ = done.send(answering.await);
    };
    parts::later(&context, Box::pin(answering));
    answered
        .await
        .unwrap_or_else(|_| guard::problem(Code::Internal))
}

async fn answer(
    head: RequestHead,
    body: Body<Stream>,
    env: Env,
    context: Rc<Context>,
) -> Result<web_sys::Response> {
    #[cfg(feature = "test-routes")]
    if let Some(response) = test_routes::answer(head.parts.uri.path(), &env, &context).await {
        return response;
    }
    let setup = match isolate::setup(&env) {
        Ok(setup) => setup,
        Err(fault) => {
            worker::console_error!("{fault}");
            return guard::problem(Code::Internal);
        }
    };
    let address = head
        .parts
        .headers
        .get(ADDRESS)
        .and_then(|value| value.to_str().ok());
    let inbound = Inbound {
        address: address.map(str::to_owned),
        country: head.country,
        parts: head.parts,
        body,
    };
    let platform = Cloudflare::new(&setup.bindings, context);
    let response = pipeline::handle(&platform, &setup.isolate, inbound).await;
    Ok(boundary::respond(response)?)
}
