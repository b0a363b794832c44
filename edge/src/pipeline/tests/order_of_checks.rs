//! The one order of checks: requests in which several things are wrong at once, and which refusal
//! wins. Each row mends what the row before was refused for.

use super::*;

const LARGE: usize = 70_000;

#[tokio::test]
async fn the_first_fault_in_the_order_wins() {
    let shop = start();
    let known = bearer(&json!({}));
    let unscoped = bearer(&json!({"scope": "orders:read"}));
    let large = "x".repeat(LARGE);
    let wide = "x".repeat(33_000);
    // Path, method, Accept, token, key, media type, body, and who wins.
    let all_wrong = (
        "/v9/nothing",
        "PUT",
        "text/html",
        "Bearer x",
        "",
        "text/plain",
    );
    let rows = [
        (all_wrong, &wide, &large, "headers_too_large"),
        (all_wrong, &"-".to_owned(), &large, "api_version_unknown"),
        (
            (
                "/v2/nothing",
                "PUT",
                "text/html",
                "Bearer x",
                "",
                "text/plain",
            ),
            &"-".into(),
            &large,
            "not_found",
        ),
        (
            (
                "/v2/orders",
                "PUT",
                "text/html",
                "Bearer x",
                "",
                "text/plain",
            ),
            &"-".into(),
            &large,
            "method_not_allowed",
        ),
        (
            (
                "/v2/orders",
                "POST",
                "text/html",
                "Bearer x",
                "",
                "text/plain",
            ),
            &"-".into(),
            &large,
            "not_acceptable",
        ),
        (
            ("/v2/orders", "POST", "*/*", "Bearer x", "", "text/plain"),
            &"-".into(),
            &large,
            "token_invalid",
        ),
        (
            ("/v2/orders", "POST", "*/*", &unscoped, "", "text/plain"),
            &"-".into(),
            &large,
            "scope_missing",
        ),
        (
            ("/v2/orders", "POST", "*/*", &known, "", "text/plain"),
            &"-".into(),
            &large,
            "idempotency_key_invalid",
        ),
        (
            ("/v2/orders", "POST", "*/*", &known, "k", "text/plain"),
            &"-".into(),
            &large,
            "body_too_large",
        ),
        (
            ("/v2/orders", "POST", "*/*", &known, "k", "text/plain"),
            &"-".into(),
            &"{}".into(),
            "media_type_unsupported",
        ),
        (
            ("/v2/orders", "POST", "*/*", &known, "k", "application/json"),
            &"-".into(),
            &"\"refused\"".into(),
            "",
        ),
    ];
    for ((path, method, accept, token, key, media_type), filler, body, code) in rows {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", accept)
            .header("authorization", token)
            .header("idempotency-key", key)
            .header("content-type", media_type)
            .header("x-filler", filler.as_str());
        let answer = shop.send(request, body).await;
        assert_eq!(
            answer.field("error-code"),
            code,
            "{method} {path} {accept} {key:?}"
        );
        if code.is_empty() {
            assert_eq!(answer.status, 409, "the origin decides");
        } else {
            complete(&answer, path);
        }
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.calls("/orders"), 1);
}

#[tokio::test]
async fn an_empty_bucket_comes_before_the_key_and_after_the_scope() {
    let shop = start();
    let request = |claims: Value, key: &str| {
        Request::post("/v2/orders")
            .header("authorization", bearer(&claims))
            .header("idempotency-key", key.to_owned())
            .header("content-type", "text/plain")
    };
    // Refused for its key, which costs as any unsafe request does.
    for _ in 0..200 {
        let answer = shop.send(request(json!({}), ""), "").await;
        assert_eq!(answer.field("error-code"), "idempotency_key_invalid");
    }
    let empty = shop.send(request(json!({}), ""), "").await;
    assert_eq!(empty.field("error-code"), "rate_limited");
    assert_eq!(empty.json()["retry"]["retryable"], true);
    let unscoped = shop.send(request(json!({"scope": "x"}), ""), "").await;
    assert_eq!(unscoped.field("error-code"), "scope_missing");
}

#[tokio::test]
async fn a_replay_comes_before_the_bodys_media_type() {
    let shop = start();
    assert_eq!(shop.order("k", "{}").await.status, 201);
    shop.memory.run_deferred().await;
    let other = Request::post("/v2/orders")
        .header("authorization", bearer(&json!({})))
        .header("idempotency-key", "k")
        .header("content-type", "text/plain");
    let answer = shop.send(other, "{}").await;
    assert_eq!(answer.field("error-code"), "idempotency_key_reused");
    assert_eq!(answer.json()["differing"], json!(["media type"]));
    // A body over the limit can't be told from the first one, so its size is refused.
    let answer = shop.order("k", &"x".repeat(LARGE)).await;
    assert_eq!(answer.field("error-code"), "body_too_large");
}

/// The document has every member of the contract, in both shapes.
fn complete(answer: &Answered, path: &str) {
    let document = answer.json();
    for member in [
        "type",
        "title",
        "status",
        "detail",
        "instance",
        "code",
        "request_id",
        "errors",
        "retry",
        "error",
    ] {
        assert!(!document[member].is_null(), "{member} in {document}");
    }
    assert_eq!(document["instance"], path);
    assert_eq!(document["status"], answer.status);
    assert_eq!(document["error"]["code"], document["code"]);
    assert_eq!(document["error"]["message"], document["detail"]);
    assert_eq!(document["error"]["doc_url"], document["type"]);
    let retry = &document["retry"];
    assert_eq!(retry["same_key"], retry["retryable"]);
    assert!(retry.as_object().unwrap().contains_key("after_seconds"));
    assert_eq!(answer.field("content-type"), shared::problem::MEDIA_TYPE);
    assert_eq!(answer.field("cache-control"), "private, no-store");
}
