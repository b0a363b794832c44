//! Every code of the catalogue, produced by a request through the edge. Each answer of every test is
//! checked against the catalogue where it is read (`tests::answer`), so none lies outside it.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use shared::problem::Code;
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;

/// Needs a version past its end, or another country; the pipeline's own tests move the clock and the
/// client there.
const ELSEWHERE: [Code; 2] = [Code::ApiVersionRetired, Code::AccessDenied];
/// More anonymous requests at once than a second's bucket holds.
const FLOOD: usize = 300;

/// More requests at once than a plan of one place has.
const CROWD: usize = 20;

/// Which codes were seen.
#[derive(Default)]
struct Seen(BTreeSet<&'static str>);

impl Seen {
    async fn expect(&mut self, code: Code, request: RequestBuilder) -> Answer {
        self.found(code, Answer::to(request).await)
    }

    fn found(&mut self, code: Code, answer: Answer) -> Answer {
        assert_eq!(
            answer.field("error-code"),
            code.as_str(),
            "{}",
            answer.text()
        );
        self.0.insert(code.as_str());
        answer
    }
}

#[tokio::test]
async fn every_code_is_answered_through_the_edge() {
    let mut shop = Shop::start_with(Options { test_routes: true }).await;
    let mut seen = Seen::default();
    requests(&shop, &mut seen).await;
    callers(&shop, &mut seen).await;
    lists(&shop, &mut seen).await;
    orders(&shop, &mut seen).await;
    changes(&shop, &mut seen).await;
    webhooks(&shop, &mut seen).await;
    people(&shop, &mut seen).await;
    plans(&shop, &mut seen).await;
    faults(&mut shop, &mut seen).await;
    let missing: Vec<_> = Code::ALL
        .iter()
        .filter(|code| !ELSEWHERE.contains(code) && !seen.0.contains(code.as_str()))
        .collect();
    assert!(missing.is_empty(), "no request was answered {missing:?}");
}

/// What is wrong with the request itself.
async fn requests(shop: &Shop, seen: &mut Seen) {
    let get = |path: &str| shop.request("GET", path);
    seen.expect(Code::NotFound, get("/v2/nothing")).await;
    seen.expect(Code::ApiVersionUnknown, get("/v9/products"))
        .await;
    let v1 = ("accept", "application/vnd.headgate.v1+json");
    seen.expect(
        Code::ApiVersionConflict,
        get("/v2/products").header(v1.0, v1.1),
    )
    .await;
    seen.expect(Code::ApiVersionBrownout, get("/v1/products"))
        .await;
    seen.expect(
        Code::NotAcceptable,
        get("/v2/products").header("accept", "image/png"),
    )
    .await;
    seen.expect(Code::MethodNotAllowed, shop.request("DELETE", "/v2/orders"))
        .await;
    let long = format!("/v2/products?q={}", "x".repeat(20_000));
    seen.expect(Code::UriTooLong, get(&long)).await;
    let large = "x".repeat(12_000);
    let heavy = get("/v2/products")
        .header("x-one", &large)
        .header("x-two", &large)
        .header("x-three", &large);
    seen.expect(Code::HeadersTooLarge, heavy).await;
    let copy = get("/v2/products?limit=3").header("cache-control", "only-if-cached");
    seen.expect(Code::NotStored, copy).await;
    let beyond = get("/v2/products?limit=2").header("range", "bytes=9999999-");
    seen.expect(Code::RangeNotSatisfiable, beyond).await;
    let post = |media: &str, body: Vec<u8>| {
        shop.request("POST", "/v2/products/search")
            .header("content-type", media)
            .body(body)
    };
    seen.expect(
        Code::MediaTypeUnsupported,
        post("text/plain", b"{}".to_vec()),
    )
    .await;
    let packed = post("application/json", b"{}".to_vec()).header("content-encoding", "zstd");
    seen.expect(Code::ContentEncodingUnsupported, packed).await;
    let big = post("application/json", vec![b' '; 70_000]);
    seen.expect(Code::BodyTooLarge, big).await;
    let unknown = post("application/json", br#"{"colour":1}"#.to_vec());
    seen.expect(Code::BodyInvalid, unknown).await;
}

/// What is wrong with the caller.
async fn callers(shop: &Shop, seen: &mut Seen) {
    let read = |token: &str| shop.request("GET", "/v2/orders").bearer_auth(token);
    seen.expect(Code::TokenMissing, shop.request("GET", "/v2/orders"))
        .await;
    seen.expect(Code::TokenInvalid, read("x.y.z")).await;
    seen.expect(Code::TokenExpired, read(&shop.expired_token()))
        .await;
    let create = shop
        .request("POST", "/v2/products")
        .bearer_auth(&shop.customer_token)
        .json(&json!({}));
    seen.expect(Code::ScopeMissing, create).await;
    let flood = join_all((0..FLOOD).map(|_| shop.get("/v2/products?limit=1"))).await;
    let refused = flood
        .into_iter()
        .find(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
        .expect("the address's bucket is empty");
    seen.found(Code::RateLimited, refused);
}

/// What is wrong with a list's parameters.
async fn lists(shop: &Shop, seen: &mut Seen) {
    // As somebody: the anonymous bucket has just been emptied.
    let list = |query: &str| {
        shop.request("GET", &format!("/v2/products?{query}"))
            .bearer_auth(&shop.customer_token)
    };
    seen.expect(Code::RequestInvalid, list("limit=0")).await;
    seen.expect(Code::CursorInvalid, list("cursor=x")).await;
    let page = Answer::to(list("limit=1")).await.json();
    let cursor = page["next_cursor"].as_str().expect("a cursor");
    seen.expect(
        Code::CursorMismatch,
        list(&format!("q=for&cursor={cursor}")),
    )
    .await;
}

/// What an order may be refused for.
async fn orders(shop: &Shop, seen: &mut Seen) {
    let good = shop.an_order("pm_card_visa").await;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut order = good.clone();
        change(&mut order);
        order
    };
    let keyless = shop
        .request("POST", "/v2/orders")
        .bearer_auth(&shop.customer_token)
        .json(&good);
    seen.expect(Code::IdempotencyKeyRequired, keyless).await;
    let long = "k".repeat(300);
    seen.expect(
        Code::IdempotencyKeyInvalid,
        shop.order_request(&long, &good),
    )
    .await;
    let dearer = with(&|order| order["expected_total"]["amount"] = 1.into());
    seen.expect(Code::PriceChanged, shop.order_request("dearer", &dearer))
        .await;
    let gone = with(&|order| {
        order["items"][0]["product_id"] = "prd_00000000000000000000000000".into();
    });
    seen.expect(Code::ProductUnavailable, shop.order_request("gone", &gone))
        .await;
    let scarce = shop.scarce_order().await;
    seen.expect(Code::OutOfStock, shop.order_request("scarce", &scarce))
        .await;
    let declined = with(&|order| order["payment_method"] = "pm_card_declined".into());
    seen.expect(
        Code::PaymentDeclined,
        shop.order_request("declined", &declined),
    )
    .await;
    seen.expect(
        Code::IdempotencyKeyReused,
        shop.order_request("declined", &good),
    )
    .await;
    let down = with(&|order| order["payment_method"] = "pm_card_unavailable".into());
    seen.expect(Code::OperationUncertain, shop.order_request("down", &down))
        .await;
    let slow = with(&|order| order["payment_method"] = "pm_card_slow".into());
    let pair = join_all((0..2).map(|_| shop.order("slow", &slow))).await;
    let waiting = pair
        .into_iter()
        .find(|answer| answer.status == StatusCode::CONFLICT)
        .expect("one waits in vain");
    seen.found(Code::IdempotencyInProgress, waiting);
}

/// What a change may be refused for.
async fn changes(shop: &Shop, seen: &mut Seen) {
    let admin =
        |method: &str, path: &str| shop.request(method, path).bearer_auth(&shop.admin_token);
    let product = |sku: &str| {
        json!({"sku": sku, "name": "Mug", "description": "", "category": "kitchen",
            "price": {"amount": 900, "currency": "USD"}, "active": true, "stock": 5})
    };
    let created = Answer::to(admin("POST", "/v2/products").json(&product("CODES-1"))).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let path = format!(
        "/v2/products/{}",
        created.json()["id"].as_str().expect("an id")
    );
    let etag = created.field("etag").to_owned();
    let again = admin("POST", "/v2/products").json(&product("CODES-1"));
    seen.expect(Code::SkuTaken, again).await;
    seen.expect(Code::PreconditionRequired, admin("DELETE", &path))
        .await;
    let stale = admin("DELETE", &path).header("if-match", "\"999-low\"");
    seen.expect(Code::PreconditionFailed, stale).await;
    let mut outdated = product("CODES-1");
    outdated["version"] = 999.into();
    let outdated = admin("PUT", &path)
        .header("if-match", &etag)
        .json(&outdated);
    seen.expect(Code::VersionConflict, outdated).await;
    let test = json!([{"op": "test", "path": "/name", "value": "Cup"}]).to_string();
    let test = admin("PATCH", &path)
        .header("if-match", &etag)
        .header("content-type", "application/json-patch+json")
        .body(test);
    seen.expect(Code::PatchTestFailed, test).await;

    shop.execute(
        "insert into dead_letters (id, consumer, event_id, type, schema_version, aggregate_id, payload,
             created_at, attempts, reason, error, history, status, died_at)
         values ('00000000-0000-0000-0000-000000000001', 'email', gen_random_uuid(), 'order.confirmed',
             1, gen_random_uuid(), '{}', now(), 1, 'permanent', 'x', '[]', 'done', now())",
    )
    .await;
    let letter = "/v2/admin/dead-letters/dlt_00000000000000000000000001/redrive";
    seen.expect(Code::DeadLetterSettled, admin("POST", letter))
        .await;

    let order = shop
        .order("moved", &shop.an_order("pm_card_visa").await)
        .await;
    let path = format!("/v2/orders/{}", order.json()["id"].as_str().expect("an id"));
    let foreign = admin("PATCH", &path)
        .header("if-match", order.field("etag"))
        .header("content-type", "application/merge-patch+json")
        .body(r#"{"note":"ours"}"#);
    let foreign = Answer::to(foreign).await;
    assert!(foreign.status.is_success(), "{}", foreign.text());
    let foreign = admin("DELETE", &path).header("if-match", foreign.field("etag"));
    seen.expect(Code::Forbidden, foreign).await;
    let status =
        |status: &str| admin("PUT", &format!("{path}/status")).json(&json!({"status": status}));
    let payment = order.json()["payment"]["id"].clone();
    let refunds = format!("/v2/payments/{}/refunds", payment.as_str().expect("an id"));
    let much = json!({"amount": {"amount": 1_000_000_000, "currency": "USD"}});
    let much = admin("POST", &refunds)
        .header("idempotency-key", "much")
        .json(&much);
    seen.expect(Code::RefundExceedsPayment, much).await;
    let fulfilled = Answer::to(status("fulfilled")).await;
    assert_eq!(fulfilled.status, StatusCode::OK, "{}", fulfilled.text());
    seen.expect(Code::IllegalTransition, status("cancelled"))
        .await;
}

/// What admins may be refused for.
async fn webhooks(shop: &Shop, seen: &mut Seen) {
    let admin = |path: &str| shop.request("POST", path).bearer_auth(&shop.admin_token);
    let off = json!({"url": "https://shop.example/", "events": ["*"], "enabled": false});
    let made = Answer::to(admin("/v2/admin/webhooks").json(&off)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let ping = admin(&format!("/v2/admin/webhooks/{id}/test"));
    seen.expect(Code::WebhookDisabled, ping).await;
}

/// What people may be refused for.
async fn people(shop: &Shop, seen: &mut Seen) {
    let ada = json!({"email": "codes@example.com", "name": "Ada", "password": "correct horse"});
    let register = || {
        shop.request("POST", "/v2/users")
            .bearer_auth(&shop.customer_token)
            .json(&ada)
    };
    let registered = Answer::to(register()).await;
    assert_eq!(
        registered.status,
        StatusCode::CREATED,
        "{}",
        registered.text()
    );
    seen.expect(Code::EmailTaken, register()).await;
    let wrong = json!({"email": "codes@example.com", "password": "wrong horse"});
    let wrong = shop.request("POST", "/v2/sessions").json(&wrong);
    seen.expect(Code::CredentialsInvalid, wrong).await;
    let unknown = json!({"refresh_token": "hgr_unknown"});
    let unknown = shop.request("POST", "/v2/sessions/refresh").json(&unknown);
    seen.expect(Code::RefreshTokenInvalid, unknown).await;
    let id = registered.json()["id"].as_str().expect("an id").to_owned();
    let token = shop.token(&id, "customer");
    let path = format!("/v2/users/{id}/payment-methods");
    let mut last = None;
    for _ in 0..=20 {
        let method = json!({"method": "pm_card_visa"});
        let request = shop
            .request("POST", &path)
            .bearer_auth(&token)
            .json(&method);
        last = Some(Answer::to(request).await);
    }
    seen.found(Code::LimitReached, last.expect("an answer"));
}

/// What an admin may be refused for.
async fn plans(shop: &Shop, seen: &mut Seen) {
    let admin =
        |method: &str, path: &str| shop.request(method, path).bearer_auth(&shop.admin_token);
    let plan = json!({"name": "codes", "rate": 10, "per_seconds": 1});
    let made = Answer::to(admin("POST", "/v2/admin/plans").json(&plan)).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let again = admin("POST", "/v2/admin/plans").json(&plan);
    seen.expect(Code::NameTaken, again).await;
    let key = json!({"name": "codes", "account": "codes", "mode": "test", "plan": "codes",
        "scopes": ["orders:read"]});
    let key = Answer::to(admin("POST", "/v2/admin/api-keys").json(&key)).await;
    assert_eq!(key.status, StatusCode::CREATED, "{}", key.text());
    let id = made.json()["id"].as_str().expect("an id").to_owned();
    let used = admin("DELETE", &format!("/v2/admin/plans/{id}"));
    seen.expect(Code::PlanInUse, used).await;
    let everybody = admin("PUT", "/v2/admin/firewall")
        .header("if-match", "*")
        .json(&json!({"deny": ["0.0.0.0/0"]}));
    seen.expect(Code::FirewallLocksOut, everybody).await;
    // What plans allow: one request a month, and no place for any.
    for (name, limits, code) in [
        (
            "codes-quota",
            json!({"quota": {"limit": 1, "period": "MONTH"}}),
            Code::QuotaExceeded,
        ),
        (
            "codes-places",
            json!({"concurrency": 1}),
            Code::ConcurrencyExceeded,
        ),
    ] {
        let mut plan = json!({"name": name, "rate": 1000, "per_seconds": 1});
        for (member, limit) in limits.as_object().expect("an object") {
            plan[member] = limit.clone();
        }
        let made = Answer::to(admin("POST", "/v2/admin/plans").json(&plan)).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let key = json!({"name": name, "account": name, "mode": "test", "plan": name,
            "scopes": ["orders:read"]});
        let key = Answer::to(admin("POST", "/v2/admin/api-keys").json(&key)).await;
        let key = key.json()["key"].as_str().expect("a key").to_owned();
        let asks = (0..CROWD)
            .map(|_| Answer::to(shop.request("GET", "/v2/orders").header("x-api-key", &key)));
        let refused = join_all(asks)
            .await
            .into_iter()
            .find(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
            .expect("one is refused");
        seen.found(code, refused);
    }
}

/// What goes wrong behind the edge.
async fn faults(shop: &mut Shop, seen: &mut Seen) {
    let mine = |shop: &Shop| {
        shop.request("GET", "/v2/orders")
            .bearer_auth(&shop.customer_token)
    };
    // This build's configuration waits a second only.
    Answer::to(shop.request("GET", "/__test/feed-down")).await;
    until("the feed was silent for too long", || async {
        let register = shop
            .request("POST", "/v2/users")
            .bearer_auth(&shop.customer_token)
            .json(&json!({}));
        let answer = Answer::to(register).await;
        (answer.status == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let change = shop
        .request("POST", "/v2/users")
        .bearer_auth(&shop.customer_token)
        .json(&json!({}));
    let refused = seen.expect(Code::FeedUnreachable, change).await.json();
    assert_eq!(refused["outcome"], "not_applied");
    Answer::to(shop.request("GET", "/__test/feed-up")).await;
    let lock = shop.lock("orders").await;
    seen.expect(Code::Unavailable, mine(shop)).await;
    lock.release().await;
    shop.execute("alter table order_items rename to mislaid")
        .await;
    seen.expect(Code::Internal, mine(shop)).await;
    shop.execute("alter table mislaid rename to order_items")
        .await;
    // The route waits a moment only, in this build's configuration.
    shop.gate.hold();
    seen.expect(Code::OriginTimeout, shop.request("GET", "/readyz"))
        .await;
    shop.gate.close().await;
    seen.expect(Code::OriginUnreachable, mine(shop)).await;
}
