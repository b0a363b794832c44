//! For how long a key holds that was rotated.

use serde_json::json;

use crate::callers::JSON;
use crate::harness::Shop;
use crate::plans_and_keys::{at, text};

#[tokio::test]
async fn within_a_second_a_rotated_key_holds_for_all_of_its_overlap() {
    let shop = Shop::open().await;
    shop.plan("gold").await;
    shop.clock.advance_ms(700);
    let now = shop.app.shop.platform.now().timestamp();
    for (overlap, ends) in [(100, now + 101), (0, now)] {
        let made = shop.key_on("gold").await;
        let rotate = format!("{}/rotate", at("api-keys", &made));
        let body = json!({"overlap_seconds": overlap});
        assert_eq!(shop.admin("POST", &rotate, &body).await.status, 201);
        let record = shop.key_record(text(&made, "key")).await;
        assert_eq!(record.expires_at, Some(ends), "{overlap}");
    }
}

#[tokio::test]
async fn no_body_is_an_overlap_of_a_day() {
    let shop = Shop::open().await;
    shop.plan("gold").await;
    for body in ["", "null", "{}"] {
        let fields: &[_] = if body.is_empty() { &[] } else { &[JSON] };
        let made = shop.key_on("gold").await;
        let rotate = format!("{}/rotate", at("api-keys", &made));
        let answer = shop.ask(&shop.admin, "POST", &rotate, fields, body).await;
        assert_eq!(answer.status, 201, "{body}: {answer:?}");
        let ends = shop.key_record(text(&made, "key")).await.expires_at;
        let day = shop.app.shop.platform.now().timestamp() + 86_400;
        assert_eq!(ends, Some(day), "{body}");
    }
}
