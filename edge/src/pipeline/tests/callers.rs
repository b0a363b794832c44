//! Callers: API keys by their records, plans and what they bound, revocations, and the hand-over.

use proptest::prelude::*;
use shared::api_key::ApiKey;
use shared::assertion::Provenance;
use shared::caller::{Mode, Role};
use shared::id::{ApiKeyId, PlanId};
use shared::record::{self, KeyRecord};

use super::*;
use crate::feed::names;
use crate::platform::Feed as _;

/// A shop whose origin knows one API key and its plan, which a test may change.
pub(super) struct Partner {
    pub(super) shop: Shop,
    pub(super) key: ApiKey,
    record: Rc<RefCell<KeyRecord>>,
    pub(super) plan: Rc<RefCell<Value>>,
    down: Rc<Cell<bool>>,
}

pub(super) fn partner() -> Partner {
    let key = ApiKey::new(Mode::Live, [7; 32]);
    let plan_id = PlanId::new(1, [1; 10]);
    let record = Rc::new(RefCell::new(KeyRecord {
        id: ApiKeyId::new(2, [2; 10]),
        account: "acme".into(),
        role: Role::Partner,
        mode: Mode::Live,
        plan: plan_id,
        scopes: vec!["orders:read".into(), "orders:write".into()],
        expires_at: None,
        revoked: false,
    }));
    let plan = Rc::new(RefCell::new(
        json!({"name": "gold", "rate": 600, "per_seconds": 60,
        "burst": 50, "quota": null, "concurrency": null, "stages": {}}),
    ));
    let down = Rc::<Cell<bool>>::default();
    let key_path = record::key_path(key.hash());
    let plan_path = record::plan_path(plan_id);
    let (records, plans, is_down) = (Rc::clone(&record), Rc::clone(&plan), Rc::clone(&down));
    let orders: Cell<u32> = Cell::default();
    let shop = start_before(shop(), move |request| {
        let path = request.uri().path();
        let answer = Response::builder();
        if path.starts_with("/records/") {
            if is_down.get() {
                return answer.status(503).body(Bytes::new()).unwrap();
            }
            let keys: AssertionKeys = SECRET.parse().unwrap();
            let assertion = request.headers()[shared::header::ASSERTION]
                .to_str()
                .unwrap();
            let now = i64::try_from(NOW / 1000).unwrap();
            match keys.verify(assertion, "GET", path, now) {
                Ok(found) => assert_eq!(found.caller, Caller::Known(record::edge())),
                // A test moved the clock.
                Err(refused) => assert_eq!(refused, shared::assertion::Refused::Time),
            }
            if path == key_path {
                let text = serde_json::to_string(&*records.borrow()).unwrap();
                return answer.body(text.into()).unwrap();
            }
            if path == plan_path {
                return answer.body(plans.borrow().to_string().into()).unwrap();
            }
        }
        origin(&orders, request)
    });
    Partner {
        shop,
        key,
        record,
        plan,
        down,
    }
}

impl Partner {
    async fn orders(&self) -> Answered {
        let get = Request::get("/v2/orders").header("x-api-key", self.key.expose());
        self.shop.send(get, "").await
    }

    fn lookups(&self) -> usize {
        self.shop.calls(&record::key_path(self.key.hash()))
    }

    /// The feed says so, and a second passes in which everybody hears it.
    async fn told(&self, name: Option<String>) {
        let change = crate::feed::Change {
            names: vec![name.unwrap()],
            position: None,
            soft: false,
        };
        self.shop.memory.append(&change).await.unwrap();
        self.shop.memory.advance_ms(1_100);
    }
}

#[tokio::test]
async fn a_key_stands_for_its_account_with_one_look() {
    let partner = partner();
    let shop = &partner.shop;
    for _ in 0..3 {
        assert_eq!(partner.orders().await.status, 200);
        let bearer = format!("bearer {}", partner.key.expose());
        let get = Request::get("/v2/orders").header("authorization", bearer);
        assert_eq!(shop.send(get, "").await.status, 200);
    }
    assert_eq!(partner.lookups(), 1);
    let seen = shop.seen.borrow();
    let request = seen.last().unwrap();
    assert!(!request.headers().contains_key("x-api-key"));
    let keys: AssertionKeys = SECRET.parse().unwrap();
    let assertion = request.headers()[shared::header::ASSERTION]
        .to_str()
        .unwrap();
    let now = i64::try_from(NOW / 1000).unwrap();
    let (asserted, provenance) = keys.verify_with(assertion, "GET", "/orders", now).unwrap();
    let principal = asserted.caller.principal().unwrap();
    assert_eq!(
        (principal.account.as_str(), principal.role),
        ("acme", Role::Partner)
    );
    assert_eq!(principal.subject, partner.record.borrow().id.to_string());
    let expected = Provenance {
        address: "192.0.2.1".parse().ok(),
        session: None,
        country: Some("CH".into()),
    };
    assert_eq!(provenance, expected);
}

#[tokio::test]
async fn bad_keys_are_refused_and_never_both() {
    let partner = partner();
    let good = partner.key.expose().to_owned();
    let mistyped = format!(
        "{}{}",
        &good[..43],
        if good.ends_with('0') { '1' } else { '0' }
    );
    let unknown = ApiKey::new(Mode::Live, [8; 32]).expose().to_owned();
    let token = token(&json!({}));
    for (key, authorization, status, code) in [
        (Some(&*mistyped), None, 401, "token_invalid"),
        (
            None,
            Some(format!("Bearer {mistyped}")),
            401,
            "token_invalid",
        ),
        (Some("x"), None, 401, "token_invalid"),
        (Some(""), None, 401, "token_invalid"),
        (Some(&*unknown), None, 401, "token_invalid"),
        (
            Some(&*good),
            Some(format!("Bearer {token}")),
            400,
            "request_invalid",
        ),
        (
            Some(&*good),
            Some(format!("Bearer {good}")),
            400,
            "request_invalid",
        ),
        (Some(&*good), Some("Basic eDp5".to_owned()), 200, ""),
    ] {
        let mut get = Request::get("/v2/orders");
        if let Some(key) = key {
            get = get.header("x-api-key", key);
        }
        if let Some(authorization) = &authorization {
            get = get.header("authorization", authorization);
        }
        let answer = partner.shop.send(get, "").await;
        let found = (answer.status, answer.field("error-code"));
        assert_eq!(found, (status, code), "{key:?} {authorization:?}");
        let asks = answer.field("www-authenticate").starts_with("Bearer");
        assert_eq!(asks, status == 401);
    }
    let twice = Request::get("/v2/orders")
        .header("x-api-key", &good)
        .header("x-api-key", &good);
    assert_eq!(partner.shop.send(twice, "").await.status, 400);
    // Neither the mistyped nor the unknown one, which was looked for once in its five seconds.
    let seen = partner.shop.seen.borrow();
    let looks = seen
        .iter()
        .filter(|request| request.uri().path().starts_with("/records/keys"));
    assert_eq!(looks.count(), 2);
}

#[tokio::test]
async fn a_revoked_key_is_refused_when_the_feed_says_so() {
    let partner = partner();
    assert_eq!(partner.orders().await.status, 200);
    partner.shop.memory.run_deferred().await;
    partner.record.borrow_mut().revoked = true;
    // Nobody was told yet.
    partner.shop.memory.advance_ms(1_100);
    assert_eq!(partner.orders().await.status, 200);
    partner
        .told(names::record(&record::key_name(partner.key.hash())))
        .await;
    assert_eq!(partner.orders().await.status, 401);
    // Another isolate of the location does not take the copy that lies there.
    let settings = Settings {
        assertion_keys: SECRET.parse().unwrap(),
        public_url: None,
        converters: shared::versions::REVISION,
    };
    let mut other = partner;
    other.shop.isolate = Isolate::new(shop(), settings);
    assert_eq!(other.orders().await.status, 401);
    assert_eq!(other.lookups(), 3);
}

#[tokio::test]
async fn keys_go_on_while_the_origin_is_down_and_others_are_503() {
    let partner = partner();
    assert_eq!(partner.orders().await.status, 200);
    partner.down.set(true);
    partner.shop.memory.evict_copies();
    partner.shop.memory.advance_ms(30 * 60 * 1000);
    assert_eq!(partner.orders().await.status, 200);
    let other = ApiKey::new(Mode::Live, [9; 32]);
    let get = Request::get("/v2/orders").header("x-api-key", other.expose());
    let answer = partner.shop.send(get, "").await;
    assert_eq!((answer.status, answer.field("retry-after")), (503, "5"));
    partner.shop.memory.advance_ms(40 * 60 * 1000);
    assert_eq!(partner.orders().await.status, 503);
}

#[tokio::test]
async fn an_ended_key_and_a_key_of_the_other_mode_are_refused() {
    let partner = partner();
    let end = i64::try_from(NOW / 1000).unwrap() + 10;
    partner.record.borrow_mut().expires_at = Some(end);
    assert_eq!(partner.orders().await.status, 200);
    partner.shop.memory.advance_ms(10_000);
    assert_eq!(partner.orders().await.status, 401);
    partner.record.borrow_mut().expires_at = None;
    partner.record.borrow_mut().mode = Mode::Test;
    partner
        .told(names::record(&record::key_name(partner.key.hash())))
        .await;
    assert_eq!(partner.orders().await.status, 401);
}

#[tokio::test]
async fn a_changed_plan_holds_when_it_was_told() {
    let partner = partner();
    let answer = partner.orders().await;
    assert_eq!(answer.field("ratelimit-policy"), "\"gold\";q=600;w=60");
    assert_eq!(answer.field("ratelimit"), "\"gold\";r=49;t=1");
    *partner.plan.borrow_mut() = json!({"name": "lead", "rate": 1, "per_seconds": 60, "burst": 1,
        "quota": null, "concurrency": null, "stages": {}});
    let id = partner.record.borrow().plan;
    partner.told(names::record(&record::plan_name(id))).await;
    let answer = partner.orders().await;
    assert_eq!(answer.field("ratelimit-policy"), "\"lead\";q=1;w=60");
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "rate_limited")
    );
    let wait = refused.field("retry-after").parse::<u64>().unwrap();
    partner.shop.memory.advance_ms(wait * 1000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn a_quota_counts_requests_but_no_replays_and_no_304s() {
    let partner = partner();
    partner.plan.borrow_mut()["quota"] = json!({"limit": 3, "period": "DAY"});
    let get = || {
        Request::get("/v2/products/1")
            .header("x-api-key", partner.key.expose())
            .header("if-none-match", "\"1\"")
    };
    for _ in 0..5 {
        assert_eq!(partner.shop.send(get(), "").await.status, 304);
    }
    let order = || {
        Request::post("/v2/orders")
            .header("x-api-key", partner.key.expose())
            .header("idempotency-key", "k")
            .header("content-type", "application/json")
    };
    for replayed in ["", "true", "true", "true"] {
        let answer = partner.shop.send(order(), "{}").await;
        assert_eq!(
            (answer.status, answer.field("idempotent-replayed")),
            (201, replayed)
        );
        partner.shop.memory.run_deferred().await;
    }
    let answer = partner.orders().await;
    let (policies, states) = (answer.field("ratelimit-policy"), answer.field("ratelimit"));
    assert_eq!(policies, "\"gold\";q=600;w=60, \"quota\";q=3;w=86400");
    assert!(states.contains("\"quota\";r=1;t="), "{states}");
    assert_eq!(partner.orders().await.status, 200);
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "quota_exceeded")
    );
    assert_eq!(refused.json()["violated-policies"], json!(["quota"]));
    let wait = refused.field("retry-after").parse::<u64>().unwrap();
    assert_eq!((NOW / 1000 + wait) % 86_400, 0);
    partner.shop.memory.advance_ms(wait * 1000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn places_are_left_when_the_answer_is_there() {
    let partner = partner();
    partner.plan.borrow_mut()["concurrency"] = json!(1);
    assert_eq!(partner.orders().await.status, 200);
    // What tells that it has ended is behind the answer.
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "concurrency_exceeded")
    );
    assert_eq!(refused.field("retry-after"), "20");
    partner.shop.memory.run_deferred().await;
    assert_eq!(partner.orders().await.status, 200);
    partner.shop.memory.drop_deferred();
    // The isolate died; the place is free when its time is over.
    partner.shop.memory.advance_ms(20_000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn a_stage_bounds_all_callers_of_a_plan() {
    let partner = partner();
    partner.plan.borrow_mut()["stages"] = json!({"prod": {"rate": 4, "per_seconds": 60}});
    for _ in 0..4 {
        assert_eq!(partner.orders().await.status, 200);
    }
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "rate_limited")
    );
    assert_eq!(refused.json()["violated-policies"], json!(["gold-live"]));
    let wait = refused.field("retry-after").parse::<u64>().unwrap();
    partner.shop.memory.advance_ms(wait * 1000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn what_one_limit_refuses_debits_no_other() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(1);
    partner.plan.borrow_mut()["rate"] = json!(1);
    partner.plan.borrow_mut()["quota"] = json!({"limit": 100, "period": "DAY"});
    partner.plan.borrow_mut()["stages"] = json!({"prod": {"rate": 6, "per_seconds": 3600}});
    assert_eq!(partner.orders().await.status, 200);
    // The bucket is empty, so neither stage nor quota pay.
    for _ in 0..20 {
        assert_eq!(
            partner.orders().await.json()["violated-policies"],
            json!(["gold"])
        );
    }
    let get = Request::get("/v2/rate_limit").header("x-api-key", partner.key.expose());
    assert_eq!(
        partner.shop.send(get, "").await.json()["quota"]["remaining"],
        99
    );
    // Of the stage's six one was used, and one that was leased was lost with its second.
    partner.plan.borrow_mut()["burst"] = json!(50);
    partner.plan.borrow_mut()["rate"] = json!(600);
    let id = partner.record.borrow().plan;
    partner.told(names::record(&record::plan_name(id))).await;
    for _ in 0..4 {
        assert_eq!(partner.orders().await.status, 200);
    }
    assert_eq!(
        partner.orders().await.json()["violated-policies"],
        json!(["gold-live"])
    );
}

#[tokio::test]
async fn a_place_is_left_by_a_request_that_fails() {
    let partner = partner();
    partner.plan.borrow_mut()["concurrency"] = json!(1);
    assert_eq!(partner.orders().await.status, 200);
    partner.shop.memory.run_deferred().await;
    partner.shop.fetches(&[Some(Lost::Reply)]);
    assert_eq!(partner.orders().await.status, 502);
    partner.shop.memory.run_deferred().await;
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn the_limits_can_be_looked_at() {
    let partner = partner();
    partner.plan.borrow_mut()["quota"] = json!({"limit": 9, "period": "MONTH"});
    partner.plan.borrow_mut()["concurrency"] = json!(5);
    partner.orders().await;
    partner.shop.memory.run_deferred().await;
    for _ in 0..2 {
        let get = Request::get("/v2/rate_limit").header("x-api-key", partner.key.expose());
        let answer = partner.shop.send(get, "").await;
        assert_eq!(answer.field("cache-control"), "private, no-store");
        assert_eq!(
            answer.field("ratelimit-policy"),
            "\"gold\";q=600;w=60, \"quota\";q=9;w=2678400"
        );
        let states = answer.field("ratelimit");
        assert!(
            states.starts_with("\"gold\";r=49;t=1, \"quota\";r=8;t="),
            "{states}"
        );
        let json = answer.json();
        assert_eq!(
            (&json["policy"], &json["remaining"]),
            (&json!("gold"), &json!(49))
        );
        assert_eq!(json["quota"]["remaining"], json!(8));
        assert_eq!(json["concurrency"], json!({"limit": 5, "under_way": 0}));
    }
    let anonymous = partner.shop.get("/v2/rate_limit").await.json();
    assert_eq!(
        (&anonymous["policy"], &anonymous["burst"]),
        (&json!("second"), &json!(100))
    );
}

#[tokio::test]
async fn a_hot_reader_rarely_asks_and_its_fields_count_down() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(600);
    for read in 1..=200_u64 {
        let get = Request::get("/v2/products/1").header("x-api-key", partner.key.expose());
        let answer = partner.shop.send(get, "").await;
        assert_eq!(answer.status, 200);
        let left = format!("\"gold\";r={};", 600 - read);
        assert!(
            answer.field("ratelimit").starts_with(&left),
            "{}",
            answer.field("ratelimit")
        );
    }
    assert!(
        partner.shop.memory.limiter_asks() <= 30,
        "{}",
        partner.shop.memory.limiter_asks()
    );
}

#[tokio::test]
async fn an_open_route_has_a_ceiling_while_the_limiter_is_down() {
    let shop = start();
    let faults = || Faults {
        limiter_down: true,
        ..Faults::default()
    };
    shop.memory.set_faults(faults());
    let (mut admitted, mut refused) = (0, 0);
    for _ in 0..150 {
        match shop.get("/v2/products/1").await.status {
            200 => admitted += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    // The first ten of an address, which asks no limiter, and what the plan gives.
    assert_eq!((admitted, refused), (110, 40));
}

#[tokio::test]
async fn a_revoked_token_is_refused_known_or_not() {
    let partner = partner();
    let get = |claims: Value| Request::get("/v2/orders").header("authorization", bearer(&claims));
    let one = json!({"jti": "t1", "iat": NOW / 1000 - 5});
    let other = json!({"jti": "t2", "iat": NOW / 1000 - 5});
    for claims in [&one, &other] {
        assert_eq!(partner.shop.send(get(claims.clone()), "").await.status, 200);
    }
    let expires = i64::try_from(NOW / 1000).unwrap() + 600;
    partner.told(names::token("t1", expires)).await;
    let refused = partner.shop.send(get(one.clone()), "").await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (401, "token_invalid")
    );
    assert_eq!(partner.shop.send(get(other.clone()), "").await.status, 200);
    let before = i64::try_from(NOW / 1000).unwrap();
    partner.told(names::subject("usr_1", before, expires)).await;
    assert_eq!(partner.shop.send(get(other), "").await.status, 401);
    // One that was not seen before, and one that was issued since.
    let unseen = json!({"jti": "t3", "iat": NOW / 1000 - 1});
    assert_eq!(partner.shop.send(get(unseen), "").await.status, 401);
    let since = json!({"jti": "t4", "iat": NOW / 1000});
    assert_eq!(partner.shop.send(get(since), "").await.status, 200);
}

#[tokio::test]
async fn a_thousand_unknown_keys_are_one_fetch_and_an_issuer_may_rest() {
    let shop = start();
    assert_eq!(
        shop.send(
            Request::get("/v2/orders").header("authorization", bearer(&json!({}))),
            ""
        )
        .await
        .status,
        200
    );
    assert_eq!(shop.calls("/.well-known/jwks.json"), 1);
    shop.memory.advance_ms(30_000);
    for number in 0..1_000_u64 {
        shop.memory.advance_ms(29);
        let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": format!("made-up-{number}")});
        let known = token(&json!({}));
        let mut parts = known.split('.');
        let (_, claims, signature) = (parts.next(), parts.next().unwrap(), parts.next().unwrap());
        let made_up = format!(
            "Bearer {}.{claims}.{signature}",
            URL_SAFE_NO_PAD.encode(header.to_string())
        );
        let get = Request::get("/v2/orders").header("authorization", made_up);
        assert_eq!(shop.send(get, "").await.status, 401);
    }
    assert_eq!(shop.calls("/.well-known/jwks.json"), 2);
    // Half an hour without the issuer: tokens that are new to us, by keys that are known.
    shop.memory.set_faults(Faults {
        keys_down: true,
        ..Faults::default()
    });
    shop.memory.advance_ms(30 * 60 * 1000);
    let later = json!({"exp": NOW / 1000 + 7200});
    let get = Request::get("/v2/orders").header("authorization", bearer(&later));
    assert_eq!(shop.send(get, "").await.status, 200);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// No combination of fields that a client sends changes the caller that the origin sees.
    #[test]
    fn no_fields_change_the_caller(
        fields in proptest::collection::vec((spellings(), "[ -~]{0,40}"), 0..12),
        known in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let shop = start();
            let mut get = Request::get("/v2/orders");
            if known {
                get = get.header("authorization", bearer(&json!({"sub": "usr_9"})));
            } else {
                get = Request::post("/v2/products/search");
            }
            for (name, value) in &fields {
                get = get.header(name.as_str(), value.as_str());
            }
            shop.send(get, "").await;
            let seen = shop.seen.borrow();
            for request in seen.iter().filter(|request| !request.uri().path().starts_with("/.well")) {
                let lines: Vec<_> = request.headers().get_all(shared::header::ASSERTION).iter().collect();
                assert_eq!(lines.len(), 1);
                let keys: AssertionKeys = SECRET.parse().unwrap();
                let now = i64::try_from(NOW / 1000).unwrap();
                let target = request.uri().to_string();
                let asserted = keys
                    .verify(lines[0].to_str().unwrap(), request.method().as_str(), &target, now)
                    .unwrap();
                let subject = asserted.caller.principal().map(|principal| principal.subject.as_str());
                assert_eq!(subject, known.then_some("usr_9"));
                let budgets: Vec<_> = request.headers().get_all(shared::header::BUDGET_MS).iter().collect();
                assert_eq!(budgets, ["15000"]);
                for name in request.headers().keys() {
                    let folded = name.as_str().replace(['_', '.'], "-");
                    let own = [shared::header::ASSERTION, shared::header::BUDGET_MS];
                    let ours = folded.starts_with("headgate-") && !own.contains(&name.as_str());
                    let spoof = ["x-forwarded-", "x-user-", "cf-"].iter().any(|own| folded.starts_with(own));
                    assert!(!ours && !spoof, "{name}");
                }
            }
        });
    }
}

/// Names that could be taken for ours, with any of the three characters between.
fn spellings() -> impl Strategy<Value = String> {
    let names = prop_oneof![
        Just("headgate-assertion"),
        Just("headgate-budget-ms"),
        Just("headgate-committed"),
        Just("x-forwarded-for"),
        Just("x-forwarded-user"),
        Just("x-user-id"),
        Just("x-real-ip"),
        Just("cf-connecting-ip"),
        Just("forwarded"),
        Just("cookie"),
        Just("x-request-id"),
        Just("connection"),
        Just("x-other"),
    ];
    (names, "[-_.]").prop_map(|(name, between)| name.replace('-', &between))
}

#[tokio::test]
async fn made_up_keys_cost_the_origin_ten_looks_an_address() {
    let partner = partner();
    assert_eq!(partner.orders().await.status, 200);
    let before = partner.shop.seen.borrow().len();
    let guess = |number: u8, address: &'static str| {
        let key = ApiKey::new(Mode::Live, [number; 32]);
        let get = Request::get("/v2/orders").header("x-api-key", key.expose());
        partner.shop.send_from(get, address)
    };
    for number in 100..110 {
        assert_eq!(guess(number, "192.0.2.1").await.status, 401);
    }
    for number in 110..200 {
        let refused = guess(number, "192.0.2.1").await;
        assert_eq!(
            (refused.status, refused.field("error-code")),
            (429, "rate_limited")
        );
        assert_eq!(refused.field("retry-after"), "6");
        assert_eq!(refused.json()["violated-policies"], json!(["unknown-keys"]));
    }
    let looks = |before: usize| partner.shop.seen.borrow().len() - before;
    assert_eq!(looks(before), 10);
    // Those that are known to be nobody's are refused as such, and the address's own key works.
    assert_eq!(guess(100, "192.0.2.1").await.status, 401);
    assert_eq!(partner.orders().await.status, 200);
    assert_eq!(guess(200, "192.0.2.2").await.status, 401);
    partner.shop.memory.advance_ms(6_000);
    assert_eq!(guess(201, "192.0.2.1").await.status, 401);
    assert_eq!(guess(202, "192.0.2.1").await.status, 429);
}

#[tokio::test]
async fn a_refused_keyed_call_says_that_it_speaks_of_itself_alone() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(5);
    let order = |key: &'static str| {
        let post = Request::post("/v2/orders")
            .header("x-api-key", key)
            .header("idempotency-key", "k")
            .header("content-type", "application/json");
        partner.shop.send(post, "{}")
    };
    let key: &'static str = partner.key.expose().to_owned().leak();
    assert_eq!(order(key).await.status, 201);
    for (key, status) in [(key, 429), ("hg_live_x", 401)] {
        let refused = order(key).await;
        assert_eq!(refused.status, status);
        let json = refused.json();
        assert_eq!(
            (&json["outcome"], &json["safe_new_key"]),
            (&json!("not_applied"), &json!(false))
        );
    }
}
