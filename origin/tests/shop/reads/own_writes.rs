//! Who changed a product reads its own change, although the replica has not heard of it.

use serde_json::{Value, json};
use shared::assertion::Asserted;
use shared::caller::Caller;

use super::pair::Pair;
use super::{NEW, OLD};
use crate::callers::MERGE;
use crate::harness::{Answer, Shop, request};

const JSON: (&str, &str) = ("content-type", "application/json");
const DEARER: &str = r#"{"price":{"amount":3100}}"#;
const LIST: &str = "/products?category=kitchen&q=stoneware";

fn amount(answer: &Answer) -> i64 {
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = answer.json();
    let product = shown["data"].get(0).unwrap_or(&shown);
    product["price"]["amount"].as_i64().unwrap()
}

impl Shop {
    /// What a client without the edge is shown, with and without the place that it names.
    async fn shown(&self, path: &str, position: Option<&str>) -> i64 {
        let fields: Vec<_> = position
            .map(|position| ("headgate-position", position))
            .into_iter()
            .collect();
        amount(&self.get(path, &fields).await)
    }

    async fn searched(&self, fields: &[(&str, &str)]) -> i64 {
        let all = [fields, &[JSON]].concat();
        let search = json!({"q": "stoneware"}).to_string();
        let asked = request("POST", "/products/search", &all, &search);
        amount(&self.send(asked).await)
    }
}

#[tokio::test]
async fn a_client_with_its_token_reads_its_own_change() {
    let pair = Pair::lock().await;
    let shop = pair.shop().await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = shop.mark().await;
    pair.caught_up(&shop, before).await;
    pair.pause().await;
    let fields = [MERGE, ("if-match", "*"), ("idempotency-key", "dearer")];
    let changed = shop.write("PATCH", &path, &fields, DEARER).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let token = changed.field("headgate-position").to_owned();
    assert!(token.parse::<u64>().unwrap() > before.0, "{token}");
    for path in [path.as_str(), LIST] {
        assert_eq!(shop.shown(path, None).await, OLD, "{path}");
        assert_eq!(shop.shown(path, Some(&token)).await, NEW, "{path}");
    }
    assert_eq!(shop.searched(&[]).await, OLD);
    assert_eq!(shop.searched(&[("headgate-position", &token)]).await, NEW);
    // A replay is behind the change as well.
    let replayed = shop.write("PATCH", &path, &fields, DEARER).await;
    assert_eq!(replayed.field("idempotent-replayed"), "true");
    let later = replayed.field("headgate-position").to_owned();
    assert!(later.parse::<u64>().unwrap() >= token.parse().unwrap());
    assert_eq!(shop.shown(LIST, Some(&later)).await, NEW);
    // What is gone is gone, and what is refused is not a change.
    let refused = shop.write("DELETE", &path, &[], "").await;
    assert_eq!(
        (refused.status, refused.field("headgate-position")),
        (428, "")
    );
    let gone = shop.write("DELETE", &path, &[("if-match", "*")], "").await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let token = gone.field("headgate-position").to_owned();
    let read = shop.get(&path, &[("headgate-position", &token)]).await;
    assert_eq!(read.status, 404, "{read:?}");
    assert_eq!(shop.shown(&path, None).await, OLD);
}

/// Nobody keeps a search, so the edge need not know how new it must be.
#[tokio::test]
async fn a_search_through_the_edge_is_the_replicas() {
    let pair = Pair::lock().await;
    let shop = pair.shop().await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = shop.mark().await;
    pair.caught_up(&shop, before).await;
    pair.pause().await;
    let fields = [MERGE, ("if-match", "*")];
    let changed = shop.write("PATCH", &path, &fields, DEARER).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let position = changed.field("headgate-position").parse().unwrap();
    for (position, expected) in [(None, OLD), (Some(position), NEW)] {
        let asserted = Asserted {
            caller: Caller::Anonymous,
            api_version: "v2".into(),
            request_id: "req_of_the_edge".into(),
            prefix: "/v2".into(),
            fingerprint: None,
            converter: None,
            position: position.map(shared::feed::Position),
        };
        let keys = shop.config.assertion_keys().unwrap();
        let now = shop.app.shop.platform.now().timestamp();
        let signed = keys.sign(&asserted, "POST", "/products/search", now);
        let signed = signed.unwrap();
        let shown = shop.searched(&[("headgate-assertion", &signed)]).await;
        assert_eq!(shown, expected, "{position:?}");
    }
}

#[tokio::test]
async fn an_answer_says_up_to_where_it_holds_everything() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let before = shop.mark().await;
    for path in [path.as_str(), LIST] {
        let answer = shop.get(path, &[]).await;
        let label: u64 = answer.field("headgate-label").parse().unwrap();
        assert!(label >= before.0, "{path} {label}");
        // One that confirms a copy says so of the copy.
        let etag = answer.field("etag").to_owned();
        let same = shop.get(path, &[("if-none-match", &etag)]).await;
        assert_eq!(same.status, 304);
        assert!(same.field("headgate-label").parse::<u64>().unwrap() >= label);
    }
}

#[tokio::test]
async fn what_is_no_place_is_refused() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    for fields in [
        &[("headgate-position", "x")][..],
        &[("headgate-position", "")],
        &[("headgate-position", "1"), ("headgate-position", "1")],
    ] {
        let refused = shop.get(&path, fields).await;
        assert_eq!(refused.status, 400, "{fields:?}");
        assert_eq!(refused.json()["code"], Value::from("request_invalid"));
    }
}
