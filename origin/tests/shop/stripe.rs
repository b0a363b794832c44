//! The client of Stripe: its wire format against localstripe over a real connection, and what
//! localstripe does not do (keys, search, long lists) against scripted answers.

use std::collections::HashMap;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::IntoResponse;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, Method, StatusCode, Uri};
use origin::app::App;
use origin::payment::stripe::Stripe;
use origin::payment::webhook::Verifier;
use origin::payment::{Charge, PaymentGateway, Refund};
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::money::{Currency, Money};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use xtask::environment::Environment;
use xtask::peers;
use xtask::process::{Running, Signal};
use xtask::progress::Progress;

use crate::harness::{Shop, folder, order, platform};

/// localstripe without its file in the system's temporary folder, and on loopback alone.
const SERVE: &str = "
import sys
from aiohttp import web
from localstripe import resources
from localstripe.server import app
resources.store.dump_to_disk = lambda: None
web.run_app(app, host='127.0.0.1', port=int(sys.argv[1]))
";
const SECRET_KEY: &str = "sk_test_12345";
const WEBHOOK_SECRET: &str = "whsec_of_this_endpoint";
/// Before anything.
const EPOCH: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn secret(text: &str) -> SecretString {
    text.to_owned().into()
}

fn client(url: &str) -> Stripe {
    Stripe::new(url, &secret(SECRET_KEY)).unwrap()
}

fn dollars(amount: i64) -> Money {
    Money {
        amount,
        currency: Currency::USD,
    }
}

fn charge<'a>(reference: &'a str, method: &'a str) -> Charge<'a> {
    Charge {
        provider_key: reference,
        reference,
        method,
        amount: dollars(1000),
    }
}

/// A running localstripe and its URL, unless it can't be had here.
async fn localstripe(name: &str) -> Option<(Running, String)> {
    let environment = Environment::read();
    let peer = peers::localstripe(&environment, Progress::shown()).expect("nobody interrupts");
    let program = peer.or_skip(environment.ci).expect("localstripe")?;
    let port = xtask::ports::free().unwrap();
    let mut command = Command::new(program.with_file_name("python"));
    command.args(["-c", SERVE, &port.to_string()]);
    let log = folder().join(format!("localstripe-{name}.log"));
    let running = tokio::task::spawn_blocking(move || {
        let mut running = Running::start("localstripe", &mut command, &log, Signal::TERM)?;
        xtask::wait::until(
            std::time::Duration::from_secs(30),
            "localstripe's port",
            || {
                running.check()?;
                Ok(std::net::TcpStream::connect(("127.0.0.1", port)).ok())
            },
        )?;
        anyhow::Ok(running)
    });
    let running = running.await.unwrap().expect("localstripe starts");
    Some((running, format!("http://127.0.0.1:{port}")))
}

/// Sends localstripe a form of our own.
async fn post(url: &str, path: &str, fields: &[(&str, &str)]) -> Value {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    let address = url.strip_prefix("http://").unwrap();
    let mut line = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.0\r\nauthorization: Bearer {SECRET_KEY}\r\ncontent-type: \
         application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{form}",
        form.len()
    );
    line.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{answer}");
    serde_json::from_str(body).unwrap_or_default()
}

#[tokio::test]
async fn charges_and_refunds_are_understood_by_stripes_double() {
    let Some((_running, url)) = localstripe("wire").await else {
        return;
    };
    let stripe = client(&url);
    let paid = stripe
        .charge(&charge("paid", "pm_card_visa"))
        .await
        .unwrap();
    assert_eq!(paid.decline_code, None);
    assert!(paid.id.starts_with("pi_"), "{paid:?}");
    let card = [
        ("type", "card"),
        ("card[number]", "4000002500003155"),
        ("card[exp_month]", "12"),
        ("card[exp_year]", "2030"),
        ("card[cvc]", "123"),
    ];
    let method = post(&url, "/v1/payment_methods", &card).await;
    let secured = method["id"].as_str().unwrap();
    for (reference, method, code) in [
        ("declined", "pm_card_chargeCustomerFail", "card_declined"),
        ("secured", secured, "authentication_required"),
    ] {
        let declined = stripe.charge(&charge(reference, method)).await.unwrap();
        assert_eq!(declined.decline_code.as_deref(), Some(code), "{reference}");
        let found = stripe.look_up(reference, EPOCH).await.unwrap().unwrap();
        assert_eq!(found.decline_code.as_deref(), Some(code), "{reference}");
    }
    assert!(
        stripe.charge(&charge("x", "pm_nothing")).await.is_err(),
        "a 404 that names no parameter says nothing"
    );
    assert_eq!(
        stripe.look_up("paid", EPOCH).await.unwrap(),
        Some(paid.clone())
    );
    assert_eq!(stripe.look_up("nothing", EPOCH).await.unwrap(), None);

    let refund = |provider_key, amount| Refund {
        provider_key,
        reference: "paid",
        charge: Some(&paid.id),
        amount: dollars(amount),
    };
    let first = stripe.refund(&refund("a", 300)).await.unwrap();
    // localstripe forgets keys at once, as Stripe does after a day.
    assert_eq!(stripe.refund(&refund("a", 300)).await.unwrap(), first);
    let second = stripe.refund(&refund("b", 200)).await.unwrap();
    assert_ne!(second, first);

    let page = stripe.book(EPOCH, None).await.unwrap();
    assert_eq!(page.next, None);
    let mut lines: Vec<_> = page
        .charges
        .iter()
        .map(|line| {
            let amount = line.amount;
            (
                line.reference.as_str(),
                line.succeeded,
                amount,
                line.paid_back,
            )
        })
        .collect();
    lines.sort_unstable_by_key(|line| line.0);
    assert_eq!(
        lines,
        [
            ("declined", false, dollars(1000), 0),
            ("paid", true, dollars(1000), 500),
            ("secured", false, dollars(1000), 0),
        ]
    );
}

#[tokio::test]
async fn orders_are_paid_and_webhooks_heard() {
    let Some((_running, url)) = localstripe("orders").await else {
        return;
    };
    let (heard, mut hearing) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hear = Router::new().fallback(move |fields: HeaderMap, body: Bytes| {
        let heard = heard.clone();
        async move { heard.send((fields, body)).unwrap() }
    });
    tokio::spawn(async move { axum::serve(listener, hear).await.unwrap() });
    let hook = [
        ("url", format!("http://{address}/")),
        ("secret", WEBHOOK_SECRET.to_owned()),
    ];
    let hook: Vec<_> = hook.iter().map(|(k, v)| (*k, v.as_str())).collect();
    post(&url, "/_config/webhooks/ours", &hook).await;

    let mut shop = Shop::open().await;
    let mut config = shop.config.clone();
    config.payments.stripe_secret_key = Some(secret(SECRET_KEY));
    config.payments.stripe_url = url;
    shop.app = Arc::new(App::build(&config, platform(&shop.clock)).unwrap());
    let products = shop.plenty().await;
    let new = |method: &str| order(&[(&products[0], 2)], method);
    let placed = shop.order("k", &new("pm_card_visa")).await;
    assert_eq!(placed.status, 201, "{placed:?}");
    let declined = shop.order("l", &new("pm_card_chargeCustomerFail")).await;
    assert_eq!(declined.status, 402, "{declined:?}");
    assert_eq!(declined.json()["error"]["decline_code"], "card_declined");

    let verifier = Verifier::stripe(secret(WEBHOOK_SECRET));
    let mut told = HashMap::new();
    while told.len() < 2 {
        let (fields, body) = hearing.recv().await.unwrap();
        let field = fields["stripe-signature"].to_str().unwrap();
        let time = field.strip_prefix("t=").unwrap().split(',').next().unwrap();
        let now = time.parse().unwrap();
        if let Some(notice) = verifier.read(&fields, &body, now).unwrap() {
            told.insert(notice.charged.decline_code, notice.amount);
        }
        let other = Verifier::stripe(secret("another"));
        assert!(other.read(&fields, &body, now).is_err());
    }
    let total = new("pm_card_visa")["expected_total"]["amount"].as_i64();
    assert_eq!(told[&None], dollars(total.unwrap()));
    assert!(told.contains_key(&Some("card_declined".to_owned())));
}

/// What a scripted Stripe was asked: method, target, key, body.
type Asked = (Method, String, String, String);

#[derive(Clone, Default)]
struct Script {
    answers: Arc<Mutex<HashMap<String, (StatusCode, Value)>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Script {
    /// Starts it; its URL.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new().fallback(scripted).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        format!("http://{address}")
    }

    /// What it answers to a method and the beginning of a target.
    fn says(&self, asked: &str, status: u16, body: Value) {
        let status = StatusCode::from_u16(status).unwrap();
        let mut answers = self.answers.lock().unwrap();
        answers.insert(asked.to_owned(), (status, body));
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().drain(..).collect()
    }
}

async fn scripted(
    State(script): State<Script>,
    method: Method,
    uri: Uri,
    fields: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let text = |name: &str| {
        let field = fields.get(name).map(|field| field.to_str().unwrap());
        field.unwrap_or_default().to_owned()
    };
    assert_eq!(text("authorization"), format!("Bearer {SECRET_KEY}"));
    let target = uri.to_string();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let asked = format!("{method} {target}");
    let answers = script.answers.lock().unwrap();
    let longest = answers
        .iter()
        .filter(|(begins, _)| asked.starts_with(begins.as_str()))
        .max_by_key(|(begins, _)| begins.len());
    let (status, answer) = longest.map_or((StatusCode::NOT_FOUND, json!({})), |(_, answer)| {
        answer.clone()
    });
    let log = (method, target, text("idempotency-key"), body);
    script.asked.lock().unwrap().push(log);
    (status, axum::Json(answer))
}

fn intent(id: &str, created: i64, reference: &str) -> Value {
    json!({"id": id, "status": "succeeded", "created": created, "amount": 1000, "currency": "usd",
        "metadata": {"reference": reference}})
}

#[tokio::test]
async fn a_charge_is_one_form_under_our_key() {
    let script = Script::default();
    let stripe = client(&script.start().await);
    script.says("POST /v1/payment_intents", 200, intent("pi_1", 1, "r"));
    let paid = stripe.charge(&charge("r", "pm_card_visa")).await.unwrap();
    assert_eq!((paid.id.as_str(), paid.decline_code), ("pi_1", None));
    let form = "amount=1000&currency=usd&payment_method=pm_card_visa&\
        payment_method_types%5B%5D=card&confirm=true&metadata%5Breference%5D=r";
    assert_eq!(
        script.asked(),
        [(
            Method::POST,
            "/v1/payment_intents".to_owned(),
            "r".to_owned(),
            form.to_owned()
        )]
    );
    // What says nothing of a charge is no answer.
    for status in [400, 401, 404, 409, 429, 500, 503] {
        script.says("POST /v1/payment_intents", status, json!({"error": {}}));
        let charged = stripe.charge(&charge("r", "pm_card_visa")).await;
        assert!(charged.is_err(), "{status}");
    }
}

#[tokio::test]
async fn a_look_up_trusts_search_only_with_what_it_finds_or_after_its_time() {
    let since = DateTime::from_timestamp(1_000_000, 0).unwrap();
    let list = |created: &[i64], has_more: bool| {
        let data: Vec<_> = created
            .iter()
            .map(|created| intent(&format!("pi_{created}"), *created, "other"))
            .collect();
        json!({"data": data, "has_more": has_more})
    };
    // The list, and whether "nothing was charged" is known by it.
    for (first, next, known) in [
        (list(&[], false), list(&[], false), true),
        (list(&[1_000_005], false), list(&[], false), true),
        (list(&[1_000_005, 999_930], true), list(&[], false), true),
        (
            list(&[1_000_005, 999_950], true),
            list(&[999_900], true),
            true,
        ),
        (list(&[1_000_005], true), list(&[1_000_004], true), false),
        (list(&[1_000_601], true), list(&[1_000_600], true), true),
    ] {
        let script = Script::default();
        let stripe = client(&script.start().await);
        script.says("GET /v1/payment_intents/search", 200, list(&[], false));
        script.says("GET /v1/payment_intents?limit=100", 200, first.clone());
        let behind = "GET /v1/payment_intents?limit=100&expand%5B%5D=data.latest_charge&starting";
        script.says(behind, 200, next);
        let found = stripe.look_up("r", since).await;
        assert_eq!(found == Ok(None), known, "{first}: {found:?}");
        assert_eq!(found.is_err(), !known);
    }
    let script = Script::default();
    let stripe = client(&script.start().await);
    let hit = json!({"data": [intent("pi_1", 1, "r")]});
    script.says("GET /v1/payment_intents/search", 200, hit);
    let found = stripe.look_up("r", since).await.unwrap().unwrap();
    assert_eq!(found.id, "pi_1");
    let asked = script.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(
        asked[0]
            .1
            .ends_with("?query=metadata%5B%27reference%27%5D%3A%27r%27"),
        "{asked:?}"
    );
}
