//! Lists by status.

use super::CANCEL;
use crate::callers::{JSON, path};
use crate::harness::Shop;

#[tokio::test]
async fn lists_are_filtered_by_status() {
    let shop = Shop::open().await;
    for key in ["a", "b", "c"] {
        shop.clock.advance_ms(1000);
        let placed = shop.confirmed(key).await;
        if key != "b" {
            let status = format!("{}/status", path(&placed));
            shop.ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
                .await;
        }
    }
    for (query, count) in [
        ("", 3),
        ("?status=cancelled", 2),
        ("?status=confirmed", 1),
        ("?status=fulfilled", 0),
    ] {
        let list = shop
            .ask(&shop.customer, "GET", &format!("/orders{query}"), &[], "")
            .await;
        assert_eq!(
            list.json()["data"].as_array().unwrap().len(),
            count,
            "{query}"
        );
    }
    let first = shop
        .ask(
            &shop.customer,
            "GET",
            "/orders?status=cancelled&limit=1",
            &[],
            "",
        )
        .await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    assert!(
        first.field("link").contains("status=cancelled"),
        "{first:?}"
    );
    for (query, status, code) in [
        (format!("status=cancelled&limit=1&cursor={cursor}"), 200, ""),
        (
            format!("status=confirmed&limit=1&cursor={cursor}"),
            400,
            "cursor_mismatch",
        ),
        ("status=eaten".to_owned(), 400, "request_invalid"),
    ] {
        let answer = shop
            .ask(&shop.customer, "GET", &format!("/orders?{query}"), &[], "")
            .await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{query}"
        );
    }
}
