//! Being seen: one trace from the edge to mail, webhook, push and purge in a collector's output, and the access log where it
//! is shipped to.

mod collector;
mod hooks;
mod logs;

use std::collections::{HashMap, HashSet};

use reqwest::StatusCode;
use serde_json::Value;
use tests::shop::Shop;
use tests::wait::until;

use collector::Collector;
use logs::Receiver;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CLIENT: &str = "b7ad6b7169203331";

/// By whom, and how it is called there.
const SPANS: [(&str, &str); 14] = [
    ("headgate-edge", "POST order-create"),
    ("headgate-origin", "POST /orders"),
    ("headgate-origin", "database place"),
    ("headgate-origin", "provider charge"),
    ("headgate-origin", "database settle"),
    ("headgate-origin", "relay order.confirmed"),
    ("headgate-origin", "email order.confirmed"),
    ("headgate-origin", "mail send"),
    ("headgate-origin", "webhook send"),
    ("headgate-origin", "push send"),
    ("headgate-origin", "relay product.updated"),
    ("headgate-origin", "purge product.updated"),
    ("headgate-origin", "purge tell"),
    ("headgate-edge", "POST feed"),
];

/// An order that takes its product's last units, so that the edge has to be told.
async fn an_order_of_the_last(shop: &Shop) -> Value {
    let order = shop.an_order("pm_card_visa").await;
    shop.execute("update inventory set available = 11").await;
    order
}

/// It is a tree below the client's span, and no span's parent is missing; each ended, and none failed.
fn is_a_tree(spans: &[Value]) {
    let parents: HashMap<&str, &str> = spans
        .iter()
        .map(|span| {
            (
                span["span"].as_str().unwrap(),
                span["parent"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(parents.len(), spans.len(), "each span comes once");
    for span in spans {
        let mut at = span["span"].as_str().unwrap();
        let mut passed = HashSet::new();
        while at != CLIENT {
            assert!(passed.insert(at), "a circle at {at}");
            at = parents
                .get(at)
                .unwrap_or_else(|| panic!("{at} is missing above {span}"));
        }
        assert!(span["ended"].as_u64() >= span["began"].as_u64(), "{span}");
        assert_eq!(span["failed"], false, "{span}");
    }
}

#[tokio::test]
async fn an_order_is_one_trace_from_edge_to_mail_webhook_push_and_purge() {
    let Some(collector) = Collector::start() else {
        return;
    };
    let shop = Shop::start_seen(&collector.url(), None).await;
    let receivers = hooks::listen(&shop).await;
    let order = an_order_of_the_last(&shop).await;
    let request = shop
        .order_request("seen", &order)
        .header("traceparent", format!("00-{TRACE}-{CLIENT}-01"));
    let placed = tests::answer::Answer::to(request).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text());
    let id = placed.json()["id"].as_str().unwrap().to_owned();

    let spans = until("the whole trace", || async {
        let spans = collector.spans(TRACE);
        let has = |(service, name)| {
            let mut all = spans.iter();
            all.any(|span| span["service"] == service && span["name"] == name)
        };
        SPANS.into_iter().all(has).then_some(spans)
    })
    .await;

    is_a_tree(&spans);
    let named = |name: &str| {
        let found = spans.iter().find(|span| span["name"] == name);
        found.unwrap_or_else(|| panic!("{name}"))
    };
    // Who caused what.
    for (child, parent) in [
        ("POST /orders", "POST order-create"),
        ("database place", "POST /orders"),
        ("mail send", "email order.confirmed"),
        ("email order.confirmed", "relay order.confirmed"),
        ("relay order.confirmed", "POST /orders"),
        ("webhook send", "POST /orders"),
        ("push send", "POST /orders"),
        ("purge tell", "purge product.updated"),
        ("POST feed", "purge tell"),
    ] {
        for span in spans.iter().filter(|span| span["name"] == child) {
            let above = spans.iter().find(|one| one["span"] == span["parent"]);
            assert_eq!(above.unwrap()["name"], parent, "{span}");
        }
    }
    let request_id = placed.field("x-request-id");
    let facts = &named("POST order-create")["facts"];
    assert_eq!(facts["headgate.request_id"], request_id);
    assert_eq!(facts["http.response.status_code"], 201);
    assert_eq!(
        named("mail send")["facts"]["headgate.order_id"],
        id.as_str()
    );

    for (name, receiver) in ["webhook send", "push send"].into_iter().zip(&receivers) {
        let facts = &named(name)["facts"];
        assert_eq!(facts["headgate.receiver"], receiver.as_str());
        assert_eq!(facts["http.response.status_code"], "204");
        assert_eq!(facts["headgate.try"], "1");
    }

    // Nothing that is secret, and nobody's address.
    let all = serde_json::to_string(&spans).unwrap();
    for secret in [
        shop.customer_token.as_str(),
        "Main St",
        "ada@example.com",
        "pm_card_visa",
        "/hook",
        "/browser",
    ] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert_eq!(collector.complaints(), "");
    let counted = shop.client.get(format!("{}/metrics", shop.origin_url()));
    let metrics = counted.send().await.unwrap().text().await.unwrap();
    assert!(
        metrics.contains("headgate_spans_total{state=\"dropped\"} 0"),
        "{metrics}"
    );

    // The same request, as the database has it.
    let told = shop.explain(request_id);
    assert_eq!(told["trace_id"], TRACE);
    let steps = told["steps"].as_array().unwrap();
    let mailed = |step: &Value| {
        step["facts"]["consumer"] == "email" && step["facts"]["type"] == "order.confirmed"
    };
    assert!(steps.iter().any(mailed), "{told}");
}

/// The provider charges nothing and knows of nothing, so the completer asks again and again, and the stock goes
/// back when its time is over.
#[tokio::test]
async fn what_is_done_without_the_client_is_in_its_trace() {
    let Some(collector) = Collector::start() else {
        return;
    };
    let hasty = [
        ("PROVIDER_TIMEOUT_SECONDS", "1"),
        ("RESERVATION_SECONDS", "6"),
    ];
    let shop = Shop::start_seen_with(&collector.url(), None, &hasty).await;
    let order = shop.an_order("pm_card_unavailable").await;
    let request = shop
        .order_request("left", &order)
        .header("traceparent", format!("00-{TRACE}-{CLIENT}-01"));
    let left = tests::answer::Answer::to(request).await;
    assert_eq!(left.field("error-code"), "operation_uncertain");
    let spans = until("completer and sweeper", || async {
        let spans = collector.spans(TRACE);
        let has = |name| spans.iter().any(|span| span["name"] == name);
        (has("complete order") && has("database sweep")).then_some(spans)
    })
    .await;
    let above = |name: &str| {
        let span = spans.iter().find(|span| span["name"] == name).unwrap();
        let above = spans.iter().find(|one| one["span"] == span["parent"]);
        (
            span["failed"] == true,
            above.map(|span| span["name"].clone()),
        )
    };
    assert_eq!(above("complete order"), (true, Some("POST /orders".into())));
    assert_eq!(above("sweep order"), (false, Some("POST /orders".into())));
    assert_eq!(above("database sweep"), (false, Some("sweep order".into())));
    assert_eq!(collector.complaints(), "");
}

#[tokio::test]
async fn a_trace_that_its_client_does_not_want_is_not_kept() {
    let Some(collector) = Collector::start() else {
        return;
    };
    let shop = Shop::start_seen(&collector.url(), None).await;
    for flags in ["00", "01"] {
        let read = shop
            .request("GET", "/v2/orders")
            .bearer_auth(&shop.customer_token)
            .header("traceparent", format!("00-{TRACE}-{CLIENT}-{flags}"));
        assert_eq!(read.send().await.unwrap().status(), StatusCode::OK);
    }
    let spans = until("the second one's spans", || async {
        let spans = collector.spans(TRACE);
        (spans.len() >= 2).then_some(spans)
    })
    .await;
    let names: HashSet<_> = spans
        .iter()
        .map(|span| span["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, HashSet::from(["GET orders", "GET /orders"]));
    assert_eq!(spans.len(), 2, "{spans:?}");
}

/// The collector is a port that nobody listens on.
#[tokio::test]
async fn nobody_waits_for_a_collector_that_is_gone() {
    let port = xtask::ports::free().unwrap();
    let nowhere = format!("http://127.0.0.1:{port}");
    let shop = Shop::start_seen(&nowhere, Some(&format!("{nowhere}/in"))).await;
    let order = shop.an_order("pm_card_visa").await;
    let placed = shop.order("gone", &order).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text());
    until("what was dropped is counted", || async {
        let counted = shop.client.get(format!("{}/metrics", shop.origin_url()));
        let text = counted.send().await.unwrap().text().await.unwrap();
        let line = "headgate_spans_total{state=\"dropped\"} ";
        let dropped = text.lines().find_map(|one| one.strip_prefix(line))?;
        (dropped != "0").then_some(())
    })
    .await;
}

#[tokio::test]
async fn the_access_log_is_shipped_in_batches() {
    let receiver = Receiver::open().await;
    let shop = Shop::start_seen("", Some(&receiver.url())).await;
    let order = shop.an_order("pm_card_visa").await;
    let placed = shop.order("shipped", &order).await;
    assert_eq!(placed.status, StatusCode::CREATED, "{}", placed.text());
    let refused = shop.get("/v2/orders").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    let lines = until("both lines", || async {
        let lines = receiver.lines();
        let has = |answer: &tests::answer::Answer| {
            let id = answer.field("x-request-id");
            lines.iter().any(|line| line["request_id"] == id)
        };
        (has(&placed) && has(&refused)).then_some(lines)
    })
    .await;
    let line = |answer: &tests::answer::Answer| {
        let id = answer.field("x-request-id");
        let mut of_it = lines.iter().filter(|line| line["request_id"] == id);
        let line = of_it.next().unwrap();
        assert!(of_it.next().is_none(), "once");
        line
    };
    assert_eq!(line(&placed)["route"], "order-create");
    assert_eq!(line(&refused)["error_code"], "token_missing");
    let batches = receiver.batches();
    assert!(
        batches < lines.len(),
        "{batches} batches of {}",
        lines.len()
    );

    // A receiver that fails for a while costs nothing.
    receiver.fail(true);
    let during = shop.get("/v2/made-up").await;
    until("it was asked", || async { receiver.failed().then_some(()) }).await;
    receiver.fail(false);
    let after = shop.get("/v2/made-up").await;
    until("what it did not take comes again", || async {
        let lines = receiver.lines();
        [&during, &after]
            .into_iter()
            .all(|answer| {
                let id = answer.field("x-request-id");
                lines.iter().any(|line| line["request_id"] == id)
            })
            .then_some(())
    })
    .await;
}
