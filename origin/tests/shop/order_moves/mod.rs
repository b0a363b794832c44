//! What may be done to an order once it stands, by whom, and that nothing of it happens twice.

mod at_once;
mod edits;
mod lists;
mod moves;
mod refusals;

use crate::harness::Shop;

const CANCEL: &str = r#"{"status":"cancelled"}"#;
const FULFIL: &str = r#"{"status":"fulfilled"}"#;

/// Units that are gone since the beginning.
async fn lost_stock(shop: &Shop, before: i64) -> i64 {
    before
        - shop
            .count("select sum(available + reserved + sold) from inventory")
            .await
}

async fn stock(shop: &Shop) -> i64 {
    shop.count("select sum(available + reserved + sold) from inventory")
        .await
}

async fn events(shop: &Shop, kind: &str) -> i64 {
    sqlx::query_scalar("select count(*) from outbox where type = $1")
        .bind(kind)
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap()
}
