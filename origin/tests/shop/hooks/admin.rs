//! What admins do with webhooks.

use serde_json::{Value, json};

use super::path;
use crate::callers::{JSON, MERGE};
use crate::harness::Shop;
use crate::receiver::{Receiver, Reply};

#[tokio::test]
async fn webhooks_are_made_shown_changed_and_deleted() {
    let shop = Shop::open().await;
    let body = json!({"url": "https://shop.example/hooks", "events": ["order.confirmed"]});
    let made = shop
        .write("POST", "/admin/webhooks", &[JSON], &body.to_string())
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    let hook = made.json();
    assert_eq!(made.field("location"), path(&hook));
    assert!(hook["id"].as_str().unwrap().starts_with("we_"));
    assert!(hook["secret"].as_str().unwrap().starts_with("whsec_"));
    let read = shop.write("GET", &path(&hook), &[], "").await;
    assert_eq!(read.field("etag"), made.field("etag"));
    let mut expected = hook.clone();
    expected.as_object_mut().unwrap().remove("secret");
    assert_eq!(read.json(), expected, "the secret is shown once");
    let stored = shop
        .count("select count(*) from webhook_secrets where generation = 1")
        .await;
    assert_eq!(stored, 1);

    let patch = r#"{"events":["*"],"enabled":false}"#;
    let stale = [MERGE, ("if-match", "\"stale\"")];
    let refused = shop.write("PATCH", &path(&hook), &stale, patch).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (412, "precondition_failed")
    );
    let changed = shop.write("PATCH", &path(&hook), &[MERGE], patch).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let now = changed.json();
    assert_eq!(
        (&now["events"], &now["enabled"]),
        (&json!(["*"]), &json!(false))
    );
    for (patch, pointer) in [
        (r#"{"events":[]}"#, "/events"),
        (r#"{"url":"ftp://x"}"#, "/url"),
        (r#"{"secret":"x"}"#, "/secret"),
    ] {
        let refused = shop.write("PATCH", &path(&hook), &[MERGE], patch).await;
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer, "{patch}");
    }
    let ping = shop
        .write("POST", &format!("{}/test", path(&hook)), &[], "")
        .await;
    assert_eq!(
        (ping.status, ping.code().as_str()),
        (409, "webhook_disabled")
    );

    assert_eq!(
        shop.write("DELETE", &path(&hook), &[], "").await.status,
        204
    );
    for (method, under) in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/rotate"),
        ("GET", "/deliveries"),
    ] {
        let gone = shop
            .write(method, &format!("{}{under}", path(&hook)), &[], "")
            .await;
        assert_eq!(gone.status, 404, "{method} {under}");
    }
}

#[tokio::test]
async fn they_are_for_admins_alone() {
    let shop = Shop::open().await;
    let hook = shop.webhook("https://shop.example/", &["*"]).await;
    for (method, under) in [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "/test"),
        ("POST", "/rotate"),
        ("GET", "/deliveries"),
    ] {
        let path = format!("{}{under}", path(&hook));
        let refused = shop.ask(&shop.customer, method, &path, &[], "").await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (403, "scope_missing")
        );
    }
    for method in ["GET", "POST"] {
        let refused = shop
            .ask(&shop.customer, method, "/admin/webhooks", &[], "")
            .await;
        assert_eq!(refused.status, 403, "{method}");
    }
}

#[tokio::test]
async fn there_are_at_most_fifty_in_pages() {
    let shop = Shop::open().await;
    for number in 0..50 {
        shop.webhook(&format!("https://shop.example/{number}"), &["*"])
            .await;
        shop.clock.advance_ms(1);
    }
    let body = json!({"url": "https://shop.example/", "events": ["*"]}).to_string();
    let refused = shop.write("POST", "/admin/webhooks", &[JSON], &body).await;
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (409, "limit_reached")
    );
    let mut urls = Vec::new();
    let mut query = "?limit=20".to_owned();
    loop {
        let page = shop
            .write("GET", &format!("/admin/webhooks{query}"), &[], "")
            .await
            .json();
        let data = page["data"].as_array().unwrap();
        assert!(data.iter().all(|hook| hook.get("secret").is_none()));
        urls.extend(data.iter().map(|hook| hook["url"].clone()));
        let Some(cursor) = page["next_cursor"].as_str() else {
            break;
        };
        query = format!("?limit=20&cursor={cursor}");
    }
    let expected: Vec<Value> = (0..50)
        .rev()
        .map(|number| format!("https://shop.example/{number}").into())
        .collect();
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn a_ping_is_tried_once_and_told() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/a", [Reply::Status(500)]);
    let hook = shop.webhook(&receiver.url("/a"), &["order.created"]).await;
    let test = format!("{}/test", path(&hook));
    let ping = shop.write("POST", &test, &[], "").await;
    assert_eq!(
        (ping.status, &ping.json()["status"]),
        (202, &json!("pending"))
    );
    assert_eq!(shop.send_all().await, 1);
    let got = receiver.next().await;
    assert_eq!(got.field("webhook-id"), ping.json()["id"]);
    assert_eq!(got.json()["data"]["webhook_id"], hook["id"]);
    let delivery = shop.delivery(&hook).await;
    assert_eq!(
        (&delivery["type"], &delivery["status"]),
        (&json!("ping"), &json!("dead"))
    );
    shop.write("POST", &test, &[], "").await;
    assert_eq!(shop.send_all().await, 1);
    let deliveries = shop.deliveries(&hook).await;
    assert_eq!(deliveries.len(), 2);
    assert!(deliveries.iter().any(|one| one["status"] == "delivered"));
    // In pages of one, and not by another list's cursor.
    let list = format!("{}/deliveries?limit=1", path(&hook));
    let page = shop.write("GET", &list, &[], "").await.json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let next = shop
        .write("GET", &format!("{list}&cursor={cursor}"), &[], "")
        .await
        .json();
    assert_ne!(next["data"][0]["id"], page["data"][0]["id"]);
    assert_eq!(next["has_more"], false);
    let other = format!("/admin/webhooks?limit=1&cursor={cursor}");
    let refused = shop.write("GET", &other, &[], "").await;
    assert_eq!(refused.code(), "cursor_mismatch");
}

#[tokio::test]
async fn what_ended_long_ago_is_forgotten() {
    let shop = Shop::open().await;
    let receiver = Receiver::open().await;
    let hook = shop
        .webhook(&receiver.url("/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    assert_eq!(shop.send_all().await, 1);
    shop.clock.advance_ms(30 * 24 * 3_600_000);
    shop.send_all().await;
    assert_eq!(shop.deliveries(&hook).await.len(), 1);
    shop.clock.advance_ms(3_600_001);
    shop.send_all().await;
    assert_eq!(shop.deliveries(&hook).await.len(), 0);
    assert_eq!(shop.count("select count(*) from webhook_attempts").await, 0);
}
