//! gzip and br: bodies that come in, answers that go out, and the tags of both.

use super::*;
use crate::platform::memory::encoders::{brotli, gzip};

/// A long list, a short product, and an order that repeats what it was sent.
fn origin(request: &Request<Bytes>) -> Response<Bytes> {
    let json = |status: u16, body: String| {
        Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("content-length", body.len())
            .header("cdn-cache-control", "max-age=3600")
            .header("etag", "\"3\"")
            .body(Bytes::from(body))
            .unwrap()
    };
    match (request.method().as_str(), request.uri().path()) {
        (_, "/.well-known/jwks.json") => super::origin(&Cell::default(), request),
        ("GET", "/products") => json(200, format!("{:?}", "a list ".repeat(500))),
        ("GET", "/products/prd_1") => json(200, "{}".into()),
        ("PATCH", _) => json(412, format!("{:?}", "stale ".repeat(500))),
        ("POST", "/orders") => {
            let mut created = json(201, String::from_utf8_lossy(request.body()).into());
            let committed = "true".parse().unwrap();
            created
                .headers_mut()
                .insert(shared::header::COMMITTED, committed);
            created
        }
        _ => json(404, "{}".into()),
    }
}

fn start() -> Shop {
    start_before(shop(), origin)
}

fn get(path: &str, codings: &str) -> http::request::Builder {
    Request::get(path).header("accept-encoding", codings)
}

fn order(key: &str, coding: &str) -> http::request::Builder {
    Request::post("/v2/orders")
        .header("authorization", bearer(&json!({})))
        .header("idempotency-key", key)
        .header("content-type", "application/json")
        .header("content-encoding", coding)
}

#[tokio::test]
async fn an_answer_is_encoded_when_it_is_worth_it() {
    let shop = start();
    // A miss and hits alike.
    for (path, codings, coding, tag) in [
        ("/v2/products", "gzip", "gzip", "\"3.gz\""),
        ("/v2/products", "br, gzip", "br", "\"3.br\""),
        ("/v1/products", "br", "br", "\"3.v1.br\""),
        ("/v2/products", "identity", "", "\"3\""),
        ("/v2/products", "zstd", "", "\"3\""),
        ("/v2/products/prd_1", "gzip", "", "\"3\""),
        (
            "/v2/products/prd_1",
            "gzip, identity;q=0",
            "gzip",
            "\"3.gz\"",
        ),
    ] {
        let answer = shop.send(get(path, codings), "").await;
        shop.memory.run_deferred().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.field("content-encoding"), coding, "{path} {codings}");
        assert_eq!(answer.field("etag"), tag, "{path} {codings}");
        assert_eq!(answer.field("vary"), "Accept-Encoding");
        let head = Request::head(path).header("accept-encoding", codings);
        let head = shop.send(head, "").await;
        assert_eq!(
            (head.body.len(), head.field("etag")),
            (0, tag),
            "{path} {codings}"
        );
        assert_eq!(head.field("content-encoding"), coding);
    }
    let seen = shop.seen.borrow();
    assert!(
        seen.iter()
            .all(|request| request.headers()["accept-encoding"] == "identity")
    );
}

#[tokio::test]
async fn a_condition_names_any_encoding_and_304_repeats_it() {
    let shop = start();
    for (path, tag, status) in [
        ("/v2/products", "\"3\"", 304),
        ("/v2/products", "\"3.br\"", 304),
        ("/v2/products", "\"9\", W/\"3.gz\"", 304),
        ("/v2/products", "\"4.br\"", 200),
        ("/v1/products", "\"3.v1.br\"", 304),
        ("/v1/products", "\"3.br\"", 200),
    ] {
        let request = get(path, "gzip").header("if-none-match", tag);
        let answer = shop.send(request, "").await;
        assert_eq!(answer.status, status, "{path} {tag}");
        if status == 304 {
            let sent = tag.rsplit(", ").next().unwrap().trim_start_matches("W/");
            assert_eq!(answer.field("etag"), sent);
            assert_eq!(answer.field("content-encoding"), "");
        }
        assert_eq!(answer.field("vary"), "Accept-Encoding");
    }
    let patch = Request::patch("/v2/products/prd_1")
        .header("authorization", bearer(&json!({"role": "admin"})))
        .header("content-type", "application/merge-patch+json")
        .header("accept-encoding", "gzip")
        .header("if-match", "\"2.br\"");
    let answer = shop.send(patch, "{}").await;
    assert_eq!(
        (answer.field("content-encoding"), answer.field("etag")),
        ("gzip", "\"3\""),
        "a refusal's tag names the resource"
    );
    let seen = shop.seen.borrow();
    assert_eq!(seen.last().unwrap().headers()["if-match"], "\"2\"");
}

#[tokio::test]
async fn a_body_is_decoded_and_known_by_what_it_says() {
    let shop = start();
    let text = r#"{"note":"Grüße 🦀"}"#;
    let first = shop
        .send_bytes(order("k", "gzip"), gzip(text.as_bytes()))
        .await;
    assert_eq!(
        (first.status, first.body.as_slice()),
        (201, text.as_bytes())
    );
    shop.memory.run_deferred().await;
    for (coding, body) in [
        ("br", brotli(text.as_bytes())),
        ("identity", text.as_bytes().to_vec()),
    ] {
        let again = shop.send_bytes(order("k", coding), body).await;
        assert_eq!(again.field("idempotent-replayed"), "true", "{coding}");
    }
    let seen = shop.seen.borrow();
    let request = seen.last().unwrap();
    assert_eq!(request.body().as_ref(), text.as_bytes());
    for absent in ["content-encoding", "content-length"] {
        assert!(!request.headers().contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn other_bodies_are_refused() {
    let shop = start();
    let zeros = vec![b'0'; 10_000_000];
    for (coding, body, code) in [
        ("deflate", vec![], "content_encoding_unsupported"),
        ("gzip, br", vec![], "content_encoding_unsupported"),
        ("gzip", b"{}".to_vec(), "request_invalid"),
        ("br", b"{}".to_vec(), "request_invalid"),
        ("gzip", gzip(&zeros), "body_too_large"),
        ("br", brotli(&zeros), "body_too_large"),
    ] {
        let answer = shop.send_bytes(order("k", coding), body).await;
        assert_eq!(answer.field("error-code"), code, "{coding}");
        let listed = if answer.status == 415 { "gzip, br" } else { "" };
        assert_eq!(answer.field("accept-encoding"), listed);
    }
    assert_eq!(shop.calls("/orders"), 0);
}
