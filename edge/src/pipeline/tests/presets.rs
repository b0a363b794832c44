//! The presets of docs/caching.md, as they stand there.

use super::*;
use crate::config::Route;

const PAGE: &str = include_str!("../../../../docs/caching.md");

/// The shop with the route of the page's block at a place, before an origin that knows one tag.
fn preset(place: usize) -> Shop {
    let block = PAGE.split("```toml").nth(place + 1).unwrap();
    let block = block.split("```").next().unwrap();
    let mut table: toml::Table = block.parse().unwrap();
    let routes = table.remove("routes").unwrap();
    let route: Route = routes.as_array().unwrap()[0].clone().try_into().unwrap();
    let mut gateway = shop();
    let mut routes = gateway.routes.iter_mut();
    let shipped = routes.find(|shipped| shipped.name == route.name).unwrap();
    if place == 0 {
        // The page says that it is shipped so.
        let expected = Route {
            convert: None,
            views: None,
            limit: route.limit,
            ..shipped.clone()
        };
        assert_eq!(route, expected);
    }
    *shipped = route;
    let orders = Cell::default();
    start_before(gateway, move |request| {
        if request.headers().contains_key("if-none-match") {
            let answer = Response::builder().status(304).header("etag", "\"1\"");
            return answer.body(Bytes::new()).unwrap();
        }
        origin(&orders, request)
    })
}

const NOTICE: &str = r#"{"untrue":[{"tag":"product:1"}]}"#;
const CONFIRMED: &str = "headgate; fwd=stale; fwd-status=304; stored";

async fn status(shop: &Shop) -> String {
    let answer = shop.read("/products/1").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, b"/products/1");
    answer.field("cache-status").to_owned()
}

#[tokio::test]
async fn copies_that_are_purged() {
    let shop = preset(0);
    assert_eq!(status(&shop).await, "headgate; fwd=uri-miss; stored");
    assert_eq!(status(&shop).await, "headgate; hit; ttl=3600");
    shop.tell(NOTICE).await;
    shop.memory.advance_ms(1_001);
    assert_eq!(status(&shop).await, CONFIRMED);
}

#[tokio::test]
async fn no_stale_prices_ever() {
    let shop = preset(1);
    assert_eq!(status(&shop).await, "headgate; fwd=uri-miss; stored");
    for _ in 0..3 {
        assert_eq!(status(&shop).await, CONFIRMED);
    }
    assert_eq!(shop.calls("/products/1"), 4);
    shop.fetches(&[Some(Lost::Request)]);
    assert_eq!(shop.read("/products/1").await.status, 504);
}

#[tokio::test]
async fn lifetimes_alone() {
    let shop = preset(2);
    let first = shop.read("/products/1").await;
    assert_eq!(first.field("cache-control"), "public, max-age=300");
    shop.tell(NOTICE).await;
    shop.memory.advance_ms(299_000);
    assert_eq!(status(&shop).await, "headgate; hit; ttl=1");
    shop.memory.advance_ms(1_000);
    assert_eq!(status(&shop).await, CONFIRMED);
}
