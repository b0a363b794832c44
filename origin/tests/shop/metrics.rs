//! What a process counts: requests by route, never by what a client sent; and how far consumers are.

use crate::harness::Shop;

impl Shop {
    pub(crate) async fn metrics(&self) -> String {
        let answer = self.get("/metrics", &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let kind = "text/plain; version=0.0.4; charset=utf-8";
        assert_eq!(answer.field("content-type"), kind);
        String::from_utf8(answer.body.to_vec()).unwrap()
    }
}

#[tokio::test]
async fn requests_are_counted_by_their_row_alone() {
    let shop = Shop::open().await;
    let products = shop.plenty().await;
    for prefix in ["", "/v2"] {
        for product in &products {
            let path = format!("{prefix}/products/{}", product["id"].as_str().unwrap());
            assert_eq!(shop.ask("", "GET", &path, &[], "").await.status, 200);
        }
    }
    for number in 0..20 {
        for prefix in ["", "/v2"] {
            let made_up = format!("{prefix}/made-up/{number}");
            assert_eq!(shop.ask("", "GET", &made_up, &[], "").await.status, 404);
        }
    }
    let refused = shop.ask("", "GET", "/orders", &[], "").await;
    assert_eq!(refused.status, 401);
    let text = shop.metrics().await;
    let count = 2 * products.len();
    for line in [
        format!(
            r#"headgate_http_requests_total{{method="GET",route="/products/{{id}}",status="200"}} {count}"#
        ),
        r#"headgate_http_requests_total{method="GET",route="unmatched",status="404"} 40"#.into(),
        r#"headgate_http_requests_total{method="GET",route="/orders",status="401"} 1"#.into(),
        "headgate_database_up 1".into(),
        r#"headgate_dead_letters{consumer="email"} 0"#.into(),
    ] {
        assert!(text.contains(&line), "{line}\n{text}");
    }
    assert!(!text.contains("made-up"), "{text}");
    let behind = r#"headgate_consumer_behind_seconds{consumer="purge"}"#;
    assert!(text.contains(behind), "{text}");
    assert!(text.contains(r#"headgate_database_connections{state="busy"}"#));
}

#[tokio::test]
async fn an_answer_says_how_long_it_took() {
    let shop = Shop::open().await;
    let answer = shop.get("/healthz", &[]).await;
    let took = answer.field("server-timing");
    let ms = took.strip_prefix("origin;dur=").unwrap();
    assert!(ms.parse::<f64>().unwrap() >= 0.0, "{took}");
}
