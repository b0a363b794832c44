//! Version 1 through the whole pipeline: up, down, its copies, its replays, its end.

use super::*;
use crate::config::{Brownout, Moment};

const V1_ACCEPT: &str = "application/vnd.headgate.v1+json";

/// Speaks version 2 only, as the real one does.
fn origin(request: &Request<Bytes>) -> Response<Bytes> {
    let product = json!({"object": "product", "id": "prd_1", "name": "Sencha 🍵",
        "price": {"amount": 2_999, "currency": "USD"}, "version": 3});
    let order = json!({"object": "order", "id": "ord_1", "status": "confirmed",
        "total": {"amount": 5_998, "currency": "USD"}, "items": []});
    let json = |status: u16, body: &Value| {
        let body = body.to_string();
        Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("content-length", body.len())
            .body(Bytes::from(body))
            .unwrap()
    };
    let with = |mut response: Response<Bytes>, fields: &[(&'static str, &'static str)]| {
        for (name, value) in fields {
            response.headers_mut().append(*name, value.parse().unwrap());
        }
        response
    };
    let problem = |status: u16, body: Value| {
        let mut response = json(status, &body);
        let media_type = shared::problem::MEDIA_TYPE.parse().unwrap();
        response.headers_mut().insert("content-type", media_type);
        response
    };
    let cached = [
        ("cache-control", "public, max-age=0, must-revalidate"),
        ("cdn-cache-control", "max-age=3600"),
        ("etag", "\"3-low\""),
    ];
    match (request.method().as_str(), request.uri().path()) {
        (_, "/.well-known/jwks.json") => super::origin(&Cell::default(), request),
        ("GET", "/products/prd_1") => with(json(200, &product), &cached),
        ("GET", "/products") => {
            let list = json!({"object": "list", "data": [product], "has_more": false});
            with(
                json(200, &list),
                &[cached[0], cached[1], ("link", "<?a=1>; rel=\"next\"")],
            )
        }
        ("PATCH", "/products/prd_1") => {
            if request.headers().get("if-match").unwrap() == "\"3-low\"" {
                with(json(200, &product), &[("etag", "\"4-low\"")])
            } else {
                let detail = "Its ETag is \"3-low\" now.";
                let stale = problem(
                    412,
                    json!({"code": "precondition_failed", "detail": detail, "errors": [],
                        "error": {"message": detail}, "current_etag": "\"3-low\""}),
                );
                with(stale, &[("etag", "\"3-low\"")])
            }
        }
        ("POST", "/orders") if request.body().as_ref().starts_with(b"{\"expected_total\"") => {
            problem(
                409,
                json!({"code": "price_changed", "total": {"amount": 1, "currency": "USD"},
                    "errors": [{"pointer": "/expected_total/amount"}]}),
            )
        }
        ("POST", "/orders") => with(
            json(201, &order),
            &[
                ("etag", "\"2\""),
                ("location", "/orders/ord_1"),
                (shared::header::COMMITTED, "true"),
            ],
        ),
        ("GET", "/orders/ord_1") => with(json(200, &order), &[("etag", "\"2\"")]),
        _ => problem(404, json!({"code": "not_found", "errors": []})),
    }
}

fn start() -> Shop {
    start_before(shop(), origin)
}

fn order(key: &str) -> http::request::Builder {
    Request::post("/v1/orders")
        .header("authorization", bearer(&json!({})))
        .header("idempotency-key", key)
        .header("content-type", "application/json")
}

fn patch(path: &str, media_type: &str) -> http::request::Builder {
    Request::patch(path)
        .header("authorization", bearer(&json!({"role": "admin"})))
        .header("content-type", media_type)
}

#[tokio::test]
async fn both_versions_share_a_copy_and_differ_in_shape_and_tag() {
    let shop = start();
    let second = shop.get("/v2/products/prd_1").await;
    shop.memory.run_deferred().await;
    let first = shop.get("/v1/products/prd_1").await;
    assert_eq!(shop.calls("/products/prd_1"), 1);
    assert_eq!(
        String::from_utf8(first.body.clone()).unwrap(),
        r#"{"object":"product","id":"prd_1","name":"Sencha 🍵","price":"29.99","currency":"USD","version":3}"#
    );
    assert_eq!(second.json()["price"]["amount"], 2_999);
    assert_eq!(
        (first.field("etag"), second.field("etag")),
        ("\"3-low.v1\"", "\"3-low\"")
    );
    assert_eq!(
        (first.field("api-version"), second.field("api-version")),
        ("v1", "v2")
    );
    assert_eq!(first.field("content-type"), "application/json");
    let list = shop.get("/v1/products").await;
    assert_eq!(list.json()["data"][0]["price"], "29.99");
}

#[tokio::test]
async fn a_version_by_accept_varies_and_leaves_the_media_type() {
    let shop = start();
    let request = Request::get("/products/prd_1").header("accept", V1_ACCEPT);
    let answer = shop.send(request, "").await;
    assert_eq!(answer.json()["price"], "29.99");
    assert_eq!(answer.field("content-type"), "application/json");
    assert_eq!(answer.field("vary"), "Accept-Encoding, Accept");
    let by_path = shop.get("/v1/products/prd_1").await;
    assert_eq!(by_path.field("vary"), "Accept-Encoding");
    let seen = shop.seen.borrow();
    assert_eq!(seen[0].headers()["accept"], "application/json");
}

#[tokio::test]
async fn conditions_hold_within_a_version_only() {
    let shop = start();
    for (path, tag, status) in [
        ("/v1/products/prd_1", "\"3-low.v1\"", 304),
        ("/v1/products/prd_1", "\"3-low\"", 200),
        ("/v1/products/prd_1", "*", 304),
        ("/v2/products/prd_1", "\"3-low\"", 304),
        ("/v2/products/prd_1", "\"3-low.v1\"", 200),
    ] {
        let request = Request::get(path).header("if-none-match", tag);
        let answer = shop.send(request, "").await;
        assert_eq!(answer.status, status, "{path} {tag}");
        let own = if path.starts_with("/v1") {
            "\"3-low.v1\""
        } else {
            "\"3-low\""
        };
        assert_eq!(answer.field("etag"), own, "{path} {tag}");
    }
    let merge = "application/merge-patch+json";
    for (path, tag, status) in [
        ("/v1/products/prd_1", "\"3-low.v1\"", 200),
        ("/v1/products/prd_1", "\"3-low\"", 412),
        ("/v2/products/prd_1", "\"3-low.v1\"", 412),
    ] {
        let request = patch(path, merge).header("if-match", tag);
        let answer = shop.send(request, r#"{"price":"1.00"}"#).await;
        assert_eq!(answer.status, status, "{path} {tag}");
    }
    let seen = shop.seen.borrow();
    let first = seen.iter().find(|request| request.method() == "PATCH");
    assert_eq!(
        first.unwrap().body().as_ref(),
        br#"{"price":{"amount":100}}"#
    );
}

#[tokio::test]
async fn a_refusal_speaks_the_clients_version() {
    let shop = start();
    let merge = "application/merge-patch+json";
    let stale = patch("/v1/products/prd_1", merge).header("if-match", "\"1.v1\"");
    let answer = shop.send(stale, "{}").await;
    assert_eq!(answer.json()["current_etag"], "\"3-low.v1\"");
    assert_eq!(answer.json()["detail"], "Its ETag is \"3-low.v1\" now.");
    assert_eq!(answer.field("etag"), "\"3-low.v1\"");

    let body = r#"{"expected_total":"0.02","currency":"USD"}"#;
    let changed = shop.send(order("a"), body).await.json();
    assert_eq!(changed["total"], "0.01");
    assert_eq!(changed["errors"][0]["pointer"], "/expected_total");

    let body = r#"{"expected_total":"0.0001","currency":"USD"}"#;
    let refused = shop.send(order("b"), body).await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (400, "body_invalid")
    );
    let fault = &refused.json()["errors"][0];
    assert_eq!(
        (&fault["pointer"], &fault["code"]),
        (&json!("/expected_total"), &json!("format"))
    );
    assert!(fault["fix"].as_str().unwrap().contains("2 digits"));
    assert_eq!(refused.json()["outcome"], "not_applied");
    shop.memory.run_deferred().await;
    assert_eq!(
        shop.send(order("b"), "{}").await.status,
        201,
        "the key is free"
    );
}

#[tokio::test]
async fn version_1_takes_no_json_patch() {
    let shop = start();
    for (path, status, accepted) in [
        ("/v1/products/prd_1", 415, "application/merge-patch+json"),
        ("/v2/products/prd_1", 200, ""),
    ] {
        let request = patch(path, "application/json-patch+json").header("if-match", "\"3-low\"");
        let answer = shop.send(request, "[]").await;
        assert_eq!(
            (answer.status, answer.field("accept-patch")),
            (status, accepted)
        );
    }
}

#[tokio::test]
async fn a_replay_repeats_the_bytes_of_its_version() {
    let shop = start();
    let first = shop.send(order("k"), r#"{"note":"x"}"#).await;
    assert_eq!(first.json()["status"], "complete");
    assert_eq!(
        (&first.json()["total"], first.field("etag")),
        (&json!("59.98"), "\"2.v1\"")
    );
    shop.memory.run_deferred().await;
    let again = shop.send(order("k"), r#"{ "note": "x" }"#).await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    assert_eq!(again.field("idempotent-replayed"), "true");
    assert_eq!(
        (again.field("etag"), again.field("location")),
        ("\"2.v1\"", "/orders/ord_1")
    );
    assert!(again.field("deprecation").starts_with('@'));
    let other = Request::post("/v2/orders")
        .header("authorization", bearer(&json!({})))
        .header("idempotency-key", "k")
        .header("content-type", "application/json");
    let other = shop.send(other, r#"{"note":"x"}"#).await;
    assert_eq!(other.json()["differing"], json!(["API version"]));
}

#[tokio::test]
async fn the_origin_is_told_what_the_client_sent() {
    let shop = start();
    let body = r#"{"expected_total":"1","currency":"JPY"}"#;
    shop.send(order("k"), body).await;
    let seen = shop.seen.borrow();
    let request = seen.last().unwrap();
    assert_eq!(
        request.body().as_ref(),
        br#"{"expected_total":{"amount":1,"currency":"JPY"}}"#
    );
    let keys: AssertionKeys = SECRET.parse().unwrap();
    let assertion = request.headers()[shared::header::ASSERTION]
        .to_str()
        .unwrap();
    let now = i64::try_from(NOW / 1000).unwrap();
    let asserted = keys.verify(assertion, "POST", "/orders", now).unwrap();
    assert_eq!(asserted.api_version, "v1");
    assert_eq!(asserted.prefix, "/v1");
    let print = shared::idempotency::Fingerprint::of(
        "POST",
        "/orders",
        None,
        Some("application/json"),
        "v1",
        body.as_bytes(),
    );
    assert_eq!(asserted.fingerprint, Some(print));
}

#[tokio::test]
async fn a_deprecated_version_says_so_in_every_answer() {
    let shop = start();
    for path in ["/v1/products?limit=1", "/v1/nothing"] {
        let answer = shop.get(path).await;
        assert_eq!(answer.field("deprecation"), "@1782864000");
        assert_eq!(answer.field("sunset"), "Thu, 01 Jul 2027 00:00:00 GMT");
        let links: Vec<_> = answer.fields.get_all("link").iter().collect();
        let ours = links.last().unwrap().to_str().unwrap();
        let successor = path.replace("v1", "v2");
        assert_eq!(
            ours,
            format!(
                "<{successor}>; rel=\"successor-version\", \
                 <https://shop.example/versions/v1>; rel=\"deprecation\"; type=\"text/html\""
            )
        );
        assert_eq!(links.len(), if answer.status == 200 { 2 } else { 1 });
    }
    assert_eq!(shop.get("/v2/products").await.field("deprecation"), "");
    let page = shop.get("/versions/v1").await;
    assert_eq!(
        (page.status, page.field("content-type")),
        (200, "text/html; charset=utf-8")
    );
}

#[tokio::test]
async fn a_version_is_switched_off_and_then_gone() {
    let moment = |text: &str| serde_json::from_value::<Moment>(text.into()).unwrap();
    let mut gateway = shop();
    gateway.versions.get_mut("v1").unwrap().brownouts = vec![Brownout {
        from: moment("2027-01-15T07:00:00Z"),
        to: moment("2027-01-15T08:00:30Z"),
    }];
    let shop = start_before(gateway, origin);
    let off = shop.get("/v1/products").await;
    assert_eq!(
        (off.status, off.field("error-code")),
        (503, "api_version_brownout")
    );
    assert_eq!(off.field("retry-after"), "30");
    assert_eq!(off.json()["successor"], "v2");
    shop.memory.advance_ms(30_000);
    assert_eq!(shop.get("/v1/products").await.status, 200);
    shop.memory.advance_ms(200 * 24 * 60 * 60 * 1000);
    let gone = shop.get("/v1/products").await;
    assert_eq!(
        (gone.status, gone.field("error-code")),
        (410, "api_version_retired")
    );
    assert_eq!(shop.get("/v2/products").await.status, 200);
}

#[tokio::test]
async fn an_account_learns_what_it_still_uses() {
    let shop = start();
    let mine = |path: &str| Request::get(path).header("authorization", bearer(&json!({})));
    for path in ["/v1/orders/ord_1", "/v1/orders/ord_1", "/v2/orders/ord_1"] {
        shop.send(mine(path), "").await;
    }
    shop.memory.run_deferred().await;
    let report = shop.send(mine("/v2/account/deprecations"), "").await;
    assert_eq!(
        (report.status, report.field("cache-control")),
        (200, "private, no-store")
    );
    let expected = json!({"object": "list", "has_more": false, "next_cursor": null, "data": [{
        "object": "deprecation", "api_version": "v1", "route": "order", "method": "GET",
        "path": "/orders/{id}", "successor": "/v2/orders/{id}", "requests": 1,
        "deprecated_at": "2026-07-01T00:00:00Z", "sunset_at": "2027-07-01T00:00:00Z",
        "last_used_at": "2027-01-15T08:00:00.000Z"}]});
    assert_eq!(report.json(), expected);
    shop.memory.advance_ms(60_000);
    shop.send(mine("/v1/orders/ord_1"), "").await;
    shop.memory.run_deferred().await;
    let report = shop.send(mine("/account/deprecations"), "").await.json();
    assert_eq!(report["data"][0]["requests"], 3);
    let other = Request::get("/account/deprecations")
        .header("authorization", bearer(&json!({"sub": "usr_2"})));
    assert_eq!(shop.send(other, "").await.json()["data"], json!([]));

    shop.memory.set_faults(Faults {
        usage_down: true,
        ..Faults::default()
    });
    let down = shop.send(mine("/account/deprecations"), "").await;
    assert_eq!((down.status, down.field("retry-after")), (503, "1"));
    assert_eq!(shop.send(mine("/v1/orders/ord_1"), "").await.status, 200);
}

#[tokio::test]
async fn orders_are_asked_for_in_the_clients_words() {
    let shop = start();
    for (version, query) in [("v1", "status=complete"), ("v2", "status=confirmed")] {
        let get = Request::get(format!("/{version}/orders?{query}"))
            .header("authorization", bearer(&json!({})));
        shop.send(get, "").await;
        let seen = shop.seen.borrow();
        let asked = seen
            .iter()
            .rfind(|request| request.uri().path() == "/orders");
        assert_eq!(asked.unwrap().uri().query(), Some("status=confirmed"));
    }
}
