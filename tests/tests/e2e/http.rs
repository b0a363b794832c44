//! HTTP itself on the real Worker: OPTIONS, CORS, negotiation, codings, limits.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::Shop;
use tests::wait::until;

const LIST: &str = "/v2/products?limit=50";

/// The body as it was before it was encoded.
fn decoded(answer: &Answer) -> Vec<u8> {
    let mut body = Vec::new();
    let encoded = answer.body.as_slice();
    match answer.field("content-encoding") {
        "gzip" => GzDecoder::new(encoded).read_to_end(&mut body).unwrap(),
        "br" => brotli::Decompressor::new(encoded, 4096)
            .read_to_end(&mut body)
            .unwrap(),
        "" => return encoded.to_vec(),
        other => panic!("{other}"),
    };
    body
}

#[tokio::test]
async fn an_answer_goes_out_in_the_coding_that_the_client_wants() {
    let shop = Shop::start().await;
    let plain = shop.get(LIST).await;
    assert_eq!(plain.field("content-encoding"), "");
    let tag = plain.field("etag").trim_end_matches('"').to_owned();
    until("the copy is stored", || async {
        shop.get(LIST)
            .await
            .field("cache-status")
            .contains("; hit")
            .then_some(())
    })
    .await;
    // A copy passes as a stream, and this one as bytes, since it is converted.
    for path in [LIST, "/v1/products?limit=50"] {
        let plain = shop.get(path).await;
        let version = if path == LIST { "" } else { ".v1" };
        for (codings, coding, suffix) in [
            ("gzip", "gzip", ".gz"),
            ("br", "br", ".br"),
            ("gzip, deflate, br", "gzip", ".gz"),
            ("identity", "", ""),
            ("zstd", "", ""),
        ] {
            let get = |method: &str| {
                shop.request(method, path)
                    .header("accept-encoding", codings)
            };
            let answer = Answer::to(get("GET")).await;
            assert_eq!(answer.field("content-encoding"), coding, "{path} {codings}");
            assert_eq!(decoded(&answer), plain.body, "{path} {codings}");
            assert_eq!(answer.field("etag"), format!("{tag}{version}{suffix}\""));
            assert!(answer.field("vary").contains("Accept-Encoding"));
            assert!(coding.is_empty() || answer.body.len() * 2 < plain.body.len());
            let head = Answer::to(get("HEAD")).await;
            assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
            assert_eq!(head.field("etag"), answer.field("etag"));
            let same = get("GET").header("if-none-match", answer.field("etag"));
            let same = Answer::to(same).await;
            assert_eq!(
                (same.status, same.body.len()),
                (StatusCode::NOT_MODIFIED, 0)
            );
            assert_eq!(same.field("etag"), answer.field("etag"));
        }
    }
}

#[tokio::test]
async fn a_body_comes_in_gzip_or_br() {
    let shop = Shop::start().await;
    let mut order = shop.an_order("pm_card_visa").await;
    order["note"] = "Grüße 🦀".into();
    let text = order.to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut br = Vec::new();
    brotli::CompressorWriter::new(&mut br, 4096, 5, 20)
        .write_all(text.as_bytes())
        .unwrap();
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(&vec![b' '; 20_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    let send = |coding: &str, body: Vec<u8>| {
        shop.request("POST", "/v2/orders")
            .bearer_auth(&shop.customer_token)
            .header("idempotency-key", "coded")
            .header("content-type", "application/json")
            .header("content-encoding", coding)
            .body(body)
    };
    for (coding, body, status, code) in [
        ("deflate", gzip.clone(), 415, "content_encoding_unsupported"),
        ("gzip", text.clone().into_bytes(), 400, "request_invalid"),
        ("gzip", bomb, 413, "body_too_large"),
        ("gzip", gzip, 201, ""),
    ] {
        let answer = Answer::to(send(coding, body)).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(answer.field("error-code"), code);
    }
    let again = Answer::to(send("br", br)).await;
    assert_eq!(
        again.field("idempotent-replayed"),
        "true",
        "{}",
        again.text()
    );
    assert_eq!(again.json()["note"], "Grüße 🦀");
    assert_eq!(shop.count("select count(*) from orders").await, 1);
}

#[tokio::test]
async fn options_and_pages_of_other_origins() {
    let shop = Shop::start().await;
    let plain = Answer::to(shop.request("OPTIONS", "/v2/orders")).await;
    assert_eq!(
        (plain.status, plain.body.len()),
        (StatusCode::NO_CONTENT, 0)
    );
    assert!(plain.field("allow").contains("POST") && plain.field("allow").contains("OPTIONS"));
    let preflight = shop
        .request("OPTIONS", "/v2/orders")
        .header("origin", "https://pages.example")
        .header("access-control-request-method", "POST")
        .header(
            "access-control-request-headers",
            "authorization,idempotency-key,x-nothing",
        );
    let preflight = Answer::to(preflight).await;
    assert_eq!(preflight.status, StatusCode::NO_CONTENT);
    let told = preflight.field("access-control-allow-headers");
    assert_eq!(told, "authorization, idempotency-key");
    assert!(
        preflight
            .field("access-control-allow-methods")
            .contains("POST")
    );
    for path in ["/v2/products?limit=1", "/v2/orders", "/v2/nothing"] {
        let get = shop
            .request("GET", path)
            .header("origin", "https://pages.example");
        let answer = Answer::to(get).await;
        assert_eq!(answer.field("access-control-allow-origin"), "*", "{path}");
        assert!(
            answer
                .field("access-control-expose-headers")
                .contains("error-code")
        );
    }
}

#[tokio::test]
async fn what_is_refused_before_it_is_looked_at() {
    let shop = Shop::start().await;
    let key = |media_type: &str| {
        shop.request("POST", "/v2/orders")
            .bearer_auth(&shop.customer_token)
            .header("idempotency-key", "k")
            .header("content-type", media_type)
    };
    let long = |bytes: usize| format!("/v2/products?q={}", "x".repeat(bytes));
    for (request, status, code) in [
        (
            shop.request("GET", LIST).header("accept", "text/html"),
            406,
            "not_acceptable",
        ),
        (key("text/plain").body("{}"), 415, "media_type_unsupported"),
        (
            key("application/json").body("x".repeat(70_000)),
            413,
            "body_too_large",
        ),
        (shop.request("GET", &long(9_000)), 414, "uri_too_long"),
        (
            shop.request("GET", LIST)
                .header("x-large", "x".repeat(40_000)),
            431,
            "headers_too_large",
        ),
        (shop.request("DELETE", LIST), 405, "method_not_allowed"),
        (
            shop.request("GET", "/v9/products"),
            404,
            "api_version_unknown",
        ),
    ] {
        let answer = Answer::to(request).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        assert_eq!(answer.field("error-code"), code);
        assert_eq!(answer.json()["code"], code);
        assert_eq!(answer.field("access-control-allow-origin"), "*");
    }
    let get = shop
        .request("GET", LIST)
        .header("content-type", "text/plain")
        .body("ignored");
    assert_eq!(Answer::to(get).await.status, StatusCode::OK);
}
