//! The feed through the pipeline: purges, views, positions, and a feed that is down.

use shared::feed::Position;

use super::*;
use crate::feed::names;
use crate::feed::{BACKGROUND_WAIT_MS, Change, SLOW_MS, WAIT_MS};
use crate::platform::{Clock, Feed};

const NOTICE: &str = r#"{"untrue":[{"tag":"product:1"}],"position":77}"#;

impl Shop {
    /// A location of its own beside this one.
    pub(super) fn beside(&self) -> Self {
        let settings = Settings {
            assertion_keys: SECRET.parse().unwrap(),
            public_url: None,
            converters: shared::versions::REVISION,
        };
        Self {
            memory: self.memory.another_location(),
            isolate: Isolate::new(self.isolate.gateway.clone(), settings),
            seen: Rc::clone(&self.seen),
        }
    }

    pub(super) async fn tell(&self, notice: &str) -> Answered {
        let now = i64::try_from(self.memory.now_ms() / 1000).unwrap();
        let keys: AssertionKeys = SECRET.parse().unwrap();
        let signature = keys.sign_notice(notice.as_bytes(), now).unwrap();
        let request = Request::post("/feed").header(shared::header::ASSERTION, signature);
        self.send(request, notice).await
    }

    /// Reads, and lets what follows the answer happen.
    pub(super) async fn read(&self, path: &str) -> Answered {
        let answer = self.get(path).await;
        self.memory.run_deferred().await;
        answer
    }

    fn break_feed(&self, down: bool) {
        self.memory.set_faults(Faults {
            feed_down: down,
            ..Faults::default()
        });
    }

    /// The position that the last read asked for.
    pub(super) fn asked_position(&self) -> Option<Position> {
        let seen = self.seen.borrow();
        let last = seen.iter().rfind(|request| request.method() == "GET");
        let last = last.unwrap();
        let assertion = last.headers()[shared::header::ASSERTION].to_str().unwrap();
        let keys: AssertionKeys = SECRET.parse().unwrap();
        let now = i64::try_from(self.memory.now_ms() / 1000).unwrap();
        let target = last.uri().to_string();
        keys.verify(assertion, "GET", &target, now)
            .unwrap()
            .position
    }
}

fn cache_status(answer: &Answered) -> &str {
    answer.field("cache-status")
}

#[tokio::test]
async fn a_purge_reaches_every_location_within_a_second() {
    let one = start();
    let two = one.beside();
    for shop in [&one, &two] {
        shop.read("/products/1").await;
        assert!(cache_status(&shop.read("/products/1").await).contains("hit"));
    }
    let told = one.tell(NOTICE).await;
    assert_eq!(
        (told.status, told.body.as_slice()),
        (200, &b"{\"head\":1}"[..])
    );
    one.memory.advance_ms(1_001);
    for (shop, expected) in [
        (&one, "headgate; fwd=stale; stored"),
        (&two, "headgate; fwd=stale; detail=shield"),
    ] {
        let answer = shop.read("/products/1").await;
        assert_eq!(cache_status(&answer), expected);
        assert_eq!(shop.last("if-none-match").as_deref(), Some("\"1\""));
        assert_eq!(shop.asked_position(), Some(Position(77)));
        assert!(cache_status(&shop.read("/products/1").await).contains("hit"));
    }
    // One of them asked for both, each time.
    assert_eq!(one.calls("/products/1"), 2);
}

#[tokio::test]
async fn a_view_that_ages_is_refreshed_behind_the_answer() {
    let shop = start();
    shop.read("/products/1").await;
    shop.tell(NOTICE).await;
    shop.memory.advance_ms(600);
    assert!(cache_status(&shop.read("/products/1").await).contains("hit"));
    assert!(cache_status(&shop.read("/products/1").await).contains("fwd=stale"));
}

#[tokio::test]
async fn what_is_purged_by_url_or_altogether_goes_and_the_rest_stays() {
    for (notice, gone) in [
        (r#"{"untrue":[{"url":"/products/1?utm_source=x"}]}"#, true),
        (r#"{"untrue":[{"url":"/products/2"}]}"#, false),
        (r#"{"untrue":[{"url":"/orders"},{"tag":"a b"}]}"#, false),
        (r#"{"untrue":["everything"]}"#, true),
        (r#"{"untrue":[{"tag":"products"}]}"#, true),
        (r#"{"untrue":[{"tag":"product:2"}]}"#, false),
    ] {
        let shop = start();
        shop.read("/products/1").await;
        assert_eq!(shop.tell(notice).await.status, 200, "{notice}");
        shop.memory.advance_ms(1_001);
        let answer = shop.read("/products/1").await;
        assert_eq!(
            cache_status(&answer).contains("fwd=stale"),
            gone,
            "{notice}"
        );
    }
}

#[tokio::test]
async fn a_soft_purge_answers_while_it_is_fetched_for_its_window() {
    let soft = NOTICE.replace("77", "77,\"soft\":true");
    for (seconds, expected) in [
        (2, "headgate; hit; ttl=-2"),
        (59, "headgate; hit; ttl=-59"),
        (60, "headgate; fwd=stale"),
    ] {
        let shop = start();
        shop.read("/products/1").await;
        shop.tell(&soft).await;
        shop.memory.advance_ms(seconds * 1_000);
        let answer = shop.read("/products/1").await;
        assert!(
            cache_status(&answer).starts_with(expected),
            "{seconds} {}",
            cache_status(&answer)
        );
        assert_eq!(shop.calls("/products/1"), 2, "{seconds}");
        assert!(cache_status(&shop.read("/products/1").await).contains("hit; ttl=36"));
    }
}

#[tokio::test]
async fn a_route_may_be_purged_softly_or_not_at_all() {
    for (purge, expected) in [
        ("soft", "headgate; hit; ttl=-2"),
        ("none", "headgate; hit; ttl=3598"),
        ("hard", "headgate; fwd=stale"),
    ] {
        let mut gateway = shop();
        for route in &mut gateway.routes {
            if let Some(cache) = &mut route.cache {
                cache.purge = serde_json::from_value(json!(purge)).unwrap();
            }
        }
        let orders = Cell::default();
        let shop = start_before(gateway, move |request| origin(&orders, request));
        shop.read("/products/1").await;
        shop.tell(NOTICE).await;
        shop.memory.advance_ms(2_000);
        let answer = shop.read("/products/1").await;
        assert!(
            cache_status(&answer).starts_with(expected),
            "{purge} {}",
            cache_status(&answer)
        );
    }
}

#[tokio::test]
async fn a_purged_copy_does_not_answer_even_when_the_origin_is_down() {
    let shop = start();
    shop.read("/products/1").await;
    shop.tell(NOTICE).await;
    shop.memory.advance_ms(1_001);
    shop.fetches(&[Some(Lost::Request)]);
    let answer = shop.read("/products/1").await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (504, "origin_timeout")
    );
    // One that only grew old does.
    shop.read("/products/1").await;
    shop.memory.advance_ms(3_700_000);
    shop.fetches(&[Some(Lost::Request)]);
    let answer = shop.read("/products/1").await;
    assert_eq!(answer.status, 200);
    assert!(cache_status(&answer).contains("detail=stale-if-error"));
}

#[tokio::test]
async fn a_purge_during_a_fill_is_not_lost() {
    // The origin answers with what was, while the change is told.
    let purging: Rc<RefCell<Option<Memory>>> = Rc::default();
    let world = Rc::clone(&purging);
    let orders = Cell::default();
    let shop = start_before(shop(), move |request| {
        if let Some(memory) = world.borrow().as_ref() {
            let change = Change {
                names: vec![names::tag("product:1").unwrap()],
                position: Some(Position(5)),
                soft: false,
            };
            let mut told = std::pin::pin!(memory.append(&change));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(told.as_mut().poll(&mut context).is_ready());
        }
        origin(&orders, request)
    });
    shop.read("/openapi.json").await;
    *purging.borrow_mut() = Some(shop.memory.clone());
    shop.read("/products/1").await;
    *purging.borrow_mut() = None;
    shop.memory.advance_ms(1_001);
    let answer = shop.read("/products/1").await;
    assert!(
        cache_status(&answer).starts_with("headgate; fwd=stale"),
        "{}",
        cache_status(&answer)
    );
    assert_eq!(shop.asked_position(), Some(Position(5)));
}

#[tokio::test]
async fn positions_are_those_of_what_is_asked_for() {
    let shop = start();
    shop.read("/products/1").await;
    assert_eq!(shop.asked_position(), Some(Position(0)));
    shop.tell(NOTICE).await;
    shop.tell(r#"{"untrue":[{"tag":"product:2"}],"position":88}"#)
        .await;
    shop.memory.advance_ms(1_001);
    for (path, expected) in [
        ("/products/1", 77),
        ("/products/2", 88),
        ("/products/3", 0),
        // Nobody knows what is on a page before it came.
        ("/products?limit=1", 88),
    ] {
        shop.read(path).await;
        assert_eq!(shop.asked_position(), Some(Position(expected)), "{path}");
    }
    shop.break_feed(true);
    shop.memory.advance_ms(1_001);
    shop.read("/products/4").await;
    assert_eq!(shop.asked_position(), None);
}

#[tokio::test]
async fn without_the_feed_copies_live_to_the_end_of_their_lifetimes_marked() {
    let shop = start();
    shop.read("/products/1").await;
    shop.break_feed(true);
    shop.memory.advance_ms(1_001);
    let marked = shop.read("/products/1").await;
    assert_eq!(
        cache_status(&marked),
        "headgate; hit; ttl=3599; detail=feed-stale"
    );
    // Not stale for a second, whatever the origin allows.
    shop.memory.advance_ms(3_599_000);
    let stale = shop.read("/products/1").await;
    assert!(
        cache_status(&stale).starts_with("headgate; fwd=stale"),
        "{}",
        cache_status(&stale)
    );
    // It catches up by itself, with what happened meanwhile.
    shop.memory.set_faults(Faults::default());
    shop.tell(NOTICE).await;
    let purged = shop.read("/products/1").await;
    assert!(
        cache_status(&purged).starts_with("headgate; fwd=stale"),
        "{}",
        cache_status(&purged)
    );
    assert_eq!(
        cache_status(&shop.read("/products/1").await),
        "headgate; hit; ttl=3600"
    );
}

#[tokio::test]
async fn a_feed_that_began_anew_trusts_no_older_copy() {
    let shop = start();
    shop.read("/products/1").await;
    shop.memory.lose_feed();
    shop.memory.advance_ms(1_001);
    let answer = shop.read("/products/1").await;
    assert!(cache_status(&answer).starts_with("headgate; fwd=stale"));
    assert!(cache_status(&shop.read("/products/1").await).contains("hit"));
}

#[tokio::test]
async fn changes_are_refused_after_a_minute_without_the_feed() {
    for (silent_ms, asked_before, status) in [
        (59_999, true, 201),
        (60_000, true, 503),
        (59_999, false, 201),
        (60_000, false, 503),
    ] {
        let shop = start();
        shop.break_feed(!asked_before);
        shop.read("/products/1").await;
        shop.break_feed(true);
        shop.memory.advance_ms(silent_ms);
        let answer = shop.order("k", "{}").await;
        assert_eq!(answer.status, status, "{silent_ms} {asked_before}");
        if status == 503 {
            assert_eq!(answer.field("error-code"), "feed_unreachable");
            assert_eq!(answer.field("retry-after"), "5");
            assert_eq!(answer.json()["outcome"], "not_applied");
            assert_eq!(shop.calls("/orders"), 0);
            // Reads go on, and changes too once the feed is there again.
            assert_eq!(shop.read("/products/1").await.status, 200);
        }
        shop.memory.set_faults(Faults::default());
        assert_eq!(shop.order("k2", "{}").await.status, 201);
    }
}

#[tokio::test]
async fn whoever_would_be_refused_waits_for_the_feed_first() {
    let shop = start();
    shop.read("/products/1").await;
    shop.memory.advance_ms(60_000);
    shop.memory.set_faults(Faults {
        feed_hangs: true,
        ..Faults::default()
    });
    // One waits longer than reads do, and spares the others that.
    for waited_ms in [u64::from(WAIT_MS + BACKGROUND_WAIT_MS), 0] {
        let before_ms = shop.memory.now_ms();
        let refused = shop.order("k", "{}").await;
        assert_eq!(refused.field("error-code"), "feed_unreachable");
        assert_eq!(shop.memory.now_ms() - before_ms, waited_ms);
    }
}

#[tokio::test]
async fn a_location_asks_and_not_an_isolate() {
    let shop = start();
    shop.read("/products/1").await;
    // Another isolate of the same location, while the feed itself is down.
    let other = Shop {
        memory: shop.memory.clone(),
        ..shop.beside()
    };
    shop.break_feed(true);
    assert_eq!(
        cache_status(&other.read("/products/1").await),
        "headgate; hit; ttl=3600"
    );
    shop.memory.advance_ms(500);
    let third = Shop {
        memory: shop.memory.clone(),
        ..shop.beside()
    };
    assert!(cache_status(&third.read("/products/1").await).ends_with("detail=feed-stale"));
}

#[tokio::test]
async fn the_door_takes_signed_notices_alone() {
    let shop = start();
    let keys: AssertionKeys = SECRET.parse().unwrap();
    let sign = |text: &str| {
        keys.sign_notice(text.as_bytes(), i64::try_from(NOW / 1000).unwrap())
            .unwrap()
    };
    let post =
        |signature: &str| Request::post("/feed").header(shared::header::ASSERTION, signature);
    let long = " ".repeat(65_537);
    for (request, body, status, code) in [
        (Request::get("/feed"), "", 405, "method_not_allowed"),
        (Request::post("/feed"), NOTICE, 401, "token_invalid"),
        (post(&sign("{}")), NOTICE, 401, "token_invalid"),
        (post(&sign(&long)), &long, 413, "body_too_large"),
        (post(&sign("{}")), "{}", 400, "request_invalid"),
        (post(&sign(NOTICE)), NOTICE, 200, ""),
    ] {
        let answer = shop.send(request, body).await;
        assert_eq!((answer.status, answer.field("error-code")), (status, code));
        assert_eq!(
            status == 401,
            answer.fields.contains_key("www-authenticate")
        );
    }
    shop.break_feed(true);
    let answer = shop.tell(NOTICE).await;
    assert_eq!((answer.status, answer.field("retry-after")), (503, "1"));
    assert_eq!(shop.calls("/feed"), 0);
}

#[tokio::test]
async fn a_feed_that_hangs_is_waited_for_once() {
    let shop = start();
    shop.read("/products/1").await;
    shop.memory.set_faults(Faults {
        feed_hangs: true,
        ..Faults::default()
    });
    shop.memory.advance_ms(1_001);
    for (waited_ms, reads) in [(u64::from(WAIT_MS), 1), (0, 20)] {
        let before_ms = shop.memory.now_ms();
        for _ in 0..reads {
            let answer = shop.get("/products/1").await;
            assert!(cache_status(&answer).ends_with("; hit; ttl=3599; detail=feed-stale"));
        }
        assert_eq!(shop.memory.now_ms() - before_ms, waited_ms);
    }
    // Behind the answers one of them asks at a time.
    let before_ms = shop.memory.now_ms();
    shop.memory.run_deferred().await;
    assert_eq!(
        shop.memory.now_ms() - before_ms,
        u64::from(BACKGROUND_WAIT_MS)
    );
    // That was slow too; a little later it is asked in front of a request again.
    shop.memory.set_faults(Faults::default());
    let marked = shop.get("/products/1").await;
    assert!(cache_status(&marked).ends_with("detail=feed-stale"));
    shop.memory.drop_deferred();
    shop.memory.advance_ms(SLOW_MS);
    let sure = shop.get("/products/1").await;
    assert!(!cache_status(&sure).contains("feed-stale"));
}
