//! Registering, and what can be read of a user.

use serde_json::{Value, json};
use shared::caller::Role;

use super::{ada, hash_of, new_user, registered};
use crate::callers::JSON;
use crate::harness::Shop;

#[tokio::test]
async fn anybody_registers_and_no_password_comes_out() {
    let shop = Shop::open().await;
    let body = new_user("Zoe@Example.com").to_string();
    let made = shop.ask("", "POST", "/users", &[JSON], &body).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.field("etag"), "\"1\"");
    assert_eq!(made.field("cache-control"), "private, no-store");
    let user = made.json();
    let id = user["id"].as_str().unwrap();
    assert_eq!(made.field("location"), format!("/users/{id}"));
    assert_eq!(user["object"], "user");
    assert_eq!(user["name"], "Zoë 👩‍🚀");
    assert_eq!(
        (&user["role"], &user["version"]),
        (&json!("customer"), &json!(1))
    );
    let text = String::from_utf8(made.body.to_vec()).unwrap();
    assert!(
        !text.contains("horse") && !text.contains("argon2"),
        "{text}"
    );
    let hash = hash_of(&shop, made.field("location")).await.unwrap();
    assert!(
        hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
        "{hash}"
    );

    // One address, whatever its case, is one person.
    let again = new_user("zoe@example.COM").to_string();
    let taken = shop.ask("", "POST", "/users", &[JSON], &again).await;
    assert_eq!((taken.status, taken.code().as_str()), (409, "email_taken"));
    assert_eq!(taken.json()["errors"][0]["pointer"], "/email");

    let other = new_user("other@example.com").to_string();
    let minimal = ("prefer", "return=minimal");
    let made = shop
        .ask("", "POST", "/users", &[JSON, minimal], &other)
        .await;
    assert_eq!((made.status, made.body.len()), (201, 0));
    assert_eq!(made.field("preference-applied"), "return=minimal");
    assert!(made.field("location").starts_with("/users/usr_"));
    assert_eq!(made.field("etag"), "\"1\"");

    for (fields, body, status, code) in [
        (vec![], body.as_str(), 415, "media_type_unsupported"),
        (vec![JSON], "{}", 400, "body_invalid"),
        (vec![JSON], "{", 400, "body_invalid"),
    ] {
        let refused = shop.ask("", "POST", "/users", &fields, body).await;
        assert_eq!((refused.status, refused.code().as_str()), (status, code));
    }
    assert_eq!(shop.count("select count(*) from users").await, 4);
}

#[tokio::test]
async fn the_printed_token_reads_its_own_user() {
    let shop = Shop::open().await;
    let read = shop.ask(&shop.customer, "GET", &ada(), &[], "").await;
    assert_eq!(read.status, 200, "{read:?}");
    assert_eq!(read.json()["email"], "ada@example.com");
    let tag = read.field("etag").to_owned();
    let same = shop
        .ask(
            &shop.customer,
            "GET",
            &ada(),
            &[("if-none-match", &tag)],
            "",
        )
        .await;
    assert_eq!((same.status, same.body.len()), (304, 0));
    assert_eq!(same.field("etag"), tag);
}

#[tokio::test]
async fn a_profile_counts_and_a_users_orders_are_listed() {
    let shop = Shop::open().await;
    let (other, stranger) = registered(&shop, "zoe@example.com").await;
    let profile = format!("{}/profile", ada());
    let fresh = shop.ask(&shop.customer, "GET", &profile, &[], "").await;
    assert_eq!(fresh.json()["orders_count"], 0);
    assert_eq!(fresh.json()["last_order_at"], Value::Null);
    let mut last = Value::Null;
    for key in ["a", "b", "c"] {
        shop.clock.advance_ms(1000);
        last = shop.confirmed(key).await;
    }
    let read = shop.ask(&shop.customer, "GET", &profile, &[], "").await;
    let seen = read.json();
    assert_eq!(
        (&seen["object"], &seen["orders_count"]),
        (&json!("profile"), &json!(3))
    );
    assert_eq!(seen["last_order_at"], last["created_at"]);
    assert_eq!(seen["user_id"], origin::seed::customer().to_string());
    assert!(seen["member_since"].is_string() && read.field("etag") != fresh.field("etag"));

    let orders = format!("{}/orders", ada());
    let support = shop.token("usr_support", Role::Support).await;
    for token in [&shop.customer, &shop.admin, &support] {
        let page = shop
            .ask(token, "GET", &format!("{orders}?limit=2"), &[], "")
            .await;
        assert_eq!(page.status, 200, "{page:?}");
        let page_json = page.json();
        assert_eq!(page_json["data"].as_array().unwrap().len(), 2);
        assert_eq!(page_json["data"][0]["id"], last["id"]);
        let cursor = page_json["next_cursor"].as_str().unwrap();
        let next = format!("{orders}?limit=2&cursor={cursor}");
        let rest = shop.ask(token, "GET", &next, &[], "").await;
        assert_eq!(rest.json()["data"].as_array().unwrap().len(), 1);
        assert!(rest.field("link").contains("rel=\"prev\""), "{rest:?}");
        // A cursor is of this list and this caller's.
        let elsewhere = format!("{other}/orders?limit=2&cursor={cursor}");
        let stolen = shop.ask(&shop.admin, "GET", &elsewhere, &[], "").await;
        assert_eq!(stolen.code(), "cursor_mismatch");
    }
    for (path, token) in [
        (&orders, &stranger),
        (&profile, &stranger),
        (&orders, &String::new()),
    ] {
        let refused = shop.ask(token, "GET", path, &[], "").await;
        assert_eq!(refused.status, if token.is_empty() { 401 } else { 404 });
    }
    let none = shop
        .ask(&stranger, "GET", &format!("{other}/orders"), &[], "")
        .await;
    assert_eq!(none.json()["data"], json!([]));
}
