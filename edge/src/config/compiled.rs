//! Reads the configuration that the build compiled in: JSON as the derived writers wrote it, after every
//! check. Written by hand, since the derived readers, which tell each mistake in its place, would be a
//! tenth of the Worker. JSON is read by its bytes here and everywhere at the edge, also where it is text:
//! the reader of text would stand in the Worker beside the reader of bytes.

use std::collections::BTreeMap;

use serde_json::Value;
use shared::versions::Resource;

use super::{
    AccessLog, Answer, Auth, Brownout, CachePolicy, Cors, Feed, Firewall, Gateway, Idempotency,
    Issuer, Lifecycle, LimitMode, Limits, Moment, Patterns, Plan, Pool, Purge, Query, Route, Share,
    Traces, Unknown, WhenDown,
};

impl Gateway {
    /// Reads it; `None` for anything that was not written so.
    pub fn compiled(json: &str) -> Option<Self> {
        let all: Value = serde_json::from_slice(json.as_bytes()).ok()?;
        let all = Part(&all);
        Some(Self {
            issuers: all.each("issuers", issuer)?,
            limits: all.maybe("limits", limits)?,
            plans: all.named("plans", plan)?,
            versions: all.named("versions", lifecycle)?,
            transparent: all.flag("transparent")?,
            cors: all.maybe("cors", cors)?,
            feed: Feed {
                refuse_after_seconds: all.at("feed")?.number("refuse_after_seconds")?,
            },
            access_log: access_log(all.at("access_log")?)?,
            traces: traces(all.at("traces")?)?,
            pools: all.each("pools", pool)?,
            firewall: firewall(all.at("firewall")?)?,
            // The build read it, and wrote what it says beside.
            openapi: all.maybe("openapi", text)?,
            routes: all.each("routes", route)?,
        })
    }
}

fn issuer(part: Part<'_>) -> Option<Issuer> {
    Some(Issuer {
        name: part.text("name")?,
        issuer: part.text("issuer")?,
        audience: part.text("audience")?,
        jwks_url: part.text("jwks_url")?,
        algorithms: part.each("algorithms", text)?,
    })
}

fn limits(part: Part<'_>) -> Option<Limits> {
    Some(Limits {
        known: part.text("known")?,
        anonymous: part.text("anonymous")?,
    })
}

fn plan(part: Part<'_>) -> Option<Plan> {
    Some(Plan {
        policy: part.text("policy")?,
        rate: part.number("rate")?,
        per_seconds: part.number("per_seconds")?,
    })
}

fn pool(part: Part<'_>) -> Option<Pool> {
    Some(Pool {
        name: part.text("name")?,
        binding: part.text("binding")?,
        at_run_time: part.flag("at_run_time")?,
        health: part.maybe("health", text)?,
        try_timeout_ms: part.number("try_timeout_ms")?,
    })
}

fn share(part: Part<'_>) -> Option<Share> {
    Share::try_from(part.at("sample")?.0.as_f64()?).ok()
}

fn access_log(part: Part<'_>) -> Option<AccessLog> {
    Some(AccessLog {
        sample: share(part)?,
        ship_to: part.maybe("ship_to", text)?,
        metrics: part.flag("metrics")?,
    })
}

fn traces(part: Part<'_>) -> Option<Traces> {
    Some(Traces {
        sample: share(part)?,
        collector: part.maybe("collector", text)?,
    })
}

fn lifecycle(part: Part<'_>) -> Option<Lifecycle> {
    Some(Lifecycle {
        deprecated: part.moment("deprecated")?,
        sunset: part.moment("sunset")?,
        brownouts: part.each("brownouts", |part| {
            Some(Brownout {
                from: part.moment("from")?,
                to: part.moment("to")?,
            })
        })?,
    })
}

fn cors(part: Part<'_>) -> Option<Cors> {
    Some(Cors {
        origins: part.each("origins", text)?,
        max_age_seconds: part.number("max_age_seconds")?,
        credentials: part.flag("credentials")?,
    })
}

fn firewall(part: Part<'_>) -> Option<Firewall> {
    Some(Firewall {
        deny: part.each("deny", text)?,
        allow: part.each("allow", text)?,
        deny_countries: part.each("deny_countries", text)?,
        allow_countries: part.each("allow_countries", text)?,
        at_run_time: part.flag("at_run_time")?,
        security_fields: part.flag("security_fields")?,
    })
}

fn route(part: Part<'_>) -> Option<Route> {
    Some(Route {
        name: part.text("name")?,
        path: part.text("path")?,
        methods: part.each("methods", text)?,
        auth: match part.word("auth")? {
            "none" => Auth::None,
            "optional" => Auth::Optional,
            "required" => Auth::Required,
            "origin" => Auth::Origin,
            _ => return None,
        },
        scope: part.maybe("scope", text)?,
        limited: part.flag("limited")?,
        limit: match part.word("limit")? {
            "exact" => LimitMode::Exact,
            "leased" => LimitMode::Leased,
            _ => return None,
        },
        limiter_down: part.maybe("limiter_down", |part| match part.0.as_str()? {
            "open" => Some(WhenDown::Open),
            "closed" => Some(WhenDown::Closed),
            _ => None,
        })?,
        idempotency: match part.word("idempotency")? {
            "ignored" => Idempotency::Ignored,
            "optional" => Idempotency::Optional,
            "required" => Idempotency::Required,
            _ => return None,
        },
        cache: part.maybe("cache", cache)?,
        convert: part.maybe("convert", |part| match part.0.as_str()? {
            "product" => Some(Resource::Product),
            "order" => Some(Resource::Order),
            "payment" => Some(Resource::Payment),
            _ => None,
        })?,
        produces: part.each("produces", text)?,
        consumes: part.maybe("consumes", |part| part.all(text))?,
        patterns: match part.word("patterns")? {
            "off" => Patterns::Off,
            "log" => Patterns::Log,
            "block" => Patterns::Block,
            _ => return None,
        },
        cors: part.maybe("cors", cors)?,
        answer: part.maybe("answer", |part| match part.0.as_str()? {
            "deprecations" => Some(Answer::Deprecations),
            "rate_limit" => Some(Answer::RateLimit),
            _ => None,
        })?,
        views: part.maybe("views", text)?,
        shape: part.flag("shape")?,
        body_bytes_max: part.number("body_bytes_max")?,
        pool: part.maybe("pool", text)?,
        own_origins: part.flag("own_origins")?,
        timeout_ms: part.number("timeout_ms")?,
    })
}

fn cache(part: Part<'_>) -> Option<CachePolicy> {
    let query = part.at("query")?;
    Some(CachePolicy {
        query: match query.0.as_str() {
            Some(_) => Query::All,
            None => Query::Listed(query.all(text)?),
        },
        unknown: match part.word("unknown")? {
            "drop" => Unknown::Drop,
            "keep" => Unknown::Keep,
            "refuse" => Unknown::Refuse,
            _ => return None,
        },
        vary: part.each("vary", text)?,
        browser: part.maybe("browser", text)?,
        edge: part.maybe("edge", text)?,
        set_cookie: part.flag("set_cookie")?,
        tags: part.each("tags", text)?,
        purge: match part.word("purge")? {
            "hard" => Purge::Hard,
            "soft" => Purge::Soft,
            "none" => Purge::None,
            _ => return None,
        },
    })
}

fn text(part: Part<'_>) -> Option<String> {
    part.0.as_str().map(str::to_owned)
}

/// A part of the file.
#[derive(Clone, Copy)]
struct Part<'a>(&'a Value);

impl<'a> Part<'a> {
    fn at(self, name: &str) -> Option<Self> {
        self.0.get(name).map(Self)
    }

    fn word(self, name: &str) -> Option<&'a str> {
        self.0.get(name)?.as_str()
    }

    fn text(self, name: &str) -> Option<String> {
        text(self.at(name)?)
    }

    fn flag(self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    fn number<N: TryFrom<u64>>(self, name: &str) -> Option<N> {
        N::try_from(self.0.get(name)?.as_u64()?).ok()
    }

    fn moment(self, name: &str) -> Option<Moment> {
        Moment::at(self.0.get(name)?.as_i64()?)
    }

    /// What stands there; nothing is fine too. The build leaves it out.
    #[expect(
        clippy::option_option,
        reason = "the outer one is for what can't be read"
    )]
    fn maybe<T>(self, name: &str, read: impl Fn(Self) -> Option<T>) -> Option<Option<T>> {
        match self.at(name) {
            None | Some(Self(Value::Null)) => Some(None),
            Some(part) => read(part).map(Some),
        }
    }

    fn all<T>(self, read: impl Fn(Self) -> Option<T>) -> Option<Vec<T>> {
        let parts = self.0.as_array()?.iter();
        parts.map(|part| read(Self(part))).collect()
    }

    fn each<T>(self, name: &str, read: impl Fn(Self) -> Option<T>) -> Option<Vec<T>> {
        self.at(name)?.all(read)
    }

    fn named<T>(self, name: &str, read: impl Fn(Self) -> Option<T>) -> Option<BTreeMap<String, T>> {
        let parts = self.0.get(name)?.as_object()?.iter();
        parts
            .map(|(name, part)| Some((name.clone(), read(Self(part))?)))
            .collect()
    }
}
