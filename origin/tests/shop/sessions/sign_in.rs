//! Who may sign in, and how often one may fail.

use origin::session::attempts::{ACCOUNT_FREE, ADDRESS_FREE};
use serde_json::json;

use super::{PASSWORD, refused, tokens};
use crate::callers::JSON;
use crate::harness::Shop;

#[tokio::test]
async fn who_signs_in_may_call() {
    let shop = Shop::open().await;
    let at = shop.register("zoe@example.com").await;
    let signed_in = tokens(&shop.sign_in("ZOE@example.com", PASSWORD).await);
    let me = shop.ask(&signed_in.access, "GET", &at, &[], "").await;
    assert_eq!(
        (me.status, me.json()["role"].as_str()),
        (200, Some("customer"))
    );
    let orders = shop.ask(&signed_in.access, "GET", "/orders", &[], "").await;
    assert_eq!(orders.status, 200);
    shop.clock.advance_ms(631_000);
    let late = shop.ask(&signed_in.access, "GET", &at, &[], "").await;
    refused(&late, 401, "token_expired");
    // An expired token that is sent along is no reason to refuse the exchange of a good one.
    let body = json!({"refresh_token": signed_in.refresh}).to_string();
    let again = shop
        .ask(
            &signed_in.access,
            "POST",
            "/sessions/refresh",
            &[JSON],
            &body,
        )
        .await;
    let again = tokens(&again);
    let me = shop.ask(&again.access, "GET", &at, &[], "").await;
    assert_eq!(me.status, 200);
    // No secret is in the database.
    assert_eq!(
        shop.count("select count(*) from refresh_tokens where length(hash) = 32")
            .await,
        2
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_one_answer_for_one_hash() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let mut answers = Vec::new();
    // The demo's customer has no password at all.
    for email in ["zoe@example.com", "nobody@example.com", "ada@example.com"] {
        let before = shop.app.shop.passwords.hashed();
        let answer = shop.sign_in(email, "wrong horse").await;
        refused(&answer, 401, "credentials_invalid");
        assert_eq!(answer.field("www-authenticate"), "Bearer");
        assert_eq!(shop.app.shop.passwords.hashed() - before, 1, "{email}");
        let mut body = answer.json();
        body["request_id"] = json!("");
        answers.push(body);
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]));
    for (body, code) in [
        (json!({"email": "zoe@example.com"}), "body_invalid"),
        (json!({"email": "", "password": "x"}), "body_invalid"),
        (
            json!({"email": "a@b.example", "password": "x".repeat(201)}),
            "body_invalid",
        ),
    ] {
        let before = shop.app.shop.passwords.hashed();
        let answer = shop
            .ask("", "POST", "/sessions", &[JSON], &body.to_string())
            .await;
        refused(&answer, 400, code);
        assert_eq!(shop.app.shop.passwords.hashed(), before);
    }
}

#[tokio::test]
async fn an_account_that_failed_often_is_closed_for_a_while() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    // Whether or not there is such an account.
    for email in ["zoe@example.com", "nobody@example.com"] {
        for _ in 0..=ACCOUNT_FREE {
            refused(
                &shop.sign_in(email, "wrong horse").await,
                401,
                "credentials_invalid",
            );
        }
        let before = shop.app.shop.passwords.hashed();
        let closed = shop.sign_in(&email.to_uppercase(), PASSWORD).await;
        refused(&closed, 429, "rate_limited");
        assert_eq!(closed.field("retry-after"), "1");
        assert_eq!(closed.json()["violated-policies"], json!(["sign-in"]));
        assert_eq!(
            shop.app.shop.passwords.hashed(),
            before,
            "no hash was computed"
        );
    }
    // Others are not, nor is the account after the wait; its failures are forgotten then.
    shop.register("amy@example.com").await;
    shop.session("amy@example.com").await;
    shop.clock.advance_ms(1000);
    shop.session("zoe@example.com").await;
    for _ in 0..ACCOUNT_FREE {
        refused(
            &shop.sign_in("zoe@example.com", "wrong").await,
            401,
            "credentials_invalid",
        );
    }
    shop.session("zoe@example.com").await;
}

#[tokio::test]
async fn many_at_once_are_not_many_guesses() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let tasks: Vec<_> = (0..20)
        .map(|number| {
            let shop = shop.clone();
            tokio::spawn(async move {
                let guess = format!("wrong horse {number}");
                shop.sign_in("zoe@example.com", &guess).await.status
            })
        })
        .collect();
    let mut guesses = 0;
    for task in tasks {
        match task.await.unwrap() {
            401 => guesses += 1,
            status => assert!(matches!(status, 429 | 503), "{status}"),
        }
    }
    // Those that found no turn to hash are taken back, so they leave room for others.
    assert!(guesses <= ACCOUNT_FREE + 1, "{guesses}");
}

#[tokio::test]
async fn an_address_that_tries_many_accounts_is_closed() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let tried = |address: &'static str, number: i32| {
        let shop = shop.clone();
        async move {
            let email = format!("guess{number}@example.com");
            shop.sign_in_from(address, &email, "password").await
        }
    };
    for number in 0..=ADDRESS_FREE {
        refused(
            &tried("2001:db8::1", number).await,
            401,
            "credentials_invalid",
        );
    }
    let same_network = shop
        .sign_in_from("2001:db8::ffff", "zoe@example.com", PASSWORD)
        .await;
    refused(&same_network, 429, "rate_limited");
    let other = shop
        .sign_in_from("192.0.2.1", "zoe@example.com", PASSWORD)
        .await;
    tokens(&other);
    assert_eq!(
        shop.count("select count(*) from sign_in_failures where length(subject) <> 32")
            .await,
        0
    );
}
