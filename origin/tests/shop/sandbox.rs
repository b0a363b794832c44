//! The origin's client against the sandbox provider itself, over a real connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};

use axum::Router;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode};
use origin::payment::sandbox::Sandbox;
use origin::payment::webhook::Verifier;
use origin::payment::{Charge, Charged, PaymentGateway, Refund};
use sandbox::api;
use sandbox::book::{Book, NewCharge};
use sandbox::teller::Teller;
use secrecy::{ExposeSecret, SecretString};
use shared::money::{Currency, Money};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use crate::harness::{WEBHOOK_SECRET, databases};

/// Before anything.
const EPOCH: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn dollars(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::USD,
    }
}

fn charge<'a>(provider_key: &'a str, reference: &'a str, method: &'a str) -> Charge<'a> {
    Charge {
        provider_key,
        reference,
        method,
        amount: dollars(1000),
    }
}

/// A running provider's book, and a client of it.
async fn provider() -> (Book, Sandbox) {
    let shop = databases().database_url;
    let url = xtask::sandbox::database_url(shop.expose_secret());
    let book = Book::open(&url.into()).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(api::serve(book.clone(), listener, std::future::pending()));
    (book, Sandbox::new(&format!("http://{address}")).unwrap())
}

#[tokio::test]
async fn methods_are_answered_as_documented() {
    let (_, sandbox) = provider().await;
    for (method, decline_code) in [
        ("pm_card_visa", None),
        ("pm_card_declined", Some("card_declined")),
        ("pm_card_insufficient_funds", Some("insufficient_funds")),
        ("pm_card_expired", Some("expired_card")),
        ("pm_nothing", Some("payment_method_unknown")),
    ] {
        let charged = sandbox.charge(&charge(method, method, method)).await;
        let charged = charged.unwrap();
        assert_eq!(charged.decline_code.as_deref(), decline_code, "{method}");
        assert_eq!(sandbox.look_up(method, EPOCH).await.unwrap(), Some(charged));
    }
    assert_eq!(
        sandbox.look_up("nothing & more", EPOCH).await.unwrap(),
        None
    );
}

#[tokio::test]
async fn a_lost_reply_is_a_dropped_connection_behind_a_charge() {
    let (_, sandbox) = provider().await;
    let lost = charge("k", "r", "pm_card_lost_reply");
    let error = sandbox.charge(&lost).await.unwrap_err();
    assert!(!error.0.contains("503"), "{error}");
    let found = sandbox.look_up("r", EPOCH).await.unwrap().unwrap();
    assert_eq!(found.decline_code, None);

    let refused = charge("other", "s", "pm_card_unavailable");
    let error = sandbox.charge(&refused).await.unwrap_err();
    assert!(error.0.contains("503"), "{error}");
    assert_eq!(sandbox.look_up("s", EPOCH).await.unwrap(), None);
}

#[tokio::test]
async fn a_key_has_one_charge_and_other_parameters_are_refused() {
    let (book, sandbox) = provider().await;
    let first = charge("k", "r", "pm_card_visa");
    let many = futures_util::future::join_all((0..8).map(|_| sandbox.charge(&first))).await;
    let ids: Vec<Charged> = many.into_iter().map(Result::unwrap).collect();
    assert!(ids.iter().all(|charged| *charged == ids[0]), "{ids:?}");
    for other in [
        charge("k", "s", "pm_card_visa"),
        charge("k", "r", "pm_card_declined"),
        charge("l", "r", "pm_card_visa"),
        Charge {
            amount: dollars(1),
            ..first.clone()
        },
    ] {
        let error = sandbox.charge(&other).await.unwrap_err();
        assert!(error.0.contains("409"), "{other:?}: {error}");
    }
    let charges: i64 = sqlx::query_scalar("select count(*) from sandbox_charges")
        .fetch_one(book.pool())
        .await
        .unwrap();
    assert_eq!(charges, 1);
}

#[tokio::test]
async fn no_more_is_paid_back_than_was_charged() {
    let (_, sandbox) = provider().await;
    for (reference, method) in [("paid", "pm_card_visa"), ("declined", "pm_card_declined")] {
        let charged = sandbox.charge(&charge(reference, reference, method)).await;
        charged.unwrap();
    }
    let mut first = None;
    for (provider_key, reference, units, fine) in [
        ("a", "paid", 600, true),
        ("a", "paid", 600, true),
        ("a", "paid", 100, false),
        ("b", "paid", 500, false),
        ("b", "paid", 400, true),
        ("c", "paid", 1, false),
        ("d", "declined", 1000, false),
        ("e", "unknown", 1, false),
    ] {
        let refund = Refund {
            charge: None,
            provider_key,
            reference,
            amount: dollars(units),
        };
        let refunded = sandbox.refund(&refund).await;
        assert_eq!(refunded.is_ok(), fine, "{provider_key} {reference} {units}");
        if provider_key == "a" && fine {
            let id = refunded.unwrap().id;
            assert_eq!(first.get_or_insert_with(|| id.clone()), &id);
        }
    }
}

#[tokio::test]
async fn events_are_told_until_they_are_heard() {
    let (book, _) = provider().await;
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answers = Arc::new(AtomicU16::new(503));
    let listening = {
        let answers = answers.clone();
        Router::new().fallback(move |fields: HeaderMap, body: Bytes| {
            let status = answers.swap(204, Ordering::SeqCst);
            heard.send((fields, body)).unwrap();
            async move { StatusCode::from_u16(status).unwrap() }
        })
    };
    tokio::spawn(async move { axum::serve(listener, listening).await });
    let secret: SecretString = WEBHOOK_SECRET.to_owned().into();
    let url = format!("http://{address}/webhooks/payments");
    let book = book.telling();
    let teller = Teller::new(book.clone(), &url, &secret).unwrap();
    let new = NewCharge {
        reference: "r".into(),
        method: "pm_card_visa".into(),
        amount: 1000,
        currency: "USD".into(),
    };
    // Long ago, so that it is to be told at once.
    let charge = book.charge("k", &new, DateTime::UNIX_EPOCH).await.unwrap();
    assert_eq!(
        book.charge("k", &new, DateTime::UNIX_EPOCH).await.unwrap(),
        charge
    );
    assert_eq!(teller.step().await.unwrap(), 0);
    let (first, _) = hearing.recv().await.unwrap();
    sqlx::query("update sandbox_events set retry_at = '1970-01-01'")
        .execute(book.pool())
        .await
        .unwrap();
    assert_eq!(teller.step().await.unwrap(), 1);
    assert_eq!(teller.step().await.unwrap(), 0);
    let (again, body) = hearing.recv().await.unwrap();
    assert_eq!(first["webhook-id"], again["webhook-id"]);
    let time = again["webhook-timestamp"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let verifier = Verifier::new(&secret).unwrap();
    let notice = verifier.read(&again, &body, time).unwrap().unwrap();
    assert_eq!(
        (notice.reference, notice.charged.id, notice.amount),
        ("r".to_owned(), charge.id, dollars(1000))
    );
}

#[tokio::test]
async fn a_provider_that_is_away_gives_no_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sandbox = Sandbox::new(&format!("http://{address}")).unwrap();
    assert!(sandbox.look_up("r", EPOCH).await.is_err());
    assert!(Sandbox::new("postgres://127.0.0.1").is_err());
}
