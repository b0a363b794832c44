//! What is told of requests: lines, sums and spans, sampled, in batches, to collectors that may be down.

use super::*;
use crate::config::Share;
use crate::seen::queue::ITEMS_MAX;

const LOGS: &str = "http://logs.example/in";
const COLLECTOR: &str = "http://collector.example:4318/";

/// A shop whose collectors answer with this status.
fn told(share: u32, metrics: bool, status: &Rc<Cell<u16>>) -> Shop {
    let mut gateway = shop();
    gateway.access_log.sample = Share::millionths(share);
    gateway.access_log.metrics = metrics;
    gateway.traces.sample = Share::millionths(500_000);
    let (orders, status) = (Cell::default(), Rc::clone(status));
    let mut shop = start_before(gateway, move |request| match request.uri().host() {
        Some("logs.example" | "collector.example") => Response::builder()
            .status(status.get())
            .body(Bytes::new())
            .unwrap(),
        _ => origin(&orders, request),
    });
    let variables = |name: &str| match name {
        "ACCESS_LOG_URL" => Some(LOGS.to_owned()),
        "ACCESS_LOG_HEADERS" => Some("x-one=1, authorization=Basic a=".to_owned()),
        "OTEL_EXPORTER_OTLP_ENDPOINT" => Some(COLLECTOR.to_owned()),
        _ => None,
    };
    shop.isolate.tell_to(variables).unwrap();
    shop
}

/// What a collector got, each batch as text.
fn batches(shop: &Shop, url: &str) -> Vec<String> {
    let seen = shop.seen.borrow();
    let to = seen.iter().filter(|request| request.uri() == url);
    to.map(|request| {
        assert_eq!(request.method(), "POST");
        String::from_utf8(request.body().to_vec()).unwrap()
    })
    .collect()
}

fn lines(batch: &str) -> Vec<Value> {
    batch
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[tokio::test]
async fn errors_always_have_their_line_and_sums_count_all() {
    let shop = told(0, true, &Rc::new(Cell::new(200)));
    for _ in 0..20 {
        assert_eq!(shop.get("/v2/products/1").await.status, 200);
    }
    assert_eq!(shop.get("/v2/orders").await.status, 401);
    assert_eq!(shop.get("/v2/made-up").await.status, 404);
    let log = shop.memory.take_log().join("\n");
    let statuses: Vec<_> = lines(&log)
        .iter()
        .map(|line| line["status"].clone())
        .collect();
    assert_eq!(statuses, [401, 404]);
    shop.memory.run_deferred().await;
    let log = shop.memory.take_log().join("\n");
    let sums = lines(&log);
    assert_eq!(sums.len(), 1, "{log}");
    let requests: u64 = sums[0]["metrics"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["requests"].as_u64().unwrap())
        .sum();
    assert_eq!(requests, 22);
}

#[tokio::test]
async fn a_share_of_what_went_well_says_so() {
    let shop = told(250_000, false, &Rc::new(Cell::new(200)));
    for _ in 0..400 {
        shop.get("/v2/products/1").await;
        shop.memory.advance_ms(100);
    }
    let log = shop.memory.take_log();
    assert!((50..150).contains(&log.len()), "{}", log.len());
    assert!(
        lines(&log.join("\n"))
            .iter()
            .all(|line| line["sample"] == 0.25)
    );
}

#[tokio::test]
async fn lines_are_shipped_in_batches_behind_answers() {
    let shop = told(1_000_000, false, &Rc::new(Cell::new(204)));
    for _ in 0..3 {
        shop.get("/v2/products/1").await;
    }
    assert_eq!(batches(&shop, LOGS), [""; 0], "nobody waits for it");
    shop.memory.run_deferred().await;
    let log = shop.memory.take_log();
    assert_eq!(batches(&shop, LOGS), [log.join("\n") + "\n"]);
    let seen = shop.seen.borrow();
    let sent = seen.iter().find(|request| request.uri() == LOGS).unwrap();
    for (name, value) in [
        ("content-type", "application/x-ndjson"),
        ("x-one", "1"),
        ("authorization", "Basic a="),
    ] {
        assert_eq!(sent.headers()[name], value);
    }
}

#[tokio::test]
async fn a_collector_that_is_down_costs_lines_beyond_the_bound_and_nobody_else_anything() {
    let status = Rc::new(Cell::new(503));
    let shop = told(1_000_000, false, &status);
    let requests = ITEMS_MAX + 25;
    for _ in 0..requests {
        assert_eq!(shop.get("/v2/products/1").await.status, 200);
        shop.memory.advance_ms(50);
    }
    shop.memory.run_deferred().await;
    let before = batches(&shop, LOGS).len();
    status.set(200);
    assert_eq!(shop.get("/v2/products/1").await.status, 200);
    shop.memory.run_deferred().await;
    let arrived = lines(&batches(&shop, LOGS).split_off(before).concat());
    let dropped: u64 = arrived
        .iter()
        .filter_map(|line| line["lines_dropped"].as_u64())
        .sum();
    let told = arrived
        .iter()
        .filter(|line| line["request_id"].is_string())
        .count();
    assert_eq!(told, ITEMS_MAX);
    assert_eq!(dropped, 26, "each one that did not fit");
}

#[tokio::test]
async fn requests_of_kept_traces_are_spans() {
    let shop = told(1_000_000, false, &Rc::new(Cell::new(200)));
    let trace = |last: &str, flags: &str| {
        let field = format!("00-0af7651916cd43dd8448eb21{last}-b7ad6b7169203331-{flags}");
        Request::get("/v2/products/1").header("traceparent", field)
    };
    for (last, flags) in [("00000001", "01"), ("00000002", "00"), ("ffffffff", "01")] {
        shop.send(trace(last, flags), "").await;
    }
    shop.memory.run_deferred().await;
    let url = format!("{COLLECTOR}v1/traces");
    let sent = batches(&shop, &url);
    assert_eq!(sent.len(), 1);
    let document: Value = serde_json::from_str(&sent[0]).unwrap();
    let spans = document["resourceSpans"][0]["scopeSpans"][0]["spans"]
        .as_array()
        .unwrap();
    assert_eq!(spans.len(), 1, "{document}");
    assert_eq!(spans[0]["traceId"], "0af7651916cd43dd8448eb2100000001");
    assert_eq!(spans[0]["parentSpanId"], "b7ad6b7169203331");
    assert_eq!(spans[0]["name"], "GET product");
    // The origin continues this very span, and is told whether the trace is kept.
    let seen = shop.seen.borrow();
    let parents: Vec<_> = seen
        .iter()
        .filter_map(|request| request.headers().get("traceparent")?.to_str().ok())
        .collect();
    let ours = spans[0]["spanId"].as_str().unwrap();
    assert_eq!(
        parents[0],
        format!("00-0af7651916cd43dd8448eb2100000001-{ours}-01")
    );
}

#[test]
fn what_is_no_url_is_told_at_the_start() {
    let mut shop = start();
    for wrong in ["logs.example", "/in"] {
        let fault = shop
            .isolate
            .tell_to(|name| (name == "ACCESS_LOG_URL").then(|| wrong.to_owned()));
        assert!(fault.unwrap_err().starts_with("ACCESS_LOG_URL"), "{wrong}");
    }
    let headers = |name: &str| match name {
        "ACCESS_LOG_URL" => Some(LOGS.to_owned()),
        "ACCESS_LOG_HEADERS" => Some("no value".to_owned()),
        _ => None,
    };
    assert!(shop.isolate.tell_to(headers).is_err());
}
