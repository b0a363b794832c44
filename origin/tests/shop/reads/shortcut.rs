//! A product that memory holds is answered ahead of the router, and so that nobody sees a difference.

use origin::admission::{Place, Priority};
use shared::feed::Position;

use crate::harness::{Answer, Shop, request};

/// As new as anything that memory holds.
const ANY: Option<Position> = Some(Position(0));

impl Shop {
    async fn of_an_edge(&self, method: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        let assertion = self.edge_signs(path, ANY);
        let mut all = vec![("headgate-assertion", assertion.as_str())];
        all.extend(fields);
        self.send(request(method, path, &all, "")).await
    }

    /// All that there is, until it is dropped: whoever needs a place is refused.
    fn taken(&self) -> Vec<Place> {
        let admission = &self.app.shop.admission;
        std::iter::from_fn(|| admission.enter(Priority::Keyed)).collect()
    }
}

/// What an answer shows, without what differs from one to the next, and without what the router says early of
/// the body and the server says of every answer.
fn shown(answer: &Answer) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let fields = answer.headers.iter();
    let fields =
        fields.filter(|(name, _)| !["server-timing", "content-length"].contains(&name.as_str()));
    let mut fields: Vec<_> = fields
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    fields.sort();
    (answer.status, fields, answer.body.to_vec())
}

#[tokio::test]
async fn memory_answers_what_the_router_answers() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let first = shop.of_an_edge("GET", &path, &[]).await;
    assert_eq!((first.status, first.field("etag")), (200, etag.as_str()));
    for (fields, status) in [
        (vec![], 200),
        (vec![("if-none-match", "\"other\"")], 200),
        (vec![("if-none-match", etag.as_str())], 304),
        (
            vec![(
                "traceparent",
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            )],
            200,
        ),
    ] {
        let taken = shop.taken();
        let short = shop.of_an_edge("GET", &path, &fields).await;
        drop(taken);
        // Under its other path the router answers.
        let long = format!("/v2{path}");
        let long = shop.of_an_edge("GET", &long, &fields).await;
        assert_eq!(short.status, status, "{fields:?}");
        assert!(!short.field("server-timing").is_empty());
        let tag = format!("product:{}", path.trim_start_matches("/products/"));
        assert_eq!(short.field("cache-tag"), tag);
        assert_eq!(shown(&short), shown(&long), "{fields:?}");
    }
    let counted =
        r#"headgate_http_requests_total{method="GET",route="/products/{id}",status="200"} 7"#;
    let text = shop.metrics().await;
    assert!(text.contains(counted), "{text}");
    assert!(
        text.contains(r#"headgate_reads_total{source="memory"} 8"#),
        "{text}"
    );
}

#[tokio::test]
async fn what_memory_holds_needs_no_place_and_everything_else_does() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let (other, _) = shop.mug("MUG-2").await;
    assert_eq!(shop.of_an_edge("GET", &path, &[]).await.status, 200);
    let taken = shop.taken();
    for (method, path, expected) in [
        ("GET", &path, 200),
        ("GET", &other, 503),
        ("GET", &format!("/v2{path}"), 503),
        ("PATCH", &path, 401),
    ] {
        let status = shop.of_an_edge(method, path, &[]).await.status;
        assert_eq!(status, expected, "{method} {path}");
    }
    // Nobody's edge.
    assert_eq!(shop.get(&path, &[]).await.status, 503);
    drop(taken);
    assert_eq!(shop.of_an_edge("GET", &other, &[]).await.status, 200);
}

#[tokio::test]
async fn what_is_to_be_refused_is() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    assert_eq!(shop.of_an_edge("GET", &path, &[]).await.status, 200);
    let long = format!("\"{}\"", "x".repeat(16 * 1024));
    let refused = shop
        .of_an_edge("GET", &path, &[("if-none-match", &long)])
        .await;
    assert_eq!(refused.status, 431);
    let of_another = shop.edge_signs("/products/prd_1", ANY);
    let good = shop.edge_signs(&path, ANY);
    for assertions in [vec!["x"], vec![&of_another], vec![&good, &good]] {
        let fields: Vec<_> = assertions
            .into_iter()
            .map(|one| ("headgate-assertion", one))
            .collect();
        let refused = shop.get(&path, &fields).await;
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (401, "token_invalid")
        );
        assert!(!refused.field("x-request-id").is_empty());
    }
}
