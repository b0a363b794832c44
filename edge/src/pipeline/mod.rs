//! The pipeline: every request, stage by stage. This is the one order of checks.
//!
//! 1. [`media`]: a head that is small enough; 414, 431. A transparent configuration goes on with
//!    [`cache`] alone. [`feed`]: what the origin tells is no longer true, which its signature lets in.
//! 2. [`origins`]: who is in which pool. [`firewall`]: who is let in, and nothing that two parsers read in two
//!    ways; 403, 431, 400.
//!    [`pages`]: problems and versions explained, which need nobody.
//! 3. [`version`]: which version of the API, and the path without it; 400, 404, 406.
//! 4. [`crate::routes`]: which row of the configuration; 404, 405. OPTIONS ends here ([`cors`]).
//! 5. [`version`] again: retired is 410, browned out 503. [`media`] again: 406.
//! 6. [`authenticate`]: who is calling, by a token or by a key and its record ([`records`]); 401. Then the route's scope; 403. [`feed`] again: 503
//!    for a change when nobody knows what was revoked.
//! 7. [`limit`]: the caller's book, by its plan; 429. Whoever sends a key asks for its answer in the same
//!    trip, so [`replay`] has read key and body before; what it found wrong is told after the limit.
//! 8. Reads that are the same for everybody: [`cache`]. Others: [`replay`] (key 400, size 413, coding 415, replay, media type 415,
//!    a body of another shape 400). Both go through [`forward`] to the origin, and come back through
//!    [`convert`]. Its tries are those of [`pool`].
//! 9. [`encode`]: gzip or br, for clients that accept it.
//! 10. [`finish`]: what every answer carries, and the one line of the access log. [`seen`] tells it.
//!
//! Each stage returns its proof (a version, a route, a caller) or a
//! [`Rejection`](crate::rejection::Rejection), and [`finish`] alone writes those as problem
//! documents.

mod authenticate;
mod cache;
mod convert;
mod cors;
mod deprecation;
mod encode;
mod feed;
mod finish;
mod firewall;
mod forward;
mod limit;
mod media;
mod origins;
mod pages;
mod pool;
mod records;
mod replay;
mod seen;
mod trace;
mod version;
mod views;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::rc::Rc;

use http::{Method, Response, header};
use shared::assertion::{AssertionKeys, Provenance};
use shared::caller::Caller;
use shared::id::RequestId;

use crate::cache::refreshing::Refreshing;
use crate::config::{self, Gateway};
use crate::firewall::network::Lists;
use crate::identity::keys::KeyDocuments;
use crate::identity::verified::VerifiedTokens;
use crate::limit::terms::Plan;
use crate::negotiation::Accept;
use crate::platform::{Body, Platform};
use crate::rejection::Rejection;
use crate::replay::Claim;
use crate::routes::Table;
use crate::shapes::Shapes;
use crate::usage::Pending;

/// What a deployment sets.
#[derive(Debug)]
pub struct Settings {
    /// Sign what is handed to the origin.
    pub assertion_keys: AssertionKeys,
    /// Where clients find us, without a trailing slash; unset: what the request was sent to.
    pub public_url: Option<String>,
    /// The revision of the converters by which answers are carried down.
    pub converters: u16,
}

/// What an isolate keeps between requests. Losing it costs time, never correctness.
#[derive(Debug)]
pub struct Isolate {
    gateway: Gateway,
    routes: Table,
    settings: Rc<Settings>,
    pools: Rc<origins::Pools>,
    tokens: RefCell<VerifiedTokens>,
    keys: RefCell<KeyDocuments>,
    uses: RefCell<Pending>,
    refreshing: RefCell<Refreshing>,
    feed: Rc<feed::Known>,
    seen: Rc<seen::Seen>,
    records: Rc<records::Source>,
    limits: RefCell<limit::Held>,
    shapes: Shapes,
    /// For callers with a token, and for those without; none where nothing is limited.
    plans: Option<[Rc<Plan>; 2]>,
    /// Who is let in, unless a record says otherwise.
    lists: Lists,
}

impl Isolate {
    /// An isolate that has seen nothing yet.
    pub fn new(gateway: Gateway, settings: Settings) -> Self {
        let plans = gateway.limits.as_ref().and_then(|limits| {
            let plan = |name: &str| gateway.plans.get(name).map(Plan::configured).map(Rc::new);
            Some([plan(&limits.known)?, plan(&limits.anonymous)?])
        });
        let settings = Rc::new(settings);
        let pools = Rc::new(origins::Pools::new(&gateway.pools));
        let feed: Rc<feed::Known> = Rc::default();
        let records = Rc::new(records::Source {
            held: RefCell::default(),
            pools: Rc::clone(&pools),
            feed: Rc::clone(&feed),
            settings: Rc::clone(&settings),
        });
        Self {
            routes: Table::new(&gateway),
            lists: Lists::of(
                &gateway.firewall.deny,
                &gateway.firewall.allow,
                &gateway.firewall.deny_countries,
                &gateway.firewall.allow_countries,
            ),
            plans,
            pools,
            gateway,
            settings,
            tokens: RefCell::default(),
            keys: RefCell::default(),
            uses: RefCell::default(),
            refreshing: RefCell::default(),
            feed,
            seen: Rc::default(),
            records,
            limits: RefCell::default(),
            shapes: Shapes::default(),
        }
    }

    /// Gives each pool the origins that its binding lists. One that nobody lists is the platform's own.
    ///
    /// # Errors
    /// What `read` says of a binding; or that there is no list in it.
    pub fn list_origins(
        &mut self,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<(), String> {
        self.pools.list(read)
    }

    /// Tells of requests where the configuration says, or the deployment's variables, by their names:
    /// `ACCESS_LOG_URL` and `OTEL_EXPORTER_OTLP_ENDPOINT`, and `_HEADERS` of each, as in `a=b,c=d`.
    ///
    /// # Errors
    /// What is no URL.
    pub fn tell_to(&mut self, read: impl Fn(&str) -> Option<String>) -> Result<(), String> {
        let gateway = &self.gateway;
        self.seen = Rc::new(seen::Seen::of(&gateway.access_log, &gateway.traces, read)?);
        Ok(())
    }

    /// Holds bodies against these tables ([`Shapes::compiled`]); without them the origin checks all.
    pub fn check_bodies(&mut self, tables: &'static str) {
        self.shapes = Shapes::compiled(tables);
    }

    /// What the hand-over is signed with.
    #[cfg(feature = "test-routes")]
    pub fn assertion_keys(&self) -> &AssertionKeys {
        &self.settings.assertion_keys
    }
}

/// A request as the platform hands it over.
#[derive(Debug)]
pub struct Inbound<S> {
    /// Method, absolute URI, fields.
    pub parts: http::request::Parts,
    /// Body.
    pub body: Body<S>,
    /// The client's address, from a source that the client can't write.
    pub address: Option<String>,
    /// The client's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// What the stages learn, for the answer's fields and the log.
#[derive(Debug, Default)]
struct Notes {
    client_request_id: Option<String>,
    trace: trace::Trace,
    method: Method,
    path: String,
    route: Option<String>,
    api_version: Option<&'static str>,
    caller: Option<Caller>,
    limit: Option<limit::Taken>,
    telling: Telling,
    idempotency: Option<&'static str>,
    cache: Option<crate::cache::status::CacheStatus>,
    country: Option<String>,
    bytes_in: Option<u64>,
    /// Which managed pattern it shows.
    pattern: Option<&'static str>,
    /// The edge adds nothing of its own.
    transparent: bool,
    /// The answer depends on Accept, since the path names no version.
    varies_by_accept: bool,
    notice: Option<deprecation::Notice>,
    wish: encode::Wish,
    sharing: Option<cors::Sharing>,
    origin_ms: u64,
    tries: u32,
}

/// What an answer says of the work that was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Telling {
    /// Nothing: no key came.
    #[default]
    Nothing,
    /// A refusal says what became of it.
    Outcome,
    /// So it does, and each answer whether it is a replay: the key could be read.
    Replay,
}

/// Answers a request.
pub async fn handle<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    inbound: Inbound<P::Stream>,
) -> Response<Body<P::Stream>> {
    let started_ms = platform.now_ms();
    isolate.feed.start(started_ms);
    let id = RequestId::new(started_ms, platform.random());
    let base = public_url(isolate, &inbound.parts);
    let kept = isolate.seen.kept(&isolate.gateway.traces);
    let mut notes = Notes::of(&inbound, id, kept);
    notes.transparent = isolate.gateway.transparent;
    let result = stages(platform, isolate, inbound, id, &mut notes).await;
    if let Some(taken) = &mut notes.limit {
        limit::returned(isolate, taken, result.as_ref().ok());
    }
    let elapsed_ms = platform.now_ms().saturating_sub(started_ms);
    let (mut response, line) = finish::finish(result, &notes, id, &base, started_ms, elapsed_ms);
    if let Some(taken) = notes.limit.take() {
        limit::ended(platform, taken);
    }
    let times = (started_ms, started_ms.saturating_add(elapsed_ms));
    seen::tell(platform, isolate, &notes, id, line, times);
    if isolate.gateway.firewall.security_fields {
        firewall::secure(response.headers_mut());
    }
    response
}

async fn stages<P: Platform>(
    platform: &P,
    isolate: &Isolate,
    mut inbound: Inbound<P::Stream>,
    id: RequestId,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let parts = &inbound.parts;
    let cors = isolate.gateway.cors.as_ref();
    notes.sharing = cors.map(|policy| cors::Sharing::of(policy, &parts.headers));
    media::small(parts)?;
    if isolate.gateway.transparent {
        return Box::pin(cache::alone(platform, isolate, inbound, id, notes)).await;
    }
    if feed::is_door(isolate, parts.uri.path()) {
        notes.route = Some("feed".to_owned());
        return Box::pin(feed::door(platform, isolate, inbound)).await;
    }
    origins::look(platform, isolate).await;
    firewall::enter(platform, isolate, &inbound).await?;
    let parts = &inbound.parts;
    if let Some(page) = pages::find(parts) {
        return page;
    }
    let accept = Accept::of(&parts.headers);
    let asked = version::resolve(parts, &accept)?;
    notes.api_version = Some(asked.version.as_str());
    notes.varies_by_accept = !asked.in_path;
    let lifecycle = version::lifecycle(&isolate.gateway, asked.version);
    notes.notice = lifecycle.map(|end| deprecation::Notice::of(end, &asked, &parts.uri));

    let place = isolate.routes.at(&asked.path)?;
    let nearest = nearest(&place, parts);
    if let Some(policy) = nearest.and_then(|route| route.cors.as_ref()) {
        notes.sharing = Some(cors::Sharing::of(policy, &parts.headers));
    }
    if parts.method == Method::OPTIONS {
        let sharing = notes.sharing.as_ref();
        return Ok(cors::options(
            &place,
            asked.version,
            sharing,
            &parts.headers,
        ));
    }
    let route = place.take(&parts.method)?;
    notes.route = Some(route.name.clone());
    if let Some(lifecycle) = lifecycle {
        let now_seconds = i64::try_from(platform.now_ms() / 1000).unwrap_or(i64::MAX);
        version::served(asked.version, lifecycle, now_seconds)?;
    }
    media::acceptable(route, &accept)?;
    firewall::look(route, parts, notes)?;

    let identity = authenticate::authenticate(platform, isolate, route, &inbound).await?;
    let caller = identity.caller.clone();
    notes.caller = Some(caller.clone());
    authenticate::in_scope(route, &caller)?;
    if !inbound.parts.method.is_safe() {
        let heard = feed::heard(platform, isolate).await;
        // Whoever changes something is told what became of it.
        if heard.is_err() {
            notes.telling = Telling::Outcome;
        }
        heard?;
    }
    let call = forward::Call {
        isolate,
        route,
        caller,
        api_version: asked.version,
        prefix: asked.prefix(),
        path: asked.path.clone(),
        id,
        provenance: Provenance {
            address: inbound
                .address
                .as_deref()
                .and_then(|text| text.parse().ok()),
            session: identity.session.clone(),
            country: inbound.country.clone(),
        },
    };
    let keyed = Box::pin(admit(platform, &call, &identity, &mut inbound, notes)).await?;
    if lifecycle.is_some() {
        deprecation::note(
            platform,
            isolate,
            &asked,
            route,
            &inbound.parts.method,
            &call.caller,
        );
    }
    match route.answer {
        Some(config::Answer::Deprecations) => {
            return deprecation::answer(platform, isolate, &call.caller).await;
        }
        Some(config::Answer::RateLimit) => {
            let address = inbound.address.as_deref();
            return Box::pin(limit::answer(platform, isolate, &identity, address, notes)).await;
        }
        None => {}
    }

    forward::prepare(&call, asked.in_field, &mut inbound.parts.headers);
    onward(platform, &call, inbound, keyed, notes).await
}

/// Stage 7. The limit and a key's answer are asked for in one trip; what is wrong with the key is told after
/// the limit.
async fn admit<P: Platform>(
    platform: &P,
    call: &forward::Call<'_>,
    identity: &authenticate::Identity,
    inbound: &mut Inbound<P::Stream>,
    notes: &mut Notes,
) -> Result<Option<(replay::Keyed, Option<Claim>)>, Rejection> {
    let keyed = replay::keyed(platform, call, inbound).await;
    let known = keyed.as_ref().ok().and_then(Option::as_ref);
    match limit::admit(platform, call.isolate, call.route, identity, inbound, known).await {
        Ok(limit::Admitted { taken, claim }) => {
            notes.limit = taken;
            let sent = notes.telling == Telling::Outcome;
            if sent && replay::is_accepted(call.route, &keyed) {
                notes.telling = Telling::Replay;
            }
            Ok(keyed?.map(|keyed| (keyed, claim)))
        }
        Err(limit::Refused { rejection, taken }) => {
            notes.limit = taken;
            Err(rejection)
        }
    }
}

/// The row that a request is for, as far as other sites' pages are concerned: a preflight asks for the
/// method that it names.
fn nearest<'a>(
    place: &crate::routes::Place<'a>,
    parts: &http::request::Parts,
) -> Option<&'a config::Route> {
    let preflight = parts
        .headers
        .get(header::ACCESS_CONTROL_REQUEST_METHOD)
        .filter(|_| parts.method == Method::OPTIONS)
        .and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    place.nearest(preflight.as_ref().unwrap_or(&parts.method))
}

/// Stage 8: what may be answered from a copy, and what only the origin answers.
async fn onward<P: Platform>(
    platform: &P,
    call: &forward::Call<'_>,
    inbound: Inbound<P::Stream>,
    keyed: Option<(replay::Keyed, Option<Claim>)>,
    notes: &mut Notes,
) -> Result<Response<Body<P::Stream>>, Rejection> {
    let method = inbound.parts.method.clone();
    if cache::is_for(call, &method) {
        let response = cache::serve(platform, call, inbound, notes).await?;
        views::note(platform, call, &method, &response, notes);
        return convert::down(platform, call, &method, response).await;
    }
    let target = inbound.parts.uri.clone();
    let serving = Box::pin(replay::serve(platform, call, inbound, keyed, notes));
    let response = serving.await?;
    cache::invalidate(platform, call, &method, &target, &response).await;
    Ok(response)
}

fn public_url(isolate: &Isolate, parts: &http::request::Parts) -> String {
    if let Some(url) = &isolate.settings.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let scheme = parts.uri.scheme_str().unwrap_or("https");
    let host = parts
        .uri
        .authority()
        .map_or("localhost", http::uri::Authority::as_str);
    format!("{scheme}://{host}")
}

impl Notes {
    fn of<S>(inbound: &Inbound<S>, id: RequestId, kept: Option<config::Share>) -> Self {
        let text = |name: &str| {
            let value = inbound.parts.headers.get(name)?.to_str().ok()?;
            Some(value.chars().take(128).collect::<String>())
        };
        let keyed = !inbound.parts.method.is_safe()
            && inbound
                .parts
                .headers
                .contains_key(shared::header::IDEMPOTENCY_KEY);
        Self {
            client_request_id: text(shared::header::REQUEST_ID),
            telling: if keyed {
                Telling::Outcome
            } else {
                Telling::Nothing
            },
            trace: trace::Trace::of(&inbound.parts.headers, id, kept),
            method: inbound.parts.method.clone(),
            path: inbound.parts.uri.path().to_owned(),
            country: inbound.country.clone(),
            wish: encode::Wish::of(&inbound.parts.headers),
            bytes_in: text("content-length").and_then(|length| length.parse().ok()),
            ..Self::default()
        }
    }
}
