//! Requests under a key: once, replayed, in flight, lost.

use super::*;

#[tokio::test]
async fn a_key_orders_once_and_replays_the_same_bytes() {
    let shop = start();
    let first = shop.order("k", "{}").await;
    assert_eq!((first.status, first.field("location")), (201, "/orders/1"));
    assert_eq!(first.field("headgate-committed"), "");
    shop.memory.run_deferred().await;
    let again = shop.order("\"k\"", "{ }").await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(again.field("location"), "/orders/1");
    assert_eq!(
        again.field("original-request-id"),
        first.field("x-request-id")
    );
    assert_ne!(again.field("x-request-id"), first.field("x-request-id"));
    let other = shop.order("k", "[]").await;
    assert_eq!(other.field("error-code"), "idempotency_key_reused");
    assert!(other.json()["detail"].as_str().unwrap().contains("body"));
    assert_eq!(shop.calls("/orders"), 1);
}

#[tokio::test]
async fn a_decline_is_kept_and_a_refusal_frees_the_key() {
    let shop = start();
    assert_eq!(shop.order("a", "\"declined\"").await.status, 402);
    assert_eq!(shop.order("b", "\"refused\"").await.status, 409);
    shop.memory.run_deferred().await;
    assert_eq!(
        shop.order("a", "\"declined\"")
            .await
            .field("idempotent-replayed"),
        "true"
    );
    assert_eq!(shop.order("b", "\"refused\"").await.status, 409);
    assert_eq!(shop.calls("/orders"), 3);
}

#[tokio::test]
async fn a_duplicate_in_flight_is_told_so() {
    let shop = start();
    shop.order("k", "{}").await;
    // Not yet settled: the first one's lead stands.
    let second = shop.order("k", "{}").await;
    assert_eq!((second.status, second.field("retry-after")), (409, "1"));
    assert_eq!(second.field("error-code"), "idempotency_in_progress");
    assert_eq!(second.json()["safe_new_key"], false);
}

#[tokio::test]
async fn a_lost_try_frees_the_lead_and_names_its_outcome() {
    let shop = start();
    shop.get("/orders").await;
    for (lost, status, outcome) in [
        (Lost::Request, 502, "not_applied"),
        (Lost::Reply, 502, "unknown"),
    ] {
        shop.fetches(&[Some(lost)]);
        let answer = shop.order("k", "{}").await;
        assert_eq!((answer.status, answer.field("retry-after")), (status, "1"));
        assert_eq!(answer.json()["outcome"], outcome);
        // An earlier call under the key may have done the work.
        assert_eq!(answer.json()["safe_new_key"], false);
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.order("k", "{}").await.status, 201);
}

#[tokio::test]
async fn without_replay_objects_the_origin_decides() {
    let shop = start();
    shop.memory.set_faults(Faults {
        answers_down: true,
        ..Faults::default()
    });
    assert_eq!(shop.order("k", "{}").await.status, 201);
    assert_eq!(shop.order("k", "{}").await.status, 201);
    assert_eq!(shop.calls("/orders"), 2);
}

#[tokio::test]
async fn each_answer_to_a_key_says_whether_it_is_a_replay() {
    let shop = start();
    let post = |path: &str, key: &str, media_type: &str| {
        Request::post(path)
            .header("authorization", bearer(&json!({})))
            .header("idempotency-key", key)
            .header("content-type", media_type)
    };
    let large = "x".repeat(70_000);
    for (path, key, media_type, body, status, replayed) in [
        ("/v2/orders", "a", crate::config::JSON, "{}", 201, "false"),
        ("/v2/orders", "a", crate::config::JSON, "{}", 201, "true"),
        ("/v2/orders", "a", crate::config::JSON, "[]", 422, "false"),
        (
            "/v2/orders",
            "b",
            crate::config::JSON,
            "\"refused\"",
            409,
            "false",
        ),
        ("/v2/orders", "b", "text/plain", "{}", 415, "false"),
        ("/v2/orders", "b", crate::config::JSON, &large, 413, "false"),
        // No key of this route's.
        ("/v2/orders", "", crate::config::JSON, "{}", 400, ""),
        (
            "/v2/products/search",
            "a",
            crate::config::JSON,
            "{}",
            404,
            "",
        ),
    ] {
        let answer = shop.send(post(path, key, media_type), body).await;
        let found = (answer.status, answer.field("idempotent-replayed"));
        assert_eq!(found, (status, replayed), "{path} {key} {media_type}");
        shop.memory.run_deferred().await;
    }
    shop.order("c", "{}").await;
    let waits = shop.order("c", "{}").await;
    assert_eq!(waits.field("error-code"), "idempotency_in_progress");
    assert_eq!(waits.field("idempotent-replayed"), "false");
}

#[tokio::test]
async fn whoever_sends_a_key_is_told_what_became_of_the_work() {
    let shop = start();
    let v1 = "application/vnd.headgate.v1+json";
    let v9 = "application/vnd.headgate.v9+json";
    let long = format!("/v2/orders?q={}", "x".repeat(9_000));
    for (method, path, accept, filler, code, safe_new_key) in [
        ("PUT", "/v2/orders", "*/*", 1, "method_not_allowed", true),
        ("POST", "/v2/nothing", "*/*", 1, "not_found", true),
        ("POST", "/v2/orders", v1, 1, "api_version_conflict", true),
        ("POST", "/v9/orders", "*/*", 1, "api_version_unknown", true),
        ("POST", "/orders", v9, 1, "not_acceptable", true),
        ("POST", &long, "*/*", 1, "uri_too_long", true),
        // An earlier call may have come with less.
        (
            "POST",
            "/v2/orders",
            "*/*",
            33_000,
            "headers_too_large",
            false,
        ),
    ] {
        let request = || {
            Request::builder()
                .method(method)
                .uri(path)
                .header("accept", accept)
                .header("x-filler", "x".repeat(filler))
        };
        let answer = shop
            .send(request().header("idempotency-key", "k"), "{}")
            .await;
        assert_eq!(answer.field("error-code"), code);
        let json = answer.json();
        assert_eq!(
            (&json["outcome"], &json["safe_new_key"]),
            (&json!("not_applied"), &json!(safe_new_key)),
            "{code}"
        );
        assert_eq!(answer.field("api-version"), "v2", "{code}");
        let json = shop.send(request(), "{}").await.json();
        assert!(json.get("outcome").is_none(), "{code}");
    }
    let read = Request::get("/v2/nothing").header("idempotency-key", "k");
    assert!(shop.send(read, "").await.json().get("outcome").is_none());
}
