//! Who gets in: the order of checks, signatures, issuers, buckets; and the line that tells of each.

use super::*;

#[tokio::test]
async fn checks_come_in_their_order() {
    let shop = start();
    let post = || Request::post("/v2/orders");
    let known =
        |claims: Value| post().header("authorization", format!("Bearer {}", token(&claims)));
    let long = "x".repeat(70_000);
    for (request, body, code) in [
        (post(), "", "token_missing"),
        (
            post().header("authorization", "Bearer x"),
            "",
            "token_invalid",
        ),
        (known(json!({"exp": NOW / 1000 - 60})), "", "token_expired"),
        (known(json!({"scope": "orders:read"})), "", "scope_missing"),
        (known(json!({})), &long, "idempotency_key_required"),
        (
            known(json!({})).header("idempotency-key", ""),
            &long,
            "idempotency_key_invalid",
        ),
        (
            known(json!({})).header("idempotency-key", "k"),
            &long,
            "body_too_large",
        ),
        (Request::post("/v3/orders"), "", "api_version_unknown"),
        (Request::put("/v2/orders"), "", "method_not_allowed"),
        (Request::get("/v2/nothing"), "", "not_found"),
        (Request::get("/problems/nothing"), "", "not_found"),
    ] {
        let answer = shop.send(request, body).await;
        assert_eq!(answer.field("error-code"), code);
        assert_eq!(answer.json()["code"], code);
        assert_eq!(answer.json()["status"], answer.status);
        assert_eq!(answer.json()["request_id"], answer.field("x-request-id"));
        assert!(
            answer.json()["type"]
                .as_str()
                .unwrap()
                .starts_with("https://shop.example/problems/")
        );
        assert_eq!(
            answer.status == 401 || answer.status == 403,
            answer.fields.contains_key("www-authenticate")
        );
    }
    assert_eq!(shop.calls("/orders"), 0);
    assert_eq!(shop.get("/problems/not_found").await.status, 200);
}

#[tokio::test]
async fn a_forged_signature_is_refused_and_a_known_token_is_not_checked_again() {
    let shop = start();
    let good = token(&json!({}));
    let mut forged = good.clone();
    forged.replace_range(
        good.len() - 5..good.len() - 4,
        if good.ends_with('A') { "B" } else { "A" },
    );
    let get =
        |token: &str| Request::get("/orders").header("authorization", format!("Bearer {token}"));
    assert_eq!(
        shop.send(get(&forged), "").await.field("error-code"),
        "token_invalid"
    );
    for _ in 0..3 {
        assert_eq!(shop.send(get(&good), "").await.status, 200);
    }
    assert_eq!(shop.calls("/.well-known/jwks.json"), 1);
}

#[tokio::test]
async fn an_issuer_that_is_down_closes() {
    let shop = start();
    shop.memory.set_faults(Faults {
        keys_down: true,
        ..Faults::default()
    });
    let answer = shop.order("k", "{}").await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (503, "unavailable")
    );
}

#[tokio::test]
async fn a_bucket_empties_and_fills() {
    let shop = start();
    for left in (0..100).rev() {
        let answer = shop.get("/products/1").await;
        assert_eq!(answer.status, 200);
        let t = if left == 99 {
            1
        } else {
            (100_u32 - left).div_ceil(100)
        };
        assert_eq!(
            answer.field("ratelimit"),
            format!("\"second\";r={left};t={t}")
        );
        assert_eq!(answer.field("ratelimit-policy"), "\"second\";q=100;w=1");
    }
    let refused = shop.get("/products/1").await;
    assert_eq!((refused.status, refused.field("retry-after")), (429, "1"));
    assert_eq!(refused.json()["violated-policies"], json!(["second"]));
    assert_eq!(refused.field("ratelimit"), "\"second\";r=0;t=1");
    shop.memory.advance_ms(1_000);
    assert_eq!(shop.get("/products/1").await.status, 200);
    // Another caller has another bucket, and an unsafe method costs five.
    assert_eq!(
        shop.order("k", "{}").await.field("ratelimit"),
        "\"minute\";r=995;t=1"
    );
}

#[tokio::test]
async fn without_limiter_reads_are_open_and_writes_closed() {
    let shop = start();
    shop.memory.set_faults(Faults {
        limiter_down: true,
        ..Faults::default()
    });
    assert_eq!(shop.get("/products/1").await.status, 200);
    assert_eq!(
        shop.order("k", "{}").await.field("error-code"),
        "unavailable"
    );
}

#[tokio::test]
async fn one_line_a_request_without_secrets() {
    let shop = start();
    let token = token(&json!({}));
    let request = Request::post("/v2/orders?secret=1")
        .header("authorization", format!("Bearer {token}"))
        .header("idempotency-key", "k")
        .header("content-type", "application/json")
        .header("x-request-id", "mine")
        .header(
            "traceparent",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        );
    let answer = shop.send(request, "\"body\"").await;
    let lines = shop.memory.take_log();
    let [line] = lines.as_slice() else {
        panic!("{lines:?}")
    };
    assert!(!line.contains(&token) && !line.contains("secret") && !line.contains("\"body\""));
    let line: Value = serde_json::from_str(line).unwrap();
    for (member, value) in [
        ("request_id", json!(answer.field("x-request-id"))),
        ("client_request_id", json!("mine")),
        ("trace_id", json!("0af7651916cd43dd8448eb211c80319c")),
        ("ts", json!("2027-01-15T08:00:00.000Z")),
        ("method", json!("POST")),
        ("route", json!("order-create")),
        ("status", json!(201)),
        ("error_code", Value::Null),
        ("account", json!("usr_1")),
        ("plan", json!("minute")),
        ("api_version", json!("v2")),
        ("idempotency", json!("first")),
        ("limit", json!(1000)),
        ("remaining", json!(995)),
        ("country", json!("CH")),
        ("tries", json!(1)),
    ] {
        assert_eq!(line[member], value, "{member}");
    }
}
