//! What is sent, and by whom it can be told to be ours.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_compact::{PublicKey, Signature};
use origin::platform::{Clock, SystemClock};
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::path;
use crate::harness::Shop;
use crate::receiver::{Got, Receiver};

/// Whether the public library takes the message for ours. It asks the system for the time.
fn verifies(got: &Got, secret: &Value) -> bool {
    let receiver = Webhook::new(secret.as_str().unwrap()).unwrap();
    receiver.verify(&got.body, &got.headers).is_ok()
}

/// A shop at the system's time, and a key for tokens that is older.
async fn now() -> Shop {
    let shop = Shop::open().await;
    shop.clock.set(SystemClock.now().timestamp_millis());
    sqlx::query("update signing_keys set active_from = to_timestamp(0)")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    shop
}

/// Whether one of the message's `v1a` signatures is this key's.
fn verifies_by_key(got: &Got, public_key: &Value) -> bool {
    let key = public_key.as_str().unwrap().strip_prefix("whpk_").unwrap();
    let key = PublicKey::from_slice(&STANDARD.decode(key).unwrap()).unwrap();
    let text = [
        got.field("webhook-id").as_bytes(),
        b".",
        got.field("webhook-timestamp").as_bytes(),
        b".",
        &got.body,
    ]
    .concat();
    let signatures = got.field("webhook-signature").split(' ');
    signatures
        .filter_map(|signature| signature.strip_prefix("v1a,"))
        .map(|signature| Signature::from_slice(&STANDARD.decode(signature).unwrap()).unwrap())
        .any(|signature| key.verify(&text, &signature).is_ok())
}

#[tokio::test]
async fn each_message_is_signed_in_both_ways() {
    let shop = now().await;
    let mut receiver = Receiver::open().await;
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    let other = shop
        .webhook(&receiver.url("/b"), &["product.created"])
        .await;
    let order = shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    let got = receiver.next().await;
    assert_eq!(got.path, "/a");
    assert_eq!(got.field("content-type"), "application/json");
    let delivery = shop.delivery(&hook).await;
    assert_eq!(delivery["id"], got.field("webhook-id"));
    assert_eq!(delivery["status"], "delivered");
    assert_eq!(delivery["attempts"][0]["status_code"], 204);
    let body = got.json();
    assert_eq!(body["type"], "order.confirmed");
    assert_eq!(body["data"]["id"], order["id"]);
    assert_eq!(body["data"]["status"], "confirmed");
    let members: Vec<_> = body.as_object().unwrap().keys().collect();
    assert_eq!(members, ["type", "timestamp", "data"]);
    assert!(verifies(&got, &hook["secret"]));
    assert!(verifies_by_key(&got, &hook["public_key"]));
    assert!(!verifies(&got, &other["secret"]));
    assert!(!verifies_by_key(&got, &other["public_key"]));
    let altered = Got {
        body: String::from_utf8(got.body.to_vec())
            .unwrap()
            .replace("confirmed", "cancelled")
            .into(),
        path: got.path.clone(),
        headers: got.headers.clone(),
    };
    assert!(!verifies(&altered, &hook["secret"]));
    assert!(!verifies_by_key(&altered, &hook["public_key"]));
    assert!(receiver.all().is_empty(), "and nothing else was sent");
}

#[tokio::test]
async fn a_replaced_secret_signs_beside_the_new_one_for_as_long_as_asked() {
    let shop = now().await;
    let mut receiver = Receiver::open().await;
    let old = shop.webhook(&receiver.url("/a"), &["*"]).await;
    let rotate = format!("{}/rotate", path(&old));
    let body = json!({"overlap_seconds": 200}).to_string();
    let json = [("content-type", "application/json")];
    let new = shop.write("POST", &rotate, &json, &body).await;
    assert_eq!(new.status, 200, "{new:?}");
    let new = new.json();
    assert_ne!(new["secret"], old["secret"]);
    assert_ne!(new["public_key"], old["public_key"]);
    let ping = format!("{}/test", path(&old));
    assert_eq!(shop.write("POST", &ping, &[], "").await.status, 202);
    shop.send_all().await;
    let got = receiver.next().await;
    assert_eq!(got.json()["type"], "ping");
    for hook in [&old, &new] {
        assert!(verifies(&got, &hook["secret"]));
        assert!(verifies_by_key(&got, &hook["public_key"]));
    }
    shop.clock.advance_ms(200_001);
    shop.write("POST", &ping, &[], "").await;
    shop.send_all().await;
    let got = receiver.next().await;
    assert!(verifies(&got, &new["secret"]) && !verifies(&got, &old["secret"]));
    assert!(verifies_by_key(&got, &new["public_key"]));
    assert!(!verifies_by_key(&got, &old["public_key"]));
}

#[tokio::test]
async fn an_answer_of_a_rotation_that_was_lost_locks_nobody_out() {
    let shop = now().await;
    let mut receiver = Receiver::open().await;
    let old = shop.webhook(&receiver.url("/a"), &["*"]).await;
    let rotate = format!("{}/rotate", path(&old));
    // Without a key: each is a rotation of its own, and the receiver knows the first secret alone.
    for _ in 0..2 {
        assert_eq!(shop.write("POST", &rotate, &[], "").await.status, 200);
    }
    shop.write("POST", &format!("{}/test", path(&old)), &[], "")
        .await;
    shop.send_all().await;
    assert!(verifies(&receiver.next().await, &old["secret"]));
    // With one, a repetition is the same rotation.
    let key = [("idempotency-key", "rotate")];
    let first = shop.write("POST", &rotate, &key, "").await.json();
    let again = shop.write("POST", &rotate, &key, "").await;
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(again.json()["secret"], first["secret"]);
    // However often it is done, few signatures stand in the field.
    for _ in 0..8 {
        shop.write("POST", &rotate, &[], "").await;
    }
    shop.write("POST", &format!("{}/test", path(&old)), &[], "")
        .await;
    shop.send_all().await;
    let field = receiver.next().await.field("webhook-signature").to_owned();
    assert_eq!(field.split(' ').count(), 10, "{field}");
}
