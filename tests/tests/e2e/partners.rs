//! Partners: keys, plans that change, revocations and limits, through real objects and two locations.

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::{Options, Shop};
use tests::wait::until;

const LOCATIONS: usize = 2;

/// A partner's plan and key, made by the admin's routes.
struct Partner {
    shop: Shop,
    plan: Value,
    key: Value,
}

impl Partner {
    async fn start(plan: Value) -> Self {
        let shop = Shop::start_in(LOCATIONS, Options::default()).await;
        let plan = made(&shop, "/v2/admin/plans", &plan).await;
        let key = json!({"name": "acme", "account": "acme", "mode": "test", "plan": plan["id"],
            "scopes": ["orders:read", "orders:write"]});
        let key = made(&shop, "/v2/admin/api-keys", &key).await;
        Self { shop, plan, key }
    }

    async fn get(&self, location: usize, path: &str) -> Answer {
        let request = self.shop.request_at(location, "GET", path);
        Answer::to(request.header("x-api-key", self.key["key"].as_str().unwrap())).await
    }
}

async fn made(shop: &Shop, path: &str, body: &Value) -> Value {
    let request = shop.request("POST", path).bearer_auth(&shop.admin_token);
    let answer = Answer::to(request.json(body)).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()
}

fn plan(name: &str) -> Value {
    json!({"name": name, "rate": 600, "per_seconds": 60, "burst": 500})
}

#[tokio::test]
async fn a_changed_plan_and_a_revoked_key_hold_everywhere() {
    let partner = Partner::start(plan("gold")).await;
    for location in 0..LOCATIONS {
        let answer = partner.get(location, "/v2/orders").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert_eq!(answer.field("ratelimit-policy"), "\"gold\";q=600;w=60");
    }
    let id = partner.plan["id"].as_str().unwrap();
    let change = partner
        .shop
        .request("PUT", &format!("/v2/admin/plans/{id}"))
        .bearer_auth(&partner.shop.admin_token)
        .header("if-match", "*")
        .json(&json!({"name": "silver", "rate": 60, "per_seconds": 60, "burst": 50}));
    let changed = Answer::to(change).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    for location in 0..LOCATIONS {
        until("the new plan", || async {
            let answer = partner.get(location, "/v2/orders").await;
            (answer.field("ratelimit-policy") == "\"silver\";q=60;w=60").then_some(())
        })
        .await;
    }

    let id = partner.key["id"].as_str().unwrap();
    let revoke = partner
        .shop
        .request("DELETE", &format!("/v2/admin/api-keys/{id}"))
        .bearer_auth(&partner.shop.admin_token);
    let revoked = Answer::to(revoke).await;
    assert!(revoked.status.is_success(), "{}", revoked.text());
    for location in 0..LOCATIONS {
        until("the key is refused", || async {
            let answer = partner.get(location, "/v2/rate_limit").await;
            (answer.status == StatusCode::UNAUTHORIZED).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn one_budget_holds_over_two_locations() {
    let plan = json!({"name": "tight", "rate": 1, "per_seconds": 60, "burst": 40,
        "quota": {"limit": 1000, "period": "DAY"}});
    let partner = Partner::start(plan).await;
    for path in ["/v2/orders", "/v2/products?limit=1"] {
        let asks = (0..100).map(|ask| partner.get(ask % LOCATIONS, path));
        let answers = join_all(asks).await;
        let refused: Vec<_> = answers
            .iter()
            .filter(|answer| answer.status == StatusCode::TOO_MANY_REQUESTS)
            .collect();
        // All forty are gone in the first round, and one comes back a minute.
        let admitted = answers.len() - refused.len();
        assert!(admitted <= 40 + 2, "{admitted}");
        assert!(path != "/v2/orders" || admitted >= 40, "{admitted}");
        let refused = refused.first().unwrap();
        assert_eq!(refused.field("error-code"), "rate_limited");
        let violated = &refused.json()["violated-policies"];
        assert_eq!(violated, &json!(["tight"]));
    }
    let looked = partner.get(0, "/v2/rate_limit").await.json();
    assert_eq!(looked["burst"], 40, "{looked}");
    assert!(
        looked["quota"]["remaining"].as_u64().unwrap() >= 1000 - 42,
        "{looked}"
    );
}

#[tokio::test]
async fn a_revoked_token_is_refused_everywhere() {
    let shop = Shop::start_in(LOCATIONS, Options::default()).await;
    let user = "usr_00000000000000000000000077";
    let token = shop.token(user, "customer");
    let get = |location| {
        shop.request_at(location, "GET", "/v2/orders")
            .bearer_auth(&token)
    };
    for location in 0..LOCATIONS {
        assert_eq!(Answer::to(get(location)).await.status, StatusCode::OK);
    }
    let revoke = shop
        .request("POST", "/v2/admin/revocations")
        .bearer_auth(&shop.admin_token)
        .json(&json!({"subject": user}));
    let told = Answer::to(revoke).await;
    assert!(told.status.is_success(), "{}", told.text());
    for location in 0..LOCATIONS {
        until("the token is refused", || async {
            let answer = Answer::to(get(location)).await;
            (answer.field("error-code") == "token_invalid").then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_program_gets_its_token_by_basic_or_in_the_body() {
    let shop = Shop::start().await;
    let client = shop.client();
    let text = |name: &str| client[name].as_str().unwrap().to_owned();
    let (id, secret) = (text("client_id"), text("client_secret"));
    let ask = |more: &str| {
        let form = format!("grant_type=client_credentials{more}");
        shop.request("POST", "/v2/oauth/token")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form)
    };
    let own = format!("&client_id={id}&client_secret={secret}");
    for request in [ask("").basic_auth(&id, Some(&secret)), ask(&own)] {
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        let token = answer.json()["access_token"].as_str().unwrap().to_owned();
        let orders = shop.request("GET", "/v2/orders").bearer_auth(token);
        assert_eq!(Answer::to(orders).await.status, StatusCode::OK);
    }
    // Its refusals are RFC 6749's, and no problem documents.
    let wrong = ask("").basic_auth(&id, Some("x"));
    let refused = wrong.send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    let scheme = refused.headers()["www-authenticate"].to_str().unwrap();
    assert!(scheme.starts_with("Basic "), "{scheme}");
}
