//! The cache alone, before an origin that says what a test tells it to.

use super::*;
use crate::config::tests::plain;

/// What the origin answers next: status, fields, body.
type Script = Vec<(u16, Vec<(&'static str, &'static str)>, &'static str)>;

fn before(script: Script) -> Shop {
    let script = RefCell::new(VecDeque::from(script));
    start_before(plain(), move |_| {
        let (status, fields, body) = script.borrow_mut().pop_front().unwrap();
        let mut response = Response::builder().status(status);
        for (name, value) in fields {
            response = response.header(name, value);
        }
        response.body(Bytes::from(body)).unwrap()
    })
}

impl Shop {
    /// Sends a request at a second, and lets what follows it finish.
    async fn at(&self, second: u64, request: http::request::Builder) -> Answered {
        let now = self.now_ms();
        self.memory
            .advance_ms((NOW + second * 1000).saturating_sub(now));
        let answer = self.send(request, "").await;
        self.memory.run_deferred().await;
        answer
    }

    fn now_ms(&self) -> u64 {
        use crate::platform::Clock;
        self.memory.now_ms()
    }

    pub(super) fn last(&self, name: &str) -> Option<String> {
        let seen = self.seen.borrow();
        let value = seen.last()?.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }
}

fn get() -> http::request::Builder {
    Request::get("/v1/x?b=1&a=2")
}

const FRESH: (&str, &str) = ("cache-control", "max-age=10");

#[tokio::test]
async fn requests_and_answers_pass_as_they_are() {
    let shop = before(vec![(
        299,
        vec![FRESH, ("x-a", "1"), ("cache-tag", "t")],
        "body",
    )]);
    let request = get()
        .header("cookie", "a=b")
        .header("connection", "x-hop")
        .header("content-length", "7")
        .header("expect", "100-continue")
        .header("x-hop", "1");
    let first = shop.at(0, request).await;
    assert_eq!((first.status, first.body.as_slice()), (299, &b"body"[..]));
    assert_eq!(
        first.field("cache-status"),
        "headgate; fwd=uri-miss; stored"
    );
    assert_eq!(first.field("cache-tag"), "t");
    for absent in [
        "vary",
        "api-version",
        "content-encoding",
        "ratelimit",
        "server-timing",
    ] {
        assert_eq!(first.field(absent), "", "{absent}");
    }
    assert_eq!(shop.seen.borrow()[0].uri(), "/v1/x?b=1&a=2");
    assert_eq!(shop.last("cookie").as_deref(), Some("a=b"));
    for absent in [
        "headgate-assertion",
        "traceparent",
        "x-hop",
        "accept-encoding",
        "content-length",
        "expect",
    ] {
        assert_eq!(shop.last(absent), None, "{absent}");
    }
    let second = shop.at(3, get()).await;
    assert_eq!((second.status, second.body.as_slice()), (299, &b"body"[..]));
    assert_eq!((second.field("age"), second.field("x-a")), ("3", "1"));
    assert_eq!(second.field("cache-status"), "headgate; hit; ttl=7");
}

#[tokio::test]
async fn a_stale_copy_is_asked_about_and_updated() {
    let shop = before(vec![
        (
            200,
            vec![FRESH, ("etag", "\"1\""), ("x-a", "1"), ("x-b", "1")],
            "one",
        ),
        (
            304,
            vec![
                FRESH,
                ("etag", "\"1\""),
                ("x-a", "2"),
                ("content-length", "9"),
            ],
            "",
        ),
        (200, vec![FRESH, ("etag", "\"2\"")], "two"),
    ]);
    shop.at(0, get()).await;
    let second = shop.at(10, get().header("if-none-match", "\"0\"")).await;
    assert_eq!(shop.last("if-none-match").as_deref(), Some("\"1\""));
    assert_eq!((second.status, second.body.as_slice()), (200, &b"one"[..]));
    assert_eq!(
        (
            second.field("x-a"),
            second.field("x-b"),
            second.field("age")
        ),
        ("2", "1", "0")
    );
    assert_eq!(second.field("content-length"), "");
    assert_eq!(
        second.field("cache-status"),
        "headgate; fwd=stale; fwd-status=304; stored"
    );
    let third = shop
        .at(19, get().header("if-none-match", "W/\"1\", \"0\""))
        .await;
    assert_eq!((third.status, third.body.len()), (304, 0));
    assert_eq!((third.field("etag"), third.field("x-a")), ("\"1\"", ""));
    let fourth = shop.at(20, get()).await;
    assert_eq!(fourth.body, b"two");
}

#[tokio::test]
async fn a_304_about_something_else_is_asked_again() {
    let shop = before(vec![
        (200, vec![FRESH, ("etag", "\"1\"")], "one"),
        (304, vec![FRESH, ("etag", "\"2\"")], ""),
        (200, vec![FRESH, ("etag", "\"2\"")], "two"),
    ]);
    shop.at(0, get()).await;
    assert_eq!(shop.at(10, get()).await.body, b"two");
    assert_eq!(shop.last("if-none-match"), None);
    assert_eq!(shop.at(11, get()).await.body, b"two");
}

#[tokio::test]
async fn stale_answers_while_it_is_fetched_and_not_longer() {
    let swr = ("cache-control", "max-age=10, stale-while-revalidate=5");
    let shop = before(vec![
        (200, vec![swr], "one"),
        (200, vec![swr], "two"),
        (200, vec![swr], "three"),
    ]);
    shop.at(0, get()).await;
    let second = shop.at(14, get()).await;
    assert_eq!(
        (second.body.as_slice(), second.field("cache-status")),
        (&b"one"[..], "headgate; hit; ttl=-4")
    );
    assert_eq!(shop.at(14, get()).await.body, b"two");
    assert_eq!(shop.at(14 + 15, get()).await.body, b"three");
}

#[tokio::test]
async fn a_popular_stale_copy_is_fetched_once() {
    let swr = ("cache-control", "max-age=10, stale-while-revalidate=5");
    let shop = before(vec![(200, vec![swr], "one"), (200, vec![swr], "two")]);
    shop.at(0, get()).await;
    shop.memory.advance_ms(10_000);
    for _ in 0..5 {
        assert_eq!(shop.send(get(), "").await.body, b"one");
    }
    shop.memory.run_deferred().await;
    assert_eq!(shop.seen.borrow().len(), 2);
    assert_eq!(shop.at(10, get()).await.body, b"two");
}

#[tokio::test]
async fn when_the_origin_fails_a_copy_stands_in_where_it_may() {
    for (control, lost, status, second, expected) in [
        ("max-age=10", true, 200, 11, 200),
        ("max-age=10, must-revalidate", true, 200, 11, 504),
        ("max-age=10, proxy-revalidate", true, 200, 11, 504),
        ("s-maxage=10", true, 200, 11, 504),
        ("max-age=10, stale-if-error=5", true, 200, 14, 200),
        ("max-age=10, stale-if-error=5", true, 200, 15, 504),
        ("max-age=10, stale-if-error=5", false, 503, 14, 200),
        ("max-age=10, stale-if-error=5", false, 503, 15, 503),
        ("max-age=10", false, 503, 11, 503),
        ("max-age=10, stale-if-error=5", false, 404, 11, 404),
    ] {
        let shop = before(vec![
            (200, vec![("cache-control", control)], "one"),
            (status, vec![], "new"),
        ]);
        shop.at(0, get()).await;
        shop.fetches(&[lost.then_some(Lost::Reply)]);
        let answer = shop.at(second, get()).await;
        assert_eq!(answer.status, expected, "{control} {status} {second}");
        if expected == 200 {
            assert_eq!(answer.body, b"one");
            assert!(
                answer
                    .field("cache-status")
                    .contains("detail=stale-if-error")
            );
        }
    }
}

#[tokio::test]
async fn a_client_may_take_a_stale_copy_for_a_failure() {
    for (control, second, expected) in [
        ("max-age=10", 14, 200),
        ("max-age=10", 15, 503),
        ("max-age=10, must-revalidate", 14, 503),
    ] {
        let shop = before(vec![
            (200, vec![("cache-control", control)], "one"),
            (503, vec![], "new"),
        ]);
        shop.at(0, get()).await;
        let asked = get().header("cache-control", "stale-if-error=5");
        let answer = shop.at(second, asked).await;
        assert_eq!(answer.status, expected, "{control} {second}");
    }
}

#[tokio::test]
async fn variants_live_side_by_side() {
    let vary = |body| (200, vec![FRESH, ("vary", "Foo")], body);
    let shop = before(vec![vary("1"), vary("2"), vary("none")]);
    for (second, foo, expected, status) in [
        (0, Some("1"), "1", "fwd=uri-miss"),
        (1, Some("2"), "2", "fwd=vary-miss"),
        (2, Some("1"), "1", "hit"),
        (3, Some("2"), "2", "hit"),
        (4, None, "none", "fwd=vary-miss"),
        (5, None, "none", "hit"),
    ] {
        let request = foo
            .into_iter()
            .fold(get(), |request, foo| request.header("foo", foo));
        let answer = shop.at(second, request).await;
        assert_eq!(answer.body, expected.as_bytes(), "{second}");
        assert!(answer.field("cache-status").contains(status), "{second}");
    }
}

#[tokio::test]
async fn what_changed_is_forgotten() {
    let fresh = |body| (200, vec![FRESH], body);
    for (method, status, location, forgotten) in [
        ("POST", 200, None, true),
        ("PUT", 204, None, true),
        ("DELETE", 303, None, true),
        ("M-SEARCH", 200, None, true),
        ("POST", 500, None, false),
        ("DELETE", 404, None, false),
        ("OPTIONS", 200, None, false),
        ("POST", 201, Some("/v1/x?b=1&a=2"), true),
        ("POST", 201, Some("https://shop.example/v1/x?b=1&a=2"), true),
        (
            "POST",
            201,
            Some("https://other.example/v1/x?b=1&a=2"),
            false,
        ),
    ] {
        for vary in [None, Some(("vary", "foo"))] {
            let mut one = fresh("one");
            let mut two = fresh("two");
            one.1.extend(vary);
            two.1.extend(vary);
            let fields = location.map(|location| ("location", location));
            let shop = before(vec![one, (status, fields.into_iter().collect(), ""), two]);
            shop.at(0, get()).await;
            let path = if location.is_some() {
                "/other"
            } else {
                "/v1/x?b=1&a=2"
            };
            shop.at(1, Request::builder().method(method).uri(path))
                .await;
            let body = shop.at(2, get()).await.body;
            assert_eq!(
                body == b"two",
                forgotten,
                "{method} {status} {location:?} {vary:?}"
            );
        }
    }
}

#[tokio::test]
async fn ranges_are_cut_from_what_is_stored() {
    let shop = before(vec![
        (200, vec![FRESH, ("etag", "\"1\"")], "0123456789"),
        (206, vec![FRESH, ("content-range", "bytes 5-9/10")], "56789"),
        (206, vec![FRESH, ("content-range", "bytes 0-1/10")], "01"),
    ]);
    shop.at(0, get()).await;
    for (range, guard, status, body, content_range) in [
        ("bytes=0-1", None, 206, "01", "bytes 0-1/10"),
        ("bytes=-1", Some("\"1\""), 206, "9", "bytes 9-9/10"),
        ("bytes=8-", None, 206, "89", "bytes 8-9/10"),
        ("bytes=0-1,3-4", None, 200, "0123456789", ""),
        ("bytes=0-1", Some("\"2\""), 200, "0123456789", ""),
        ("bytes=0-1", Some("W/\"1\""), 200, "0123456789", ""),
    ] {
        let request = guard
            .into_iter()
            .fold(get(), |request, tag| request.header("if-range", tag));
        let answer = shop.at(1, request.header("range", range)).await;
        assert_eq!(
            (answer.status, answer.field("content-range")),
            (status, content_range),
            "{range}"
        );
        assert_eq!(answer.body, body.as_bytes(), "{range} {guard:?}");
    }
    let beyond = shop.at(1, get().header("range", "bytes=10-")).await;
    assert_eq!(
        (beyond.status, beyond.field("error-code")),
        (416, "range_not_satisfiable")
    );
    assert_eq!(beyond.json()["status"], 416);
    for (name, expected) in [
        ("content-range", "bytes */10"),
        ("content-type", shared::problem::MEDIA_TYPE),
        ("cache-control", "private, no-store"),
        ("etag", ""),
    ] {
        assert_eq!(beyond.field(name), expected, "{name}");
    }
    let part = |range| Request::get("/part").header("range", range);
    assert_eq!(shop.at(1, part("bytes=-5")).await.status, 206);
    let cut = shop.at(2, part("bytes=6-8")).await;
    assert_eq!((cut.status, cut.body.as_slice()), (206, &b"678"[..]));
    assert_eq!(cut.field("content-range"), "bytes 6-8/10");
    assert_eq!(shop.at(3, part("bytes=0-1")).await.body, b"01");
}

#[tokio::test]
async fn only_what_may_be_shared_is() {
    let with = |fields: &[(&'static str, &'static str)], body| (200, fields.to_vec(), body);
    for (fields, authorized, shared) in [
        (&[FRESH][..], false, true),
        (&[FRESH], true, false),
        (&[("cache-control", "s-maxage=10")], true, true),
        (&[("cache-control", "max-age=10, public")], true, true),
        (&[("cache-control", "max-age=10, private")], false, false),
        (&[FRESH, ("set-cookie", "a=b")], false, true),
        (
            &[
                ("last-modified", "Thu, 01 Jan 1998 00:00:00 GMT"),
                ("set-cookie", "a=b"),
            ],
            false,
            false,
        ),
        (&[FRESH, ("vary", "*")], false, false),
    ] {
        let shop = before(vec![with(fields, "one"), with(fields, "two")]);
        let request = if authorized {
            get().header("authorization", "Basic x")
        } else {
            get()
        };
        shop.at(0, request).await;
        let body = shop.at(1, get()).await.body;
        assert_eq!(body == b"one", shared, "{fields:?} {authorized}");
    }
}

#[tokio::test]
async fn clients_have_their_say() {
    let fresh = |body| (200, vec![FRESH, ("etag", "\"1\"")], body);
    for (line, second, expected) in [
        ("no-cache", 1, "two"),
        ("max-age=0", 1, "two"),
        ("min-fresh=10", 1, "two"),
        ("no-store", 1, "two"),
        ("max-stale=5", 12, "one"),
        ("only-if-cached", 5, "one"),
    ] {
        let shop = before(vec![fresh("one"), fresh("two")]);
        shop.at(0, get()).await;
        let answer = shop.at(second, get().header("cache-control", line)).await;
        assert_eq!(answer.body, expected.as_bytes(), "{line}");
    }
    let shop = before(vec![]);
    let answer = shop
        .at(0, get().header("cache-control", "only-if-cached"))
        .await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (504, "not_stored")
    );
    assert_eq!(answer.field("retry-after"), "1");
}

#[tokio::test]
async fn head_is_answered_from_a_get_and_updates_it() {
    let shop = before(vec![
        (200, vec![FRESH, ("x-a", "1")], "one"),
        (200, vec![FRESH, ("x-a", "2")], ""),
    ]);
    let head = || Request::head("/v1/x?b=1&a=2");
    shop.at(0, get()).await;
    let first = shop.at(1, head()).await;
    assert_eq!(
        (first.status, first.body.len(), first.field("x-a")),
        (200, 0, "1")
    );
    let second = shop.at(10, head()).await;
    assert_eq!(shop.seen.borrow().last().unwrap().method(), "HEAD");
    assert_eq!((second.field("x-a"), second.body.len()), ("2", 0));
    let third = shop.at(11, get()).await;
    assert_eq!(
        (third.field("x-a"), third.body.as_slice()),
        ("2", &b"one"[..])
    );
}

#[tokio::test]
async fn a_post_that_names_itself_answers_a_get() {
    for (fields, expected) in [
        (vec![FRESH, ("content-location", "/p")], "one"),
        (vec![FRESH, ("content-location", "/q")], "two"),
        (vec![FRESH], "two"),
        (
            vec![
                ("content-location", "/p"),
                ("last-modified", "Thu, 01 Jan 1998 00:00:00 GMT"),
            ],
            "two",
        ),
    ] {
        let shop = before(vec![(200, fields.clone(), "one"), (200, vec![], "two")]);
        shop.at(0, Request::post("/p")).await;
        let answer = shop.at(1, Request::get("/p")).await;
        assert_eq!(answer.body, expected.as_bytes(), "{fields:?}");
    }
}

#[tokio::test]
async fn writers_that_meet_lose_nothing() {
    let vary = |body| (200, vec![FRESH, ("vary", "Foo")], body);
    let shop = before(vec![vary("1"), vary("2"), vary("3")]);
    for foo in ["1", "2", "3"] {
        shop.send(get().header("foo", foo), "").await;
    }
    let memory = &shop.memory;
    tokio::join!(
        memory.run_deferred(),
        memory.run_deferred(),
        memory.run_deferred()
    );
    for foo in ["1", "2", "3"] {
        let answer = shop.at(1, get().header("foo", foo)).await;
        assert_eq!(answer.body, foo.as_bytes());
        assert_eq!(answer.field("cache-status"), "headgate; hit; ttl=9");
    }
}

#[tokio::test]
async fn first_answers_that_depend_on_other_fields_meet() {
    for ahead in 0..8 {
        let vary = |name| (200, vec![FRESH, ("vary", name)], name);
        let shop = before(vec![vary("a"), vary("b")]);
        for name in ["a", "b"] {
            shop.send(get().header(name, "1"), "").await;
        }
        tokio::join!(biased; shop.memory.run_deferred(), async {
            behind(ahead).await;
            shop.memory.run_deferred().await;
        });
        for name in ["a", "b"] {
            let answer = shop.at(1, get().header(name, "1")).await;
            assert_eq!(answer.body, name.as_bytes(), "{ahead}");
            assert_eq!(answer.field("cache-status"), "headgate; hit; ttl=9");
        }
    }
}

/// Lets what runs beside take so many steps.
async fn behind(steps: usize) {
    for _ in 0..steps {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_change_meets_the_storing_of_what_it_made_untrue() {
    for vary in [None, Some(("vary", "foo"))] {
        for ahead in 0..8 {
            let mut old = (200, vec![FRESH], "old");
            old.1.extend(vary);
            let shop = before(vec![old, (204, vec![], ""), (200, vec![FRESH], "new")]);
            shop.send(get(), "").await;
            shop.memory.advance_ms(1);
            tokio::join!(biased; shop.memory.run_deferred(), async {
                behind(ahead).await;
                shop.send(Request::put("/v1/x?b=1&a=2"), "").await;
            });
            let body = shop.at(1, get()).await.body;
            assert_eq!(body, b"new", "{vary:?} {ahead}");
        }
    }
}

#[tokio::test]
async fn a_whole_response_brings_no_forgotten_variant_back() {
    let vary = |body| (200, vec![FRESH, ("vary", "foo")], body);
    let old = vec![("cache-control", "max-age=1000"), ("vary", "foo")];
    let shop = before(vec![
        (200, old, "old"),
        (204, vec![], ""),
        (200, vec![FRESH], "whole"),
        vary("two"),
        vary("new"),
    ]);
    let ask = |foo| get().header("foo", foo);
    shop.at(0, ask("1")).await;
    shop.at(1, Request::put("/v1/x?b=1&a=2")).await;
    for (second, foo, expected) in [(2, "2", "whole"), (12, "2", "two"), (13, "1", "new")] {
        assert_eq!(shop.at(second, ask(foo)).await.body, expected.as_bytes());
    }
}

#[tokio::test]
async fn a_lost_index_brings_nothing_back_that_was_forgotten() {
    let vary = |body| (200, vec![FRESH, ("vary", "foo")], body);
    let old = vec![("cache-control", "max-age=1000"), ("vary", "foo")];
    let shop = before(vec![
        (200, old, "old"),
        (204, vec![], ""),
        vary("two"),
        vary("new"),
    ]);
    let ask = |foo| get().header("foo", foo);
    shop.at(0, ask("1")).await;
    shop.at(1, Request::put("/v1/x?b=1&a=2")).await;
    shop.memory.evict_copy("/v2/v1/x?b=1&a=2");
    assert_eq!(shop.at(300, ask("2")).await.body, b"two");
    assert_eq!(shop.at(301, ask("1")).await.body, b"new");
}

#[tokio::test]
async fn a_fetch_that_began_before_a_change_is_not_kept() {
    for vary in [None, Some(("vary", "foo"))] {
        let mut old = (200, vec![FRESH], "old");
        old.1.extend(vary);
        let shop = before(vec![old, (204, vec![], ""), (200, vec![FRESH], "new")]);
        shop.send(get(), "").await;
        shop.memory.advance_ms(1);
        shop.send(Request::put("/v1/x?b=1&a=2"), "").await;
        shop.memory.run_deferred().await;
        assert_eq!(shop.at(1, get()).await.body, b"new", "{vary:?}");
        assert_eq!(shop.at(2, get()).await.body, b"new", "{vary:?}");
    }
}
