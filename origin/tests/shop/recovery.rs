//! What breaks between T1 and T2 is settled by the next request with the key, with one charge.

use origin::order::LEASE_SECONDS;

use crate::harness::{Shop, order};
use crate::provider::Fault;

#[tokio::test]
async fn a_lost_reply_is_found_by_our_reference() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider.breaks([Fault::ReplyLost]);
    assert_eq!(shop.order("k", &new).await.status, 201);
    assert_eq!(shop.provider.charges(), 1);
}

#[tokio::test]
async fn an_unknown_outcome_is_said_and_the_retry_settles_it() {
    for (faults, charged) in [
        (vec![Fault::RequestLost], 0),
        (vec![Fault::ReplyLost, Fault::LookUpLost], 1),
        (vec![Fault::RequestLost, Fault::LookUpLost], 0),
    ] {
        let shop = Shop::open().await;
        let products = shop.plenty().await;
        let new = order(&[(&products[0], 1)], "pm_card_visa");
        shop.provider.breaks(faults);
        let answer = shop.order("k", &new).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (409, "operation_uncertain")
        );
        assert_eq!(answer.json()["outcome"], "unknown");
        assert_eq!(answer.json()["safe_new_key"], false);
        assert_eq!(answer.field("retry-after"), "1");
        assert_eq!(shop.provider.charges(), charged);
        // The lease was given back: the retry need not wait.
        assert_eq!(shop.order("k", &new).await.status, 201);
        assert_eq!(shop.provider.charges(), 1);
        assert_eq!(shop.count("select sum(sold) from inventory").await, 1);
    }
}

#[tokio::test]
async fn a_worker_that_hangs_is_overtaken_after_its_lease() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let first = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;
    let waiting = shop.order("k", &new).await;
    assert_eq!(
        (waiting.status, waiting.code().as_str()),
        (409, "idempotency_in_progress")
    );
    assert_eq!(waiting.json()["safe_new_key"], false);

    shop.clock.advance_ms(LEASE_SECONDS * 1000);
    let overtaking = shop.order("k", &new).await;
    assert_eq!(overtaking.status, 201);
    shop.provider.go.notify_one();
    let late = first.await.unwrap();
    assert_eq!((late.status, &late.body), (201, &overtaking.body));
    assert_eq!(late.field("idempotent-replayed"), "true");
    assert_eq!(shop.provider.charges(), 1);
    assert_eq!(shop.count("select count(*) from outbox").await, 2);
}

#[tokio::test]
async fn the_work_goes_on_when_the_client_leaves() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let client = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;
    client.abort();
    assert!(client.await.is_err());
    shop.provider.go.notify_one();
    shop.app.shop.tasks.close();
    shop.app.shop.tasks.wait().await;
    let again = shop.order("k", &new).await;
    assert_eq!(again.field("idempotent-replayed"), "true");
}

#[tokio::test]
async fn a_database_that_has_no_room_has_done_nothing_and_says_when_to_come_back() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    let new = order(&[(&products[0], 1)], "pm_card_visa");
    // disk_full, out_of_memory, read_only_sql_transaction, as a statement meets them.
    for code in ["53100", "53200", "25006"] {
        let fails = format!(
            "create or replace function fails() returns trigger language plpgsql as
             $$ begin raise exception 'no' using errcode = '{code}'; end $$;
             create or replace trigger fails before insert on orders execute function fails()"
        );
        sqlx::raw_sql(sqlx::AssertSqlSafe(fails))
            .execute(&shop.app.shop.pool)
            .await
            .unwrap();
        let refused = shop.order("k", &new).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (503, "unavailable")
        );
        assert_eq!(refused.json()["outcome"], "not_applied");
        assert_ne!(refused.field("retry-after"), "");
    }
    assert_eq!(shop.provider.charges(), 0);
    sqlx::raw_sql("drop trigger fails on orders")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    assert_eq!(shop.order("k", &new).await.status, 201);
    assert_eq!(shop.provider.charges(), 1);
}
