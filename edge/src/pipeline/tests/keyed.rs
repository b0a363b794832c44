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
