//! Receivers that are slow, say too much, or stand where nobody should call.

use std::sync::Arc;
use std::time::Duration;

use origin::webhook::connect::SystemResolver;
use origin::webhook::post::{Message, Poster};
use origin::webhook::schedule::Outcome;
use serde_json::json;

use super::strict;
use crate::callers::JSON;
use crate::harness::Shop;
use crate::receiver::{Receiver, Reply};

#[tokio::test]
async fn a_slow_receiver_holds_up_no_other() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    receiver.answers("/slow", vec![Reply::Held; 10]);
    for path in ["/slow", "/quick"] {
        shop.webhook(&receiver.url(path), &["order.confirmed"])
            .await;
    }
    // More than may be under way to one.
    for key in 0..6 {
        shop.confirmed(&key.to_string()).await;
    }
    shop.carry().await;
    let worker = tokio::spawn({
        let app = shop.app.clone();
        async move { app.webhooks.run().await }
    });
    let (mut slow, mut quick) = (0, 0);
    while slow < 4 || quick < 6 {
        match receiver.next().await.path.as_str() {
            "/slow" => slow += 1,
            _ => quick += 1,
        }
    }
    // All of one have arrived, while as many of the other as may be are under way.
    assert_eq!((slow, quick), (4, 6));
    receiver.let_go(10);
    for _ in 0..2 {
        assert_eq!(receiver.next().await.path, "/slow");
    }
    worker.abort();
}

fn poster(allow_private: bool) -> Poster {
    Poster::new(Arc::new(SystemResolver), allow_private).unwrap()
}

async fn post(poster: &Poster, url: &str) -> Outcome {
    let message = Message {
        url,
        id: "evt_1",
        timestamp: 1,
        signature: "v1,x",
        body: "{}",
    };
    poster.post(&message, chrono::DateTime::UNIX_EPOCH).await
}

#[tokio::test]
async fn nobody_is_waited_for_or_listened_to_without_an_end() {
    let receiver = Receiver::open().await;
    receiver.answers("/slow", [Reply::Held]);
    receiver.answers("/endless", [Reply::Endless]);
    let impatient = poster(true).patient_for(Duration::from_millis(50));
    let Outcome::NoAnswer(why) = post(&impatient, &receiver.url("/slow")).await else {
        panic!("it answers nothing");
    };
    assert_eq!(why, "no answer within 50ms");
    // Its body never ends, and reading does.
    let answered = post(&poster(true), &receiver.url("/endless")).await;
    assert_eq!(answered.status(), Some(200));
}

#[tokio::test]
async fn private_addresses_are_not_called() {
    let shop = Shop::open().await;
    let mut receiver = Receiver::open().await;
    let (https, port) = ("https://localhost", receiver.port());
    // The name is as good as any; what it leads to is seen when it is called.
    let hook = shop
        .webhook(&format!("{https}:{port}/a"), &["order.confirmed"])
        .await;
    shop.confirmed("one").await;
    shop.carry().await;
    let strict = strict(&shop);
    assert_eq!(strict.webhooks.step().await.unwrap(), 1);
    let delivery = shop.delivery(&hook).await;
    assert_eq!(delivery["status"], "dead", "{delivery}");
    let attempts = delivery["attempts"].as_array().unwrap();
    assert_eq!(attempts.len(), 1);
    let error = attempts[0]["error"].as_str().unwrap();
    assert!(error.ends_with("is not a public address"), "{error}");
    for url in [receiver.url("/a"), format!("http://localhost:{port}/")] {
        let outcome = post(&poster(false), &url).await;
        assert_eq!(outcome, Outcome::Refused("the URL is not https".to_owned()));
    }
    for host in ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost"] {
        let outcome = post(&poster(false), &format!("https://{host}:{port}/")).await;
        assert!(
            matches!(outcome, Outcome::Refused(_)),
            "{host}: {outcome:?}"
        );
    }
    assert!(receiver.all().is_empty(), "nobody was called");
    // What a URL says of itself is refused before.
    let strict = Shop {
        app: Arc::new(strict),
        ..shop.clone()
    };
    for (url, code) in [
        ("http://shop.example/", "scheme"),
        ("https://127.0.0.1/", "private_address"),
        (
            "https://169.254.169.254/latest/meta-data",
            "private_address",
        ),
        ("https://[fd00:ec2::254]/", "private_address"),
    ] {
        let body = json!({"url": url, "events": ["*"]}).to_string();
        let refused = strict
            .write("POST", "/admin/webhooks", &[JSON], &body)
            .await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "body_invalid".into())
        );
        assert_eq!(refused.json()["errors"][0]["pointer"], "/url");
        assert_eq!(refused.json()["errors"][0]["code"], code, "{url}");
    }
}
