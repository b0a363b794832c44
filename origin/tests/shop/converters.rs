//! Which revision of the edge's converters made a key's first answer is said with every replay, whoever
//! settled it.

use origin::order::LEASE_SECONDS;
use shared::assertion::Asserted;
use shared::caller::{Caller, Role};

use crate::harness::{Answer, Shop, order, principal, request};
use crate::provider::Fault;

/// The field that tells it.
const CONVERTER: &str = "headgate-converter";

impl Shop {
    /// An order as an edge with that revision hands it over, for a client of version 1.
    async fn handed_over(&self, key: &str, method: &str, converter: Option<u16>) -> Answer {
        let products = self.plenty().await;
        let new = order(&[(&products[0], 1)], method);
        let asserted = Asserted {
            fingerprint: None,
            converter,
            position: None,
            caller: Caller::Known(principal(
                &origin::seed::customer().to_string(),
                Role::Customer,
            )),
            api_version: "v1".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v1".into(),
        };
        let keys = self.config.assertion_keys().unwrap();
        let now = self.app.shop.platform.now().timestamp();
        let assertion = keys.sign(&asserted, "POST", "/orders", now).unwrap();
        let fields = [
            ("headgate-assertion", assertion.as_str()),
            ("idempotency-key", key),
            ("content-type", "application/json"),
        ];
        self.send(request("POST", "/orders", &fields, &new.to_string()))
            .await
    }
}

#[tokio::test]
async fn a_replay_names_who_carried_the_first_answer_down() {
    let shop = Shop::open().await;
    for (key, method, status) in [("paid", "pm_card_visa", 201), ("declined", "declines", 402)] {
        let first = shop.handed_over(key, method, Some(7)).await;
        assert_eq!((first.status, first.field(CONVERTER)), (status, "7"));
        let replay = shop.handed_over(key, method, Some(8)).await;
        assert_eq!(replay.field("idempotent-replayed"), "true");
        assert_eq!((replay.status, replay.field(CONVERTER)), (status, "7"));
    }
    let latest = shop.handed_over("latest", "pm_card_visa", None).await;
    assert_eq!((latest.status, latest.field(CONVERTER)), (201, ""));
}

#[tokio::test]
async fn who_settles_without_the_client_names_it_too() {
    let shop = Shop::open().await;
    shop.provider.breaks([Fault::ReplyLost, Fault::LookUpLost]);
    let first = shop.handed_over("k", "pm_card_visa", Some(7)).await;
    assert_eq!(first.code(), "operation_uncertain");
    shop.clock.advance_ms((LEASE_SECONDS + 1) * 1_000);
    assert_eq!(shop.app.completer.step().await.unwrap(), 1);
    let replay = shop.handed_over("k", "pm_card_visa", Some(8)).await;
    assert_eq!(replay.field("idempotent-replayed"), "true");
    assert_eq!((replay.status, replay.field(CONVERTER)), (201, "7"));
}
