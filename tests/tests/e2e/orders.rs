//! Orders under keys.

use reqwest::StatusCode;
use tests::shop::Shop;
use tests::wait::until;

#[tokio::test]
async fn a_key_orders_once_and_its_mail_appears() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let first = shop.order("first", &order).await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(first.field("idempotent-replayed"), "false");
    assert_eq!(first.json()["status"], "confirmed");
    assert_eq!(first.field("headgate-committed"), "");

    let again = shop.order("first", &order).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(
        again.field("original-request-id"),
        first.field("x-request-id")
    );
    for field in ["location", "etag", "content-type"] {
        assert_eq!(again.field(field), first.field(field), "{field}");
    }

    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(first.field("location"), format!("/orders/{id}"));
    let mail = until("the order's mail appears", || async {
        shop.mails().into_iter().find(|mail| mail.contains(&id))
    })
    .await;
    assert!(mail.contains("ada@example.com"), "{mail}");
}

#[tokio::test]
async fn duplicates_at_once_share_one_order() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let answers = futures_util::future::join_all((0..20).map(|_| shop.order("same", &order))).await;
    let created: Vec<_> = answers
        .iter()
        .filter(|a| a.status == StatusCode::CREATED)
        .collect();
    assert!(!created.is_empty());
    for answer in &answers {
        match answer.status {
            StatusCode::CREATED => assert_eq!(answer.body, created[0].body),
            StatusCode::CONFLICT => {
                assert_eq!(answer.field("error-code"), "idempotency_in_progress");
            }
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(shop.count("select count(*) from orders").await, 1);
    assert_eq!(shop.count("select count(*) from payments").await, 1);
}

#[tokio::test]
async fn a_decline_is_final_for_its_key() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_insufficient_funds").await;
    let first = shop.order("declined", &order).await;
    assert_eq!(
        first.status,
        StatusCode::PAYMENT_REQUIRED,
        "{}",
        first.text()
    );
    let problem = first.json();
    assert_eq!(problem["error"]["decline_code"], "insufficient_funds");
    assert_eq!(
        (&problem["outcome"], &problem["safe_new_key"]),
        (&"applied".into(), &true.into())
    );
    let again = shop.order("declined", &order).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(
        shop.count("select sum(reserved + sold)::bigint from inventory")
            .await,
        0
    );
}

#[tokio::test]
async fn another_body_under_a_key_is_refused() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let mut other = order.clone();
    other["note"] = "other".into();
    assert_eq!(shop.order("k", &order).await.status, StatusCode::CREATED);
    let refused = shop.order("k", &other).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.json()["detail"].as_str().unwrap().contains("body"));
}

#[tokio::test]
async fn another_customers_order_is_not_found() {
    let shop = Shop::start().await;
    let order = shop.an_order("pm_card_visa").await;
    let created = shop.order("mine", &order).await;
    let path = format!("/v2/orders/{}", created.json()["id"].as_str().unwrap());
    let stranger = shop.token("usr_00000000000000000000000009", "customer");
    for (token, status) in [
        (&shop.customer_token, StatusCode::OK),
        (&stranger, StatusCode::NOT_FOUND),
        (&shop.admin_token, StatusCode::OK),
    ] {
        let request = shop.request("GET", &path).bearer_auth(token);
        assert_eq!(tests::answer::Answer::to(request).await.status, status);
    }
}
