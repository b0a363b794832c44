//! Paying an order again, and paying payments back.

use serde_json::{Value, json};

use crate::callers::{JSON, path};
use crate::harness::{Answer, Shop, order};
use crate::provider::Fault;

const VISA: &str = r#"{"payment_method":"pm_card_visa"}"#;

impl Shop {
    /// An order whose card was declined: two units.
    async fn declined(&self) -> Value {
        let products = self.plenty().await;
        let new = order(&[(&products[0], 2)], "declines");
        let answer = self.order("declined", &new).await;
        assert_eq!(answer.status, 402, "{answer:?}");
        let id = answer.json()["order"].as_str().unwrap().to_owned();
        self.read(&format!("/orders/{id}")).await
    }

    async fn read(&self, path: &str) -> Value {
        let answer = self.ask(&self.customer, "GET", path, &[], "").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    async fn pay(&self, key: &str, order: &Value, body: &str) -> Answer {
        let path = format!("{}/payments", path(order));
        let fields = [JSON, ("idempotency-key", key)];
        self.ask(&self.customer, "POST", &path, &fields, body).await
    }

    async fn refund(&self, key: &str, order: &Value, body: &str) -> Answer {
        let payment = order["payment"]["id"].as_str().unwrap();
        let path = format!("/payments/{payment}/refunds");
        let fields = [JSON, ("idempotency-key", key)];
        self.ask(&self.admin, "POST", &path, &fields, body).await
    }

    async fn quantities(&self) -> (i64, i64, i64) {
        sqlx::query_as("select sum(available), sum(reserved), sum(sold) from inventory")
            .fetch_one(&self.app.shop.pool)
            .await
            .unwrap()
    }
}

fn part(amount: i64) -> String {
    json!({"amount": {"amount": amount, "currency": "USD"}}).to_string()
}

#[tokio::test]
async fn a_declined_order_is_paid_again_once_a_key() {
    let shop = Shop::open().await;
    let order = shop.declined().await;
    let (available, ..) = shop.quantities().await;
    let again = shop
        .pay("a", &order, r#"{"payment_method":"declines"}"#)
        .await;
    assert_eq!(
        (again.status, again.code().as_str()),
        (402, "payment_declined")
    );
    assert_eq!(again.json()["order"], order["id"]);
    assert_eq!(shop.quantities().await, (available, 0, 0));

    let tries = (0..8).map(|_| shop.pay("b", &order, VISA));
    let answers = futures_util::future::join_all(tries).await;
    for answer in &answers {
        assert_eq!(
            (answer.status, &answer.body),
            (201, &answers[0].body),
            "{answer:?}"
        );
    }
    let payment = answers[0].json();
    assert_eq!(
        (&payment["object"], &payment["status"]),
        (&json!("payment"), &json!("succeeded"))
    );
    assert_eq!(payment["amount"], order["total"]);
    let location = answers[0].field("location");
    assert_eq!(
        location,
        format!("/payments/{}", payment["id"].as_str().unwrap())
    );
    assert_eq!(shop.read(location).await, payment);
    assert_eq!(shop.quantities().await, (available - 2, 0, 2));
    assert_eq!(shop.provider.charges(), 3);

    let now = shop.read(&path(&order)).await;
    assert_eq!(
        (&now["status"], &now["payment"]["id"]),
        (&json!("confirmed"), &payment["id"])
    );
    // Twice declined, twice tried again.
    assert_eq!(now["version"], 6);
    let list = shop.read(&format!("{}/payments", path(&order))).await;
    let statuses: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payment| payment["status"].as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["succeeded", "declined", "declined"]);
    let told = "select count(*) from outbox where type = 'order.confirmed'";
    assert_eq!(shop.count(told).await, 1);
    let other = shop
        .pay("b", &order, r#"{"payment_method":"declines"}"#)
        .await;
    assert_eq!(other.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn only_its_customer_pays_and_only_what_is_to_be_paid() {
    let shop = Shop::open().await;
    let order = shop.declined().await;
    let stranger = shop
        .token("usr_stranger", shared::caller::Role::Customer)
        .await;
    let support = shop
        .token("usr_support", shared::caller::Role::Support)
        .await;
    let to = format!("{}/payments", path(&order));
    for (token, body, status, code) in [
        ("", VISA, 401, "token_missing"),
        (&stranger, VISA, 404, "not_found"),
        (&support, VISA, 403, "scope_missing"),
        (&shop.admin, VISA, 403, "forbidden"),
        (&shop.customer, "{}", 400, "body_invalid"),
        (
            &shop.customer,
            r#"{"payment_method":"a","more":1}"#,
            400,
            "body_invalid",
        ),
    ] {
        let fields = [JSON, ("idempotency-key", "k")];
        let answer = shop.ask(token, "POST", &to, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{body}"
        );
    }
    let keyless = shop.ask(&shop.customer, "POST", &to, &[JSON], VISA).await;
    assert_eq!(keyless.code(), "idempotency_key_required");
    // Nothing was left behind under the key.
    assert_eq!(shop.pay("k", &order, VISA).await.status, 201);
    let paid = shop.pay("l", &order, VISA).await;
    assert_eq!(
        (paid.status, paid.code().as_str()),
        (409, "illegal_transition")
    );
    assert_eq!(paid.json()["current"], "confirmed");
    assert_eq!(paid.json()["outcome"], "not_applied");
}

#[tokio::test]
async fn stock_that_is_gone_is_not_paid() {
    let shop = Shop::open().await;
    let order = shop.declined().await;
    sqlx::query("update inventory set available = 1")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    let gone = shop.pay("k", &order, VISA).await;
    assert_eq!((gone.status, gone.code().as_str()), (409, "out_of_stock"));
    assert_eq!(gone.json()["short"][0]["quantity"], 2);
    sqlx::query("update inventory set available = 2")
        .execute(&shop.app.shop.pool)
        .await
        .unwrap();
    assert_eq!(shop.pay("k", &order, VISA).await.status, 201);
}

#[tokio::test]
async fn a_payment_that_nobody_heard_of_is_completed_as_a_payment() {
    let shop = Shop::open().await;
    let order = shop.declined().await;
    shop.provider.breaks([Fault::ReplyLost, Fault::LookUpLost]);
    let unknown = shop.pay("k", &order, VISA).await;
    assert_eq!(unknown.code(), "operation_uncertain");
    let now = shop.read(&path(&order)).await;
    assert_eq!(now["status"], "processing");
    assert_eq!(shop.app.completer.step().await.unwrap(), 1);
    let answer = shop.pay("k", &order, VISA).await;
    assert_eq!(
        (answer.status, answer.field("idempotent-replayed")),
        (201, "true")
    );
    assert_eq!(answer.json()["object"], "payment");
    assert_eq!(shop.provider.charges(), 2);
}

#[tokio::test]
async fn ones_own_payments_are_listed() {
    let shop = Shop::open().await;
    let order = shop.declined().await;
    shop.clock.advance_ms(1);
    shop.pay("a", &order, VISA).await;
    for key in ["b", "c"] {
        shop.clock.advance_ms(1);
        shop.confirmed(key).await;
    }
    let (mut path, mut seen) = ("/payments?limit=1".to_owned(), Vec::new());
    loop {
        let page = shop.read(&path).await;
        seen.extend(
            page["data"]
                .as_array()
                .unwrap()
                .iter()
                .map(|payment| payment["id"].clone()),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/payments?limit=1&cursor={cursor}"),
            None => break,
        }
    }
    let whole = shop.read("/payments").await;
    let whole: Vec<_> = whole["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|payment| payment["id"].clone())
        .collect();
    assert_eq!((seen.len(), &seen), (4, &whole));
    let admin = shop.ask(&shop.admin, "GET", "/payments", &[], "").await;
    assert_eq!(admin.json()["data"], json!([]));
}

#[tokio::test]
async fn parts_are_paid_back_until_nothing_is_left() {
    let shop = Shop::open().await;
    let order = shop.confirmed("k").await;
    let total = order["total"]["amount"].as_i64().unwrap();
    let before = shop.quantities().await;
    let first = shop.refund("a", &order, &part(100)).await;
    assert_eq!(first.status, 201, "{first:?}");
    let refund = first.json();
    assert_eq!(
        (&refund["object"], &refund["status"]),
        (&json!("refund"), &json!("succeeded"))
    );
    assert!(refund["id"].as_str().unwrap().starts_with("re_"));
    assert_eq!(shop.read(first.field("location")).await, refund);
    let again = shop.refund("a", &order, &part(100)).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(shop.read(&path(&order)).await["status"], "confirmed");

    for (amount, currency) in [(total - 99, "USD"), (1, "EUR")] {
        let body = json!({"amount": {"amount": amount, "currency": currency}}).to_string();
        let more = shop.refund("b", &order, &body).await;
        assert_eq!(
            (more.status, more.code().as_str()),
            (409, "refund_exceeds_payment")
        );
        assert_eq!(more.json()["refundable"]["amount"], total - 100);
    }
    assert_eq!(
        shop.refund("b", &order, &part(0)).await.code(),
        "body_invalid"
    );
    let rest = shop.refund("b", &order, "{}").await;
    assert_eq!(
        (rest.status, &rest.json()["amount"]["amount"]),
        (201, &json!(total - 100))
    );
    let now = shop.read(&path(&order)).await;
    assert_eq!(
        (&now["status"], &now["payment"]["status"]),
        (&json!("refunded"), &json!("refunded"))
    );
    let told = "select count(*) from outbox where type = 'order.refunded'";
    assert_eq!(shop.count(told).await, 1);
    let none = shop.refund("c", &order, "{}").await;
    assert_eq!(
        (none.status, none.code().as_str()),
        (409, "illegal_transition")
    );
    // Money alone moved.
    assert_eq!(shop.quantities().await, before);
    let units: i64 = shop
        .provider
        .refunds()
        .iter()
        .map(|(_, units)| *units)
        .sum();
    assert_eq!(units, total);
    let list = first
        .field("location")
        .rsplit_once('/')
        .unwrap()
        .0
        .to_owned();
    assert_eq!(shop.read(&list).await["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn refunds_at_once_are_never_more_than_the_payment() {
    let shop = Shop::open().await;
    let order = shop.confirmed("k").await;
    let total = order["total"]["amount"].as_i64().unwrap();
    let half = part(total / 2 + 1);
    let keys = ["a", "b", "c", "d"];
    let asked = keys.iter().map(|key| shop.refund(key, &order, &half));
    let answers = futures_util::future::join_all(asked).await;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(shop.provider.refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_without_an_answer_is_completed_once() {
    let shop = Shop::open().await;
    let order = shop.confirmed("k").await;
    shop.provider.breaks([Fault::RefundReplyLost]);
    let unknown = shop.refund("a", &order, "{}").await;
    assert_eq!(unknown.code(), "operation_uncertain");
    assert_eq!(unknown.json()["safe_new_key"], false);
    // Another one can't take what is on its way.
    assert_eq!(
        shop.refund("b", &order, &part(1)).await.code(),
        "refund_exceeds_payment"
    );
    assert_eq!(shop.app.completer.step().await.unwrap(), 1);
    let answer = shop.refund("a", &order, "{}").await;
    assert_eq!(
        (answer.status, answer.field("idempotent-replayed")),
        (201, "true")
    );
    assert_eq!(
        (shop.provider.asked(), shop.provider.refunds().len()),
        (2, 1)
    );
    assert_eq!(shop.read(&path(&order)).await["status"], "refunded");
}

#[tokio::test]
async fn only_admins_pay_back_and_only_what_was_paid() {
    let shop = Shop::open().await;
    let order = shop.confirmed("k").await;
    let to = format!(
        "/payments/{}/refunds",
        order["payment"]["id"].as_str().unwrap()
    );
    let fields = [JSON, ("idempotency-key", "a")];
    let own = shop.ask(&shop.customer, "POST", &to, &fields, "{}").await;
    assert_eq!((own.status, own.code().as_str()), (403, "scope_missing"));
    let unknown = "/payments/pay_00000000000000000000000001/refunds";
    let nothing = shop.ask(&shop.admin, "POST", unknown, &fields, "{}").await;
    assert_eq!(nothing.status, 404);
    let declined = shop.declined().await;
    assert_eq!(
        shop.refund("a", &declined, "{}").await.code(),
        "illegal_transition"
    );
    assert_eq!(shop.provider.refunds().len(), 0);
}

#[tokio::test]
async fn a_cancellation_pays_back_what_refunds_have_left() {
    let shop = Shop::open().await;
    let order = shop.confirmed("k").await;
    let total = order["total"]["amount"].as_i64().unwrap();
    assert_eq!(shop.refund("a", &order, &part(100)).await.status, 201);
    let status = format!("{}/status", path(&order));
    let cancelled = r#"{"status":"cancelled"}"#;
    let answer = shop
        .ask(&shop.customer, "PUT", &status, &[JSON], cancelled)
        .await;
    assert_eq!(answer.status, 200, "{answer:?}");
    while shop.app.relay.step().await.unwrap() > 0 {}
    assert_eq!(
        shop.read(&path(&order)).await["payment"]["status"],
        "refunded"
    );
    let mut units: Vec<i64> = shop
        .provider
        .refunds()
        .iter()
        .map(|(_, units)| *units)
        .collect();
    units.sort_unstable();
    assert_eq!(units, [100, total - 100]);
}
