//! What an isolate sets up once: the deployment's settings, its bindings, and what the pipeline
//! keeps between requests.

use std::cell::OnceCell;

use js_sys::Reflect;
use shared::versions::REVISION;
use wasm_bindgen::JsValue;
use worker::Env;

use crate::config::Gateway;
use crate::pipeline::{Isolate, Settings};

/// Bindings of the deployment. None of them belongs to a request.
#[derive(Debug)]
pub(super) struct Bindings {
    /// The callers' objects.
    pub(super) callers: JsValue,
    /// The usage objects.
    pub(super) usage: JsValue,
    /// The feed's object.
    pub(super) feed: JsValue,
    /// The shield's objects.
    pub(super) shield: JsValue,
}

/// All of it.
#[derive(Debug)]
pub(super) struct Setup {
    /// For the pipeline.
    pub(super) isolate: Isolate,
    /// For the adapters.
    pub(super) bindings: Bindings,
}

thread_local! {
    static SETUP: OnceCell<&'static Setup> = const { OnceCell::new() };
}

/// The isolate's setup, made by its first request. A fault names the fix, and the next request
/// tries again.
pub(super) fn setup(env: &Env) -> Result<&'static Setup, String> {
    SETUP.with(|known| {
        if let Some(setup) = known.get() {
            return Ok(*setup);
        }
        // Leaked once an isolate, so that futures that outlive their request may hold it.
        let setup: &'static Setup = Box::leak(Box::new(read(env)?));
        Ok(*known.get_or_init(|| setup))
    })
}

fn read(env: &Env) -> Result<Setup, String> {
    let text = |name: &str| binding(env, name)?.as_string();
    let needed = |name: &str| {
        text(name).ok_or_else(|| format!("{name} is not set; see wrangler.toml and .dev.vars"))
    };
    let object = |name: &str| {
        binding(env, name).ok_or_else(|| format!("{name} is not bound; see wrangler.toml"))
    };
    let gateway = Gateway::compiled(include_str!(concat!(env!("OUT_DIR"), "/gateway.json")))
        .ok_or("the compiled configuration can't be read; build the edge anew")?;
    let assertion_keys = needed("ASSERTION_KEYS")?
        .parse()
        .map_err(|error| format!("ASSERTION_KEYS can't be read: {error}"))?;
    let settings = Settings {
        assertion_keys,
        public_url: text("PUBLIC_URL"),
        converters: REVISION + u16::from(cfg!(feature = "next-converters")),
    };
    let mut isolate = Isolate::new(gateway, settings);
    isolate.list_origins(needed)?;
    isolate.tell_to(text)?;
    isolate.check_bodies(include_str!(concat!(env!("OUT_DIR"), "/shapes.json")));
    Ok(Setup {
        isolate,
        bindings: Bindings {
            callers: object("CALLERS")?,
            usage: object("USAGE")?,
            feed: object("FEED")?,
            shield: object("SHIELD")?,
        },
    })
}

fn binding(env: &Env, name: &str) -> Option<JsValue> {
    Reflect::get(env, &name.into())
        .ok()
        .filter(|value| !value.is_undefined())
}
