//! Callers: API keys by their records, and the hand-over.

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
    pub(super) record: Rc<RefCell<KeyRecord>>,
    pub(super) plan: Rc<RefCell<Value>>,
    down: Rc<Cell<bool>>,
}

pub(super) fn partner() -> Partner {
    partner_in(Mode::Live)
}

pub(super) fn partner_in(mode: Mode) -> Partner {
    let key = ApiKey::new(mode, [7; 32]);
    let plan_id = PlanId::new(1, [1; 10]);
    let record = Rc::new(RefCell::new(KeyRecord {
        id: ApiKeyId::new(2, [2; 10]),
        account: "acme".into(),
        role: Role::Partner,
        mode,
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
    pub(super) async fn orders(&self) -> Answered {
        let get = Request::get("/v2/orders").header("x-api-key", self.key.expose());
        self.shop.send(get, "").await
    }

    pub(super) fn lookups(&self) -> usize {
        self.shop.calls(&record::key_path(self.key.hash()))
    }

    /// The feed says so, and a second passes in which everybody hears it.
    pub(super) async fn told(&self, name: Option<String>) {
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
