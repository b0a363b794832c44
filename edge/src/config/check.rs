//! Checks of `gateway.toml` beyond its shape.

use std::collections::HashSet;

use super::seen::check_url;
use super::{BODY_BYTES_LIMIT, DEFAULT_POOL, Gateway, Issuer, Route, TIMEOUT_MS_MAX};

/// A mistake in the file, in words that name the line and the fix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub String);

/// What toml's own reader found: where (a byte offset), and what.
pub struct Syntax {
    /// Byte offset into the file.
    pub at: Option<usize>,
    /// The reader's sentence.
    pub message: String,
}

/// Reads and checks the file. The TOML reader is passed in, since the Worker has none.
pub fn parse(
    text: &str,
    read: impl FnOnce(&str) -> Result<Gateway, Syntax>,
) -> Result<Gateway, Invalid> {
    let gateway = read(text).map_err(|fault| {
        let line = fault.at.map_or(1, |at| line_at(text, at));
        Invalid(format!("line {line}: {}", fault.message))
    })?;
    for issuer in &gateway.issuers {
        check_issuer(issuer).map_err(|fault| at_name(text, &issuer.name, &fault))?;
    }
    for (name, plan) in &gateway.plans {
        if plan.rate == 0 || plan.per_seconds == 0 || plan.per_seconds > 86_400 {
            let fault = "rate must be at least 1, per_seconds 1 to 86400";
            return Err(Invalid(format!(
                "line {}: plan `{name}`: {fault}",
                line_of(text, name)
            )));
        }
    }
    if let Some(limits) = &gateway.limits {
        for plan in [&limits.known, &limits.anonymous] {
            if !gateway.plans.contains_key(plan) {
                let line = line_of(text, plan);
                let fault = format!("[limits] names plan `{plan}`; add [plans.{plan}]");
                return Err(Invalid(format!("line {line}: {fault}")));
            }
        }
    }
    for (name, lifecycle) in &gateway.versions {
        lifecycle
            .check(name)
            .map_err(|fault| at_name(text, name, &fault))?;
    }
    for (place, pool) in gateway.pools.iter().enumerate() {
        let mut before = gateway.pools.iter().take(place);
        let fault = if before.any(|other| other.name == pool.name) {
            Err("there are two pools of this name".to_owned())
        } else {
            pool.check(gateway.transparent)
        };
        fault.map_err(|fault| at_name(text, &pool.name, &fault))?;
    }
    if let Some(cors) = &gateway.cors {
        cors.check().map_err(|fault| {
            let line = line_at(text, text.find("[cors]").unwrap_or_default());
            Invalid(format!("line {line}: {fault}"))
        })?;
    }
    gateway.firewall.check().map_err(|fault| {
        let line = line_at(text, text.find("[firewall]").unwrap_or_default());
        Invalid(format!("line {line}: {fault}"))
    })?;
    if gateway.feed.refuse_after_seconds == 0 || gateway.feed.refuse_after_seconds > 3_600 {
        let line = line_at(text, text.find("[feed]").unwrap_or_default());
        let fault = "refuse_after_seconds must be 1 to 3600";
        return Err(Invalid(format!("line {line}: [feed]: {fault}")));
    }
    for (part, name, url) in [
        ("[access_log]", "ship_to", &gateway.access_log.ship_to),
        ("[traces]", "collector", &gateway.traces.collector),
    ] {
        check_url(name, url.as_ref()).map_err(|fault| {
            let line = line_at(text, text.find(part).unwrap_or_default());
            Invalid(format!("line {line}: {part}: {fault}"))
        })?;
    }
    let mut seen = HashSet::new();
    for route in &gateway.routes {
        check_route(route, &gateway, &mut seen)
            .map_err(|fault| at_name(text, &route.name, &fault))?;
    }
    Ok(gateway)
}

fn check_issuer(issuer: &Issuer) -> Result<(), String> {
    let url = &issuer.jwks_url;
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let plain = loopback.iter().any(|host| {
        url.strip_prefix(host)
            .is_some_and(|rest| rest.starts_with(['/', ':']))
    });
    if !(url.starts_with('/') || url.starts_with("https://") || plain) {
        return Err("jwks_url must be https, http on loopback, or a path at the origin".into());
    }
    let known = ["EdDSA", "ES256", "RS256", "PS256"];
    if issuer.algorithms.is_empty() || !issuer.algorithms.iter().all(|a| known.contains(&&**a)) {
        return Err(format!("algorithms must be some of {}", known.join(", ")));
    }
    Ok(())
}

fn check_route(
    route: &Route,
    gateway: &Gateway,
    seen: &mut HashSet<(String, String)>,
) -> Result<(), String> {
    if let Err(error) = matchit::Router::new().insert(route.path.as_str(), ()) {
        return Err(format!("path `{}`: {error}", route.path));
    }
    if !route.path.starts_with('/') {
        return Err("path must start with `/`".into());
    }
    if route.shape && gateway.openapi.is_none() {
        return Err("shape needs `openapi`, the document that says it".into());
    }
    if route.methods.is_empty() {
        return Err("methods must name at least one".into());
    }
    for method in &route.methods {
        if http::Method::from_bytes(method.as_bytes()).is_err() || *method != method.to_uppercase()
        {
            return Err(format!(
                "`{method}` is no method; write it in upper case, as in GET"
            ));
        }
        if !seen.insert((route.path.clone(), method.clone())) {
            return Err(format!("{method} {} stands in two routes", route.path));
        }
    }
    if route.scope.is_some() && route.auth != super::Auth::Required {
        return Err("a scope needs auth = \"required\"".into());
    }
    if route.limited && gateway.limits.is_none() {
        return Err("limited = true needs [limits]; write limited = false for none".into());
    }
    let safe = |method: &String| matches!(method.as_str(), "GET" | "HEAD");
    if route.methods.iter().any(|method| method == "*") && !gateway.transparent {
        return Err("methods = [\"*\"] goes with transparent = true".into());
    }
    if route.auth == super::Auth::Origin && route.methods.iter().any(safe) {
        return Err("auth = \"origin\" goes with unsafe methods only: copies are shared".into());
    }
    if let Some(cache) = &route.cache {
        cache.check(&route.path)?;
    }
    if gateway.transparent && (route.auth != super::Auth::None || route.limited) {
        return Err("transparent = true needs auth = \"none\" and limited = false".into());
    }
    if route.cache.is_some() && !gateway.transparent && !route.methods.iter().all(safe) {
        return Err("cache goes with GET only".into());
    }
    if route.cache.is_some() && route.auth == super::Auth::Required {
        return Err("cache goes with auth = \"none\" or \"optional\": copies are shared".into());
    }
    if route.idempotency != super::Idempotency::Ignored && route.methods.iter().any(safe) {
        return Err("idempotency goes with unsafe methods only".into());
    }
    if route.idempotency != super::Idempotency::Ignored && route.auth != super::Auth::Required {
        return Err("idempotency needs auth = \"required\": keys belong to an account".into());
    }
    if let Some(cors) = &route.cors {
        cors.check()?;
    }
    for media_type in route.produces.iter().chain(route.consumes.iter().flatten()) {
        let essence = |byte: u8| byte.is_ascii_lowercase() || b"0123456789/+-.".contains(&byte);
        if media_type.split('/').count() != 2 || !media_type.bytes().all(essence) {
            return Err(format!(
                "`{media_type}` is no media type; write it in lower case, as in application/json"
            ));
        }
    }
    if route.answer.is_some() {
        if route.cache.is_some() || !route.methods.iter().all(safe) {
            return Err("answer goes with GET, and without cache".into());
        }
        let of_anybody = route.answer == Some(super::Answer::RateLimit);
        if route.auth != super::Auth::Required && !of_anybody {
            return Err("this answer is about the caller: it needs auth = \"required\"".into());
        }
    }
    if let Some(pool) = &route.pool
        && pool != DEFAULT_POOL
        && !gateway.pools.iter().any(|one| one.name == *pool)
    {
        return Err(format!("there is no pool `{pool}`; add it to [[pools]]"));
    }
    if route
        .views
        .as_ref()
        .is_some_and(|path| !path.starts_with('/') || path.contains(['{', '?', '#']))
    {
        return Err("views must be a path at the origin, such as /analytics/views".to_owned());
    }
    if route.timeout_ms == 0 || route.timeout_ms > TIMEOUT_MS_MAX {
        return Err(format!("timeout_ms must be 1 to {TIMEOUT_MS_MAX}"));
    }
    if route.body_bytes_max > BODY_BYTES_LIMIT {
        return Err(format!("body_bytes_max must be at most {BODY_BYTES_LIMIT}"));
    }
    Ok(())
}

fn at_name(text: &str, name: &str, fault: &str) -> Invalid {
    Invalid(format!("line {}: `{name}`: {fault}", line_of(text, name)))
}

/// The line of the table that the name heads (`[plans.name]`), else the first that holds it in
/// quotes.
fn line_of(text: &str, name: &str) -> usize {
    let found = text
        .find(&format!(".{name}]"))
        .or_else(|| text.find(&format!("\"{name}\"")))
        .unwrap_or_default();
    line_at(text, found)
}

fn line_at(text: &str, offset: usize) -> usize {
    text.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}
