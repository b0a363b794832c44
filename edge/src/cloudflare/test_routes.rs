//! Routes that break on purpose, for the tests of panics, and one that tries the store. Never in a
//! build that ships.
//!
//! `/__test/ok` answers, `/__test/wait` answers after a second, `/__test/panic` panics in the fetch
//! event and `/__test/panic-object` inside a Durable Object, whose caller it then tells of.
//! `/__test/abort` traps, as memory or stack that ran out would: no unwinding helps then, and the
//! instance has to be replaced. `/__test/store` tells what the store does not do, else `ok`;
//! `/__test/signatures` the same of signatures.
//! `/__test/verify/ES256/100` verifies so many signatures, `/__test/limiter-asks` tells how many questions the
//! limiters were asked since it was asked itself: both are for the benchmarks.
//! `/__test/feed-down` and `/__test/feed-up` cut this location off the feed, and connect it again.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen_futures::JsFuture;
use worker::{Context, Delay, Env, Response, Result};

use super::parts::{self, Cloudflare};
use super::{boundary, isolate};
use crate::identity::Algorithm;
use crate::platform::{conformance, vectors};

/// The object that panics, and its deadline in milliseconds.
const OBJECT: (&str, u32) = ("test-panic", 5_000);

/// Answers a test's route.
pub(super) async fn answer(
    path: &str,
    env: &Env,
    context: &Rc<Context>,
) -> Option<Result<web_sys::Response>> {
    let text = match path.strip_prefix("/__test/")? {
        "ok" => "ok".to_owned(),
        "wait" => {
            Delay::from(Duration::from_secs(1)).await;
            "ok".to_owned()
        }
        "panic" => broken(),
        "abort" => std::process::abort(),
        "panic-object" => object(env).await,
        "store" => store(env, context).await,
        "signatures" => signatures(env, context).await,
        "limiter-asks" => ASKS.take().to_string(),
        "feed-down" => connect_feed(false),
        "feed-up" => connect_feed(true),
        other => verified(other.strip_prefix("verify/")?, env, context).await?,
    };
    Some(Response::ok(text).map(Into::into))
}

thread_local! {
    static FEED_DOWN: Cell<bool> = const { Cell::new(false) };
}

thread_local! {
    static ASKS: Cell<u64> = const { Cell::new(0) };
}

/// A limiter is asked.
pub(super) fn limiter_asked() {
    ASKS.set(ASKS.get().saturating_add(1));
}

/// The name of an algorithm, and how often; for HS256 also a signed notice of nothing, since the edge signs
/// none.
async fn verified(text: &str, env: &Env, context: &Rc<Context>) -> Option<String> {
    let mut said = text.splitn(3, '/');
    let (name, times) = (said.next()?, said.next()?.parse().ok()?);
    let setup = isolate::setup(env).ok()?;
    let held = if let Some(notice) = said.next() {
        let (keys, now_ms) = (setup.isolate.assertion_keys(), parts::now_ms());
        let now_seconds = i64::try_from(now_ms / 1000).ok()?;
        (0..times).all(|_| keys.verify_notice(notice, &[], now_seconds).is_ok())
    } else {
        let algorithm = Algorithm::ALL
            .into_iter()
            .find(|one| one.as_str() == name)?;
        let platform = Cloudflare::new(&setup.bindings, Rc::clone(context));
        vectors::repeat(&platform, algorithm, times).await
    };
    held.then(|| "ok".to_owned())
}

fn connect_feed(up: bool) -> String {
    FEED_DOWN.set(!up);
    "ok".to_owned()
}

/// Whether a test cut this location off.
pub(super) fn feed_is_down() -> bool {
    FEED_DOWN.get()
}

/// Panics if a test asks for it.
pub(super) fn in_object(path: &str) {
    if path == "/__test/panic" {
        broken();
    }
}

#[expect(clippy::panic, reason = "what this file is for")]
fn broken() -> String {
    panic!("a test asked for this")
}

/// What the store does not do.
async fn store(env: &Env, context: &Rc<Context>) -> String {
    match isolate::setup(env) {
        Ok(setup) => {
            let platform = Cloudflare::new(&setup.bindings, Rc::clone(context));
            let faults = conformance::faults(&platform).await;
            if faults.is_empty() {
                "ok".to_owned()
            } else {
                faults.join("\n")
            }
        }
        Err(fault) => fault,
    }
}

/// What `crypto.subtle` says wrongly.
async fn signatures(env: &Env, context: &Rc<Context>) -> String {
    match isolate::setup(env) {
        Ok(setup) => {
            let platform = Cloudflare::new(&setup.bindings, Rc::clone(context));
            let faults = vectors::faults(&platform, &Algorithm::ALL).await;
            if faults.is_empty() {
                "ok".to_owned()
            } else {
                faults.join("\n")
            }
        }
        Err(fault) => fault,
    }
}

/// What the object's caller learns.
async fn object(env: &Env) -> String {
    let Ok(objects) = js_sys::Reflect::get(env, &"CALLERS".into()) else {
        return "no binding".to_owned();
    };
    let (name, timeout_ms) = OBJECT;
    let url = "http://caller/__test/panic";
    let asked = match boundary::ask_for_field(&objects, name, url, "verdict", timeout_ms) {
        Ok(asked) => JsFuture::from(asked).await,
        Err(error) => Err(error),
    };
    match asked {
        Ok(field) if field.is_undefined() => "answered without a verdict".to_owned(),
        Ok(field) => format!("a verdict: {field:?}"),
        Err(error) => format!("no answer: {error:?}"),
    }
}
