//! OPTIONS, CORS, Accept, media types and sizes.

use super::*;
use crate::config::Cors;

const FIELDS: &str = "Content-Type, Idempotency-Key, X-Unknown";

fn preflight(path: &str, origin: &str) -> http::request::Builder {
    Request::options(path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", FIELDS)
}

fn closed(origins: &[&str], credentials: bool) -> Cors {
    Cors {
        origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        max_age_seconds: 60,
        credentials,
    }
}

fn restricted() -> Shop {
    let mut gateway = shop();
    gateway.cors = Some(closed(&["https://a.example"], true));
    let order = gateway
        .routes
        .iter_mut()
        .find(|route| route.name == "order-create");
    order.unwrap().cors = Some(closed(&["https://b.example"], false));
    let orders = Cell::default();
    start_before(gateway, move |request| origin(&orders, request))
}

#[tokio::test]
async fn options_tells_what_a_path_takes_to_anybody() {
    let shop = start();
    for (path, allow, accept_patch) in [
        ("/v2/orders", "GET, HEAD, OPTIONS, POST", ""),
        (
            "/products/1",
            "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
            "application/merge-patch+json, application/json-patch+json",
        ),
        (
            "/v1/products/1",
            "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
            "application/merge-patch+json",
        ),
        ("/problems/not_found", "GET, HEAD, OPTIONS", ""),
    ] {
        let answer = shop.send(Request::options(path), "").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.field("allow"), allow, "{path}");
        assert_eq!(answer.field("accept-patch"), accept_patch, "{path}");
        assert_eq!(answer.field("access-control-allow-methods"), "");
        assert_eq!(answer.field("ratelimit"), "");
    }
    let unknown = shop.send(Request::options("/nothing"), "").await;
    assert_eq!(unknown.status, 404);
    assert!(shop.seen.borrow().is_empty());
}

#[tokio::test]
async fn every_page_may_call_where_every_origin_may() {
    let shop = start();
    let answer = shop
        .send(preflight("/v2/orders", "https://any.example"), "")
        .await;
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, HEAD, OPTIONS, POST"),
        (
            "access-control-allow-headers",
            "content-type, idempotency-key",
        ),
        ("access-control-max-age", "7200"),
        ("access-control-allow-credentials", ""),
        ("vary", ""),
    ] {
        assert_eq!(answer.field(name), value, "{name}");
    }
    for path in [
        "/v2/products/1",
        "/v2/orders",
        "/v2/nothing",
        "/problems/not_found",
    ] {
        let request = Request::get(path).header("origin", "https://any.example");
        let answer = shop.send(request, "").await;
        assert_eq!(answer.field("access-control-allow-origin"), "*", "{path}");
        let exposed = answer.field("access-control-expose-headers");
        for name in [
            "etag",
            "location",
            "error-code",
            "retry-after",
            "sunset",
            "x-request-id",
        ] {
            assert!(exposed.split(", ").any(|known| known == name), "{name}");
        }
    }
    let plain = shop.get("/v2/products/1").await;
    assert_eq!(plain.field("access-control-allow-origin"), "*");
    assert_eq!(plain.field("access-control-expose-headers"), "");
}

#[tokio::test]
async fn a_policy_with_names_tells_only_those_and_varies() {
    let shop = restricted();
    for (path, origin, allowed) in [
        ("/v2/products/1", "https://a.example", true),
        ("/v2/products/1", "https://b.example", false),
        ("/v2/products/1", "https://a.example.evil", false),
        ("/v2/products/1", "null", false),
    ] {
        let request = Request::get(path).header("origin", origin);
        let answer = shop.send(request, "").await;
        assert_eq!(answer.status, 200);
        let told = answer.field("access-control-allow-origin");
        assert_eq!(told, if allowed { origin } else { "" }, "{origin}");
        let credentials = answer.field("access-control-allow-credentials");
        assert_eq!(credentials, if allowed { "true" } else { "" });
        assert_eq!(answer.field("vary"), "Origin");
    }
    // A route's own policy takes the place of the file's.
    for (origin, told) in [
        ("https://b.example", "https://b.example"),
        ("https://a.example", ""),
    ] {
        let answer = shop.send(preflight("/v2/orders", origin), "").await;
        assert_eq!(answer.status, 204);
        assert_eq!(answer.field("access-control-allow-origin"), told);
        assert_eq!(
            answer.field("access-control-allow-methods").is_empty(),
            told.is_empty()
        );
    }
}

#[tokio::test]
async fn accept_must_allow_json() {
    let shop = start();
    for (accept, status) in [
        ("*/*", 200),
        ("application/json", 200),
        ("application/problem+json", 200),
        ("text/html, */*;q=0.1", 200),
        ("application/vnd.headgate.v2+json", 200),
        ("text/html", 406),
        ("application/json;q=0, */*", 406),
    ] {
        let request = Request::get("/v2/products/1").header("accept", accept);
        let answer = shop.send(request, "").await;
        assert_eq!(answer.status, status, "{accept}");
        if status == 406 {
            assert_eq!(answer.field("error-code"), "not_acceptable");
            assert_eq!(answer.json()["produces"], json!(["application/json"]));
        }
    }
}

#[tokio::test]
async fn a_body_has_a_media_type_that_the_route_takes() {
    let shop = start();
    let order = |media_type: Option<&str>| {
        let request = Request::post("/v2/orders")
            .header("authorization", bearer(&json!({})))
            .header("idempotency-key", "k");
        match media_type {
            Some(media_type) => request.header("content-type", media_type),
            None => request,
        }
    };
    for media_type in [None, Some("text/plain"), Some("application/jsonx")] {
        let answer = shop.send(order(media_type), "{}").await;
        assert_eq!(answer.status, 415, "{media_type:?}");
        assert_eq!(answer.field("error-code"), "media_type_unsupported");
        assert_eq!(answer.field("accept"), "application/json");
        assert_eq!(answer.json()["accepted"], json!(["application/json"]));
        shop.memory.run_deferred().await;
    }
    assert_eq!(shop.calls("/orders"), 0);
    let answer = shop
        .send(order(Some("Application/JSON; charset=utf-8")), "{}")
        .await;
    assert_eq!(answer.status, 201);

    let patch = Request::patch("/v2/products/1")
        .header("authorization", bearer(&json!({"role": "admin"})))
        .header("content-type", "application/json");
    let answer = shop.send(patch, "{}").await;
    assert_eq!((answer.status, answer.field("accept")), (415, ""));
    assert_eq!(
        answer.field("accept-patch"),
        "application/merge-patch+json, application/json-patch+json"
    );
}

#[tokio::test]
async fn a_head_has_its_limits() {
    let shop = start();
    let long = format!("/v2/products?q={}", "x".repeat(9_000));
    let answer = shop.get(&long).await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (414, "uri_too_long")
    );
    for (name, bytes) in [
        ("x-large", 33_000),
        ("if-none-match", 2_001),
        ("prefer", 2_001),
    ] {
        let request = Request::get("/v2/products").header(name, "x".repeat(bytes));
        let answer = shop.send(request, "").await;
        assert_eq!(
            (answer.status, answer.field("error-code")),
            (431, "headers_too_large"),
            "{name}"
        );
    }
    assert!(shop.seen.borrow().is_empty());
}

#[tokio::test]
async fn a_body_of_a_get_is_ignored() {
    let shop = start();
    let get = Request::get("/v2/orders")
        .header("authorization", bearer(&json!({})))
        .header("content-type", "text/plain")
        .header("content-length", "5");
    assert_eq!(shop.send(get, "hello").await.status, 200);
    let seen = shop.seen.borrow();
    let request = seen.last().unwrap();
    assert!(request.body().is_empty());
    assert!(!request.headers().contains_key("content-length"));
    assert!(!request.headers().contains_key("content-type"));
}

#[tokio::test]
async fn each_answer_has_a_date_of_its_own() {
    let orders: Cell<u32> = Cell::default();
    let stored = "Fri, 15 Jan 2027 07:59:00 GMT";
    let shop = start_before(shop(), move |request| {
        let mut answer = origin(&orders, request);
        if request.uri().path() == "/products/1" {
            answer.headers_mut().insert("date", stored.parse().unwrap());
        }
        answer
    });
    for (waited_ms, now) in [
        (0, "Fri, 15 Jan 2027 08:00:00 GMT"),
        (7_000, "Fri, 15 Jan 2027 08:00:07 GMT"),
    ] {
        shop.memory.advance_ms(waited_ms);
        let answers = [
            shop.order("k", "{}").await,
            shop.get("/v2/orders").await,
            shop.get("/v2/rate_limit").await,
            shop.get("/problems/not_found").await,
        ];
        for answer in answers {
            assert_eq!(answer.field("date"), now, "{}", answer.status);
        }
        shop.memory.run_deferred().await;
        assert_eq!(shop.get("/v2/products/1").await.field("date"), stored);
    }
}

#[tokio::test]
async fn a_head_is_told_what_a_get_is() {
    let shop = start();
    for path in [
        "/v2/orders",
        "/v1/orders",
        "/v2/nothing",
        "/problems/not_found",
    ] {
        let get = shop.get(path).await;
        let head = shop.send(Request::head(path), "").await;
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(head.field("vary"), get.field("vary"), "{path}");
        let length = get.body.len().to_string();
        assert_eq!(head.field("content-length"), length, "{path}");
    }
}
