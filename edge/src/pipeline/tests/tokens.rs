//! Tokens: revoked, of unknown keys, and beside fields that could be taken for ours.

use proptest::prelude::*;

use super::callers::partner;
use super::*;
use crate::feed::names;

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

/// A client proves itself to the origin where that asks for it, by Basic, and nowhere else by anything.
#[tokio::test]
async fn basic_credentials_reach_the_route_whose_origin_asks_for_them() {
    let shop = start();
    let by_token = bearer(&json!({}));
    let basic = "Basic Y2xpOnMrYy8=";
    for (path, lines, expected) in [
        ("/v2/oauth/token", vec![basic], basic),
        ("/oauth/token", vec!["bAsIc Y2xpOg=="], "bAsIc Y2xpOg=="),
        ("/v2/oauth/token", vec![by_token.as_str()], ""),
        ("/v2/oauth/token", vec!["Basic Y2xpOg==, Bearer x"], ""),
        ("/v2/oauth/token", vec!["Basic"], ""),
        ("/v2/oauth/token", vec![basic, by_token.as_str()], ""),
        ("/v2/sessions", vec![basic], ""),
        ("/v2/webhooks/payments", vec![basic], ""),
    ] {
        let mut post = Request::post(path)
            .header("content-type", "application/json")
            .header("headgate_assertion", "x")
            .header("x_authorization", "x")
            .header("x-api-key", "x");
        for line in &lines {
            post = post.header("authorization", *line);
        }
        shop.send(post, "{\"email\":\"a@b.example\",\"password\":\"x\"}")
            .await;
        let seen = shop.seen.borrow();
        let fields = seen.last().unwrap().headers();
        let found = fields
            .get("authorization")
            .map(|line| line.to_str().unwrap());
        assert_eq!(found.unwrap_or_default(), expected, "{path} {lines:?}");
        assert!(fields.contains_key(shared::header::ASSERTION));
        assert!(!fields.contains_key("headgate_assertion") && !fields.contains_key("x-api-key"));
    }
    assert_eq!(shop.seen.borrow().len(), 8);
}
