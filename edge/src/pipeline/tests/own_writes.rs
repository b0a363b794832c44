//! Who changed a product sees the change: reads that name a place in the database's log.

use shared::feed::Position;
use shared::header::{LABEL, POSITION};

use super::*;

/// A shop whose origin answers reads with everything up to this place.
fn labelled() -> (Shop, Rc<Cell<u64>>) {
    let label = Rc::new(Cell::new(5));
    let (orders, come) = (Cell::default(), Rc::clone(&label));
    let shop = start_before(shop(), move |request| {
        let mut response = origin(&orders, request);
        if request.uri().path().starts_with("/products") {
            response.headers_mut().insert(LABEL, come.get().into());
        }
        response
    });
    (shop, label)
}

impl Shop {
    async fn read_since(&self, path: &str, position: &str) -> Answered {
        let answer = self
            .send(Request::get(path).header(POSITION, position), "")
            .await;
        self.memory.run_deferred().await;
        answer
    }
}

#[tokio::test]
async fn a_copy_answers_who_wrote_before_it_and_nobody_who_wrote_later() {
    let (shop, label) = labelled();
    let path = "/v2/products/1";
    let first = shop.read(path).await;
    assert_eq!((first.field(LABEL), first.field(POSITION)), ("", ""));
    // The copy holds everything up to 5.
    for (position, calls) in [("0", 1), ("5", 1), ("6", 2)] {
        label.set(7);
        let answer = shop.read_since(path, position).await;
        assert_eq!((answer.status, answer.field(LABEL)), (200, ""));
        assert_eq!(shop.calls("/products/1"), calls, "{position}");
    }
    assert_eq!(shop.asked_position(), Some(Position(6)));
    // What was fetched for one is everybody's copy, and holds everything up to 7.
    let status = |answer: &Answered| answer.field("cache-status").to_owned();
    assert!(status(&shop.read(path).await).contains("hit"));
    assert!(status(&shop.read_since(path, "7").await).contains("hit"));
    let beyond = shop.read_since(path, "8").await;
    assert_eq!(status(&beyond), "headgate; fwd=request; stored");
    assert_eq!(shop.calls("/products/1"), 3);
}

#[tokio::test]
async fn what_the_feed_tells_counts_as_well() {
    let (shop, _) = labelled();
    shop.read("/products/1").await;
    shop.tell(r#"{"untrue":[{"tag":"product:1"}],"position":77}"#)
        .await;
    shop.memory.advance_ms(1_001);
    shop.read_since("/products/1", "76").await;
    assert_eq!(shop.asked_position(), Some(Position(77)));
    shop.read_since("/products/1", "78").await;
    assert_eq!(shop.asked_position(), Some(Position(78)));
}

#[tokio::test]
async fn an_older_copy_is_no_answer_even_when_the_origin_is_down() {
    let (shop, _) = labelled();
    let path = "/products/1";
    shop.read(path).await;
    shop.fetches(&[Some(Lost::Request)]);
    let answer = shop.read_since(path, "6").await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (502, "origin_unreachable")
    );
    // One that is new enough is, although it is stale.
    shop.memory.advance_ms(3_700_000);
    shop.fetches(&[Some(Lost::Request)]);
    assert_eq!(shop.read_since(path, "5").await.status, 200);
}

#[tokio::test]
async fn a_copy_without_a_label_answers_nobody_who_names_a_place() {
    let shop = start();
    shop.read("/products/1").await;
    shop.read_since("/products/1", "0").await;
    assert_eq!(shop.calls("/products/1"), 2);
}

#[tokio::test]
async fn what_is_no_place_is_refused() {
    let (shop, _) = labelled();
    for position in ["", "x", "-1", "16/B374D848", "00000000000000000001"] {
        let answer = shop.read_since("/products/1", position).await;
        let refused = (answer.status, answer.field("error-code"));
        assert_eq!(refused, (400, "request_invalid"), "{position}");
    }
    let twice = Request::get("/products/1")
        .header(POSITION, "1")
        .header(POSITION, "1");
    assert_eq!(shop.send(twice, "").await.status, 400);
    assert_eq!(shop.calls("/products/1"), 0);
}
