//! Payment methods that users put by.

use serde_json::json;
use shared::caller::Role;

use super::{ada, registered};
use crate::callers::JSON;
use crate::harness::Shop;

/// The path of the demo customer's payment methods.
fn methods() -> String {
    format!("{}/payment-methods", ada())
}

/// Puts three by, each a millisecond after the one before; their ids.
async fn three(shop: &Shop) -> Vec<String> {
    let methods = methods();
    let mut made = Vec::new();
    for body in [
        json!({"method": "pm_card_visa", "label": "Ada's 💳", "default": true}),
        json!({"method": "pm_card_slow", "default": true}),
        json!({"method": "pm_card_expired"}),
    ] {
        shop.clock.advance_ms(1);
        let answer = shop
            .ask(&shop.customer, "POST", &methods, &[JSON], &body.to_string())
            .await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let method = answer.json();
        let id = method["id"].as_str().unwrap().to_owned();
        assert!(id.starts_with("pmt_"), "{id}");
        assert_eq!(answer.field("location"), format!("{methods}/{id}"));
        made.push(id);
    }
    made
}

#[tokio::test]
async fn payment_methods_are_listed_newest_first_and_one_is_the_default() {
    let shop = Shop::open().await;
    let methods = methods();
    let made = three(&shop).await;
    let support = shop.token("usr_support", Role::Support).await;
    let list = shop.ask(&support, "GET", &methods, &[], "").await.json();
    assert_eq!(
        (&list["object"], &list["has_more"]),
        (&json!("list"), &json!(false))
    );
    let seen: Vec<_> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|method| (method["id"].as_str().unwrap(), method["default"] == true))
        .collect();
    assert_eq!(
        seen,
        [
            (made[2].as_str(), false),
            (&made[1], true),
            (&made[0], false)
        ]
    );

    // The list pages like any other.
    let first = format!("{methods}?limit=2");
    let first = shop.ask(&shop.customer, "GET", &first, &[], "").await;
    assert_eq!(first.json()["data"].as_array().unwrap().len(), 2);
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let rest = format!("{methods}?limit=2&cursor={cursor}");
    let rest = shop.ask(&shop.customer, "GET", &rest, &[], "").await;
    assert_eq!(rest.json()["data"][0]["id"], made[0]);
    assert!(rest.field("link").contains("rel=\"prev\""), "{rest:?}");
}

#[tokio::test]
async fn refusals_of_payment_methods() {
    let shop = Shop::open().await;
    let methods = methods();
    let made = three(&shop).await;
    let (_, stranger) = registered(&shop, "zoe@example.com").await;
    let support = shop.token("usr_support", Role::Support).await;
    let one = format!("{methods}/{}", made[0]);
    let read = shop.ask(&shop.customer, "GET", &one, &[], "").await;
    assert_eq!(
        (read.status, &read.json()["label"]),
        (200, &json!("Ada's 💳"))
    );
    let good = r#"{"method":"pm_card_visa"}"#;
    for (token, method, path, fields, body, status, code) in [
        (
            stranger.as_str(),
            "GET",
            methods.as_str(),
            vec![],
            "",
            404,
            "not_found",
        ),
        (&stranger, "GET", &one, vec![], "", 404, "not_found"),
        (
            &stranger,
            "POST",
            &methods,
            vec![JSON],
            good,
            404,
            "not_found",
        ),
        (&stranger, "DELETE", &one, vec![], "", 404, "not_found"),
        (
            &support,
            "POST",
            &methods,
            vec![JSON],
            good,
            403,
            "scope_missing",
        ),
        ("", "GET", &methods, vec![], "", 401, "token_missing"),
        (
            &shop.customer,
            "POST",
            &methods,
            vec![],
            good,
            415,
            "media_type_unsupported",
        ),
        (
            &shop.customer,
            "POST",
            &methods,
            vec![JSON],
            "{}",
            400,
            "body_invalid",
        ),
        (
            &shop.customer,
            "GET",
            &format!("{methods}/pmt_x"),
            vec![],
            "",
            404,
            "not_found",
        ),
        (
            &shop.customer,
            "GET",
            &format!("{methods}?x=1"),
            vec![],
            "",
            400,
            "request_invalid",
        ),
        (
            &shop.customer,
            "DELETE",
            &one,
            vec![("if-match", "\"x\"")],
            "",
            412,
            "precondition_failed",
        ),
    ] {
        let answer = shop.ask(token, method, path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn payment_methods_come_and_go() {
    let shop = Shop::open().await;
    let one = format!("{}/{}", methods(), three(&shop).await[0]);
    let read = shop.ask(&shop.customer, "GET", &one, &[], "").await;
    let tag = read.field("etag").to_owned();
    let same = [("if-none-match", tag.as_str())];
    assert_eq!(
        shop.ask(&shop.customer, "GET", &one, &same, "")
            .await
            .status,
        304
    );
    let gone = shop
        .ask(&shop.customer, "DELETE", &one, &[("if-match", &tag)], "")
        .await;
    assert_eq!(gone.status, 204, "{gone:?}");
    assert_eq!(
        shop.ask(&shop.customer, "DELETE", &one, &[], "")
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn twenty_payment_methods_are_the_most_however_they_come() {
    let shop = Shop::open().await;
    let methods = methods();
    let tasks: Vec<_> = (0..24)
        .map(|_| {
            let (shop, methods) = (shop.clone(), methods.clone());
            tokio::spawn(async move {
                let body = r#"{"method":"pm_card_visa","default":true}"#;
                let answer = shop
                    .ask(&shop.customer, "POST", &methods, &[JSON], body)
                    .await;
                (answer.status, answer.code())
            })
        })
        .collect();
    let mut refused = 0;
    for task in tasks {
        match task.await.unwrap() {
            (201, _) => {}
            (409, code) if code == "limit_reached" => refused += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(refused, 4);
    assert_eq!(shop.count("select count(*) from payment_methods").await, 20);
    assert_eq!(
        shop.count("select count(*) from payment_methods where is_default")
            .await,
        1
    );
}
