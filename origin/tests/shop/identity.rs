//! Who may call: the edge's word, or our own token where that is switched on.

use origin::app::App;
use shared::assertion::{Asserted, AssertionKeys};
use shared::caller::{Caller, Role};
use tower::ServiceExt;

use crate::harness::{BEGIN_MS, Shop, platform, principal, request};

#[tokio::test]
async fn only_the_edge_is_trusted_unless_direct_tokens_are_on() {
    let shop = Shop::open().await;
    let mut config = shop.config.clone();
    config.direct_tokens = false;
    let app = App::build(&config, platform(&shop.clock)).unwrap();
    let keys: AssertionKeys = config.assertion_keys().unwrap();
    let sign = |method: &str, target: &str, caller: Caller| {
        let asserted = Asserted {
            caller,
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            converter: None,
            position: None,
        };
        keys.sign(&asserted, method, target, BEGIN_MS / 1000)
            .unwrap()
    };
    let bearer = format!("Bearer {}", shop.customer);
    let ada = || Caller::Known(principal("usr_ada", Role::Customer));
    let anonymous = sign("GET", "/products?limit=1", Caller::Anonymous);
    let own = sign("GET", "/orders", ada());
    for (path, field, status) in [
        (
            "/products?limit=1",
            ("headgate-assertion", anonymous.as_str()),
            200,
        ),
        (
            "/products?limit=2",
            ("headgate-assertion", anonymous.as_str()),
            401,
        ),
        ("/orders", ("headgate-assertion", own.as_str()), 200),
        ("/orders", ("headgate-assertion", "nonsense"), 401),
        ("/orders", ("authorization", bearer.as_str()), 401),
        ("/products", ("x-nothing", ""), 401),
        ("/nothing", ("x-nothing", ""), 401),
        ("/healthz", ("x-nothing", ""), 200),
        ("/v2/readyz", ("x-nothing", ""), 200),
        ("/.well-known/jwks.json", ("x-nothing", ""), 200),
        ("/problems/not_found", ("x-nothing", ""), 200),
    ] {
        let request = request("GET", path, &[field], "");
        let response = app.api.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status().as_u16(), status, "{path} {field:?}");
        if field.0 == "headgate-assertion" && status == 200 {
            assert_eq!(response.headers()["x-request-id"], "req_of_the_edge");
        }
    }
}

#[tokio::test]
async fn direct_tokens_are_verified_and_scoped() {
    let shop = Shop::open().await;
    let good = format!("Bearer {}", shop.customer);
    let cut = good[..good.len() - 4].to_owned();
    for (value, status, code) in [
        (good.as_str(), 200, ""),
        (cut.as_str(), 401, "token_invalid"),
        ("Basic x", 401, "token_invalid"),
    ] {
        let answer = shop.get("/orders", &[("authorization", value)]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{value}"
        );
        assert_eq!(answer.field("www-authenticate").is_empty(), status == 200);
    }
    shop.clock.advance_ms(3_700_000);
    let late = shop.get("/orders", &[("authorization", &good)]).await;
    assert_eq!(late.code(), "token_expired");
}
