//! Several origins: who is tried, who is tried again, and what the client hears.

use super::*;
use crate::platform::Clock;
use crate::platform::memory::Ill;
use crate::pool::{FAILURES_MAX, OUT_MS, RESERVE, TRY_COST};

pub(super) const READY: &str = "/readyz";
const VIEWS: &str = "/analytics/views";

fn listed(binding: &str) -> Result<String, String> {
    match binding {
        "ORIGIN_URL" => Ok("http://a http://b".to_owned()),
        other => Err(other.to_owned()),
    }
}

/// Before `http://a` and `http://b`, which answer alike but for a status that a test chooses.
fn two(statuses: Rc<Cell<[u16; 2]>>) -> Shop {
    let orders = Cell::default();
    let mut shop = start_before(shop(), move |request| {
        let [a, b] = statuses.get();
        let status = if request.uri().host() == Some("a") {
            a
        } else {
            b
        };
        if status == 200 || request.uri().path() == "/.well-known/jwks.json" {
            return origin(&orders, request);
        }
        let answer = Response::builder().status(status);
        answer.header("x-own", "kept").body("own".into()).unwrap()
    });
    shop.isolate.list_origins(listed).unwrap();
    shop
}

fn well() -> Shop {
    two(Rc::new(Cell::new([200; 2])))
}

impl Shop {
    pub(super) fn ill(&self, origins: &[(&str, Ill)]) {
        let origins = origins.iter().map(|(host, ill)| ((*host).to_owned(), *ill));
        self.memory.set_faults(Faults {
            origins: origins.collect(),
            ..Faults::default()
        });
    }

    /// How many requests a host got, checks apart, and how many checks.
    pub(super) fn asked(&self, host: &str) -> (usize, usize) {
        let seen = self.seen.borrow();
        let of_host = seen
            .iter()
            .filter(|request| request.uri().host() == Some(host))
            // Told by the way, now and then.
            .filter(|request| request.uri().path() != VIEWS);
        let (checks, others): (Vec<_>, Vec<_>) =
            of_host.partition(|request| request.uri().path() == READY);
        (others.len(), checks.len())
    }

    /// A read that no copy answers.
    pub(super) async fn fresh(&self, number: usize) -> Answered {
        // An address has a hundred a second.
        self.memory.advance_ms(10);
        let answer = self.get(&format!("/products/{number}")).await;
        self.memory.run_deferred().await;
        answer
    }

    pub(super) fn tries(&self) -> Vec<u64> {
        let lines = self.memory.take_log();
        let tries = lines.iter().map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            line["tries"].as_u64().unwrap()
        });
        tries.collect()
    }
}

#[tokio::test]
async fn reads_are_shared_out_and_go_on_without_one() {
    let shop = well();
    for number in 0..40 {
        assert_eq!(shop.fresh(number).await.status, 200);
    }
    let (a, b) = (shop.asked("a").0, shop.asked("b").0);
    assert!(a > 8 && b > 8 && a + b == 40, "{a} {b}");
    shop.ill(&[("a", Ill::Refuses)]);
    shop.tries();
    let mut several = 0;
    for number in 40..140 {
        assert_eq!(shop.fresh(number).await.status, 200);
        several += shop.tries()[0] - 1;
    }
    // It was found out by those, and asked no more.
    assert_eq!(several, u64::from(FAILURES_MAX));
    assert_eq!(shop.asked("a").0, a);
    // Once it is well it is probed, and comes back.
    shop.ill(&[]);
    shop.memory.advance_ms(OUT_MS);
    for number in 140..180 {
        assert_eq!(shop.fresh(number).await.status, 200);
    }
    assert!(shop.asked("a").0 > a + 8, "{:?}", shop.asked("a"));
    assert!(shop.asked("a").1 > 0);
}

#[tokio::test]
async fn each_try_is_signed_for_itself() {
    // Time passes at the origin, so that what was signed for the first try is told from the second's.
    let world: Rc<RefCell<Option<Memory>>> = Rc::default();
    let clock = Rc::clone(&world);
    let mut shop = start_before(shop(), move |request| {
        if let Some(memory) = clock.borrow().as_ref() {
            memory.advance_ms(1_000);
        }
        let first = request.uri().path() == READY;
        let answer = Response::builder().status(if first { 200 } else { 503 });
        answer.body(Bytes::new()).unwrap()
    });
    *world.borrow_mut() = Some(shop.memory.clone());
    shop.isolate.list_origins(listed).unwrap();
    shop.get("/products/1").await;
    assert_eq!(shop.tries(), [2]);
    let seen = shop.seen.borrow();
    let keys: AssertionKeys = SECRET.parse().unwrap();
    let signed = seen.iter().map(|request| {
        let text = request.headers()[shared::header::ASSERTION]
            .to_str()
            .unwrap();
        let now = i64::try_from(shop.memory.now_ms() / 1000).unwrap();
        let target = request.uri().path();
        assert!(keys.verify(text, "GET", target, now).is_ok());
        text
    });
    let signed: Vec<_> = signed.collect();
    assert_eq!(signed.len(), 2);
    assert_ne!(signed[0], signed[1]);
}

#[tokio::test]
async fn what_changes_something_is_sent_again_under_its_key_alone() {
    for (ill, keyed_again, status) in [
        (Ill::Refuses, true, 502),
        (Ill::Cuts, true, 502),
        // It had all the time that there was.
        (Ill::Hangs, false, 504),
    ] {
        let shop = well();
        shop.ill(&[("a", ill)]);
        let mut failed = 0;
        for number in 0..4 {
            let answer = shop.order(&format!("k{number}"), "{}").await;
            shop.memory.run_deferred().await;
            if answer.status != 201 {
                failed += 1;
                assert_eq!(answer.status, status, "{ill:?}");
            }
        }
        let tries = shop.tries();
        assert_eq!(tries.contains(&2), keyed_again, "{ill:?} {tries:?}");
        assert_eq!(failed > 0, !keyed_again, "{ill:?}");
    }
    // Without a key it is sent once, whatever happens to it.
    let shop = well();
    shop.ill(&[("a", Ill::Refuses), ("b", Ill::Refuses)]);
    let search = Request::post("/v2/products/search").header("content-type", "application/json");
    let answer = shop.send(search, "{}").await;
    assert_eq!((answer.status, shop.tries()), (502, vec![1]));
    assert_eq!(
        answer.field("proxy-status"),
        "headgate; error=connection_refused"
    );
}

#[tokio::test]
async fn work_that_may_be_done_is_not_called_undone() {
    for (b, status, code) in [(503, 502, "origin_unreachable"), (200, 201, "")] {
        let shop = two(Rc::new(Cell::new([200, b])));
        shop.ill(&[("a", Ill::Cuts)]);
        let mut number = 0;
        let answer = loop {
            let answer = shop.order(&format!("k{number}"), "{}").await;
            let cut = shop.seen.borrow().iter().any(|request| {
                request.uri().host() == Some("a") && request.uri().path() == "/orders"
            });
            if cut && shop.tries().last() == Some(&2) {
                break answer;
            }
            shop.seen.borrow_mut().clear();
            number += 1;
            assert!(number < 20, "a was never the first");
        };
        assert_eq!((answer.status, answer.field("error-code")), (status, code));
        if status == 502 {
            assert_eq!(answer.json()["outcome"], "unknown");
            assert_eq!(answer.json()["safe_new_key"], false);
        }
    }
}

#[tokio::test]
async fn a_read_leaves_one_that_hangs_while_there_is_time() {
    let shop = well();
    shop.ill(&[("a", Ill::Hangs)]);
    for number in 0..30 {
        let before_ms = shop.memory.now_ms();
        let answer = shop.get(&format!("/products/{number}")).await;
        assert_eq!(answer.status, 200, "{number}");
        assert!(shop.memory.now_ms() - before_ms < 5_100, "{number}");
    }
    shop.ill(&[("a", Ill::Hangs), ("b", Ill::Hangs)]);
    let before_ms = shop.memory.now_ms();
    let answer = shop.get("/products/99").await;
    assert_eq!(answer.status, 504);
    assert_eq!(
        answer.field("proxy-status"),
        "headgate; error=http_response_timeout"
    );
    assert_eq!(shop.memory.now_ms() - before_ms, 15_000);
}

#[tokio::test]
async fn when_nobody_is_in_nothing_is_sent_until_a_probe_succeeds() {
    let shop = well();
    assert_eq!(shop.order("known", "{}").await.status, 201);
    shop.ill(&[("a", Ill::Refuses), ("b", Ill::Refuses)]);
    for number in 0..u64::from(2 * FAILURES_MAX) {
        let answer = shop.order(&format!("k{number}"), "{}").await;
        shop.memory.run_deferred().await;
        assert!(answer.status >= 502, "{}", answer.status);
    }
    let answer = shop.order("out", "{}").await;
    assert_eq!(
        (answer.status, answer.field("error-code")),
        (503, "unavailable")
    );
    assert_eq!(answer.field("retry-after"), "1");
    assert_eq!(
        answer.field("proxy-status"),
        "headgate; error=destination_unavailable"
    );
    assert_eq!(answer.json()["outcome"], "not_applied");
    assert_eq!(answer.json()["safe_new_key"], false);
    assert_eq!(shop.tries().last(), Some(&0));
    // They are well again, which nobody knows before the time of a probe.
    shop.ill(&[]);
    assert_eq!(shop.order("still", "{}").await.status, 503);
    shop.memory.advance_ms(2 * OUT_MS);
    assert_eq!(shop.order("again", "{}").await.status, 201);
}

#[tokio::test]
async fn statuses_pass_as_they_came() {
    for status in [500, 501, 502, 503, 504] {
        let shop = two(Rc::new(Cell::new([status; 2])));
        let answer = shop.order("k", "{}").await;
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (status, &b"own"[..])
        );
        assert_eq!(answer.field("x-own"), "kept");
        let again = matches!(status, 502..=504);
        assert_eq!(shop.tries(), [1 + u64::from(again)], "{status}");
    }
}

#[tokio::test]
async fn tries_add_a_tenth_to_the_load_at_most() {
    let mut gateway = crate::config::tests::shop();
    // Nobody goes out, which would end it sooner.
    gateway.pools.clear();
    let mut shop = start_before(gateway, |_| {
        Response::builder().status(503).body(Bytes::new()).unwrap()
    });
    shop.isolate.list_origins(listed).unwrap();
    let reads = 500;
    for number in 0..reads {
        assert_eq!(shop.fresh(number).await.status, 503);
    }
    let sent = shop.seen.borrow().len();
    let most = reads + reads / TRY_COST as usize + RESERVE as usize;
    assert!((most - 2..=most).contains(&sent), "{sent} {most}");
}

#[tokio::test]
async fn the_issuers_keys_come_from_whoever_is_there() {
    for host in ["a", "b"] {
        let shop = well();
        shop.ill(&[(host, Ill::Refuses)]);
        let orders = Request::get("/orders").header("authorization", bearer(&json!({})));
        assert_eq!(shop.send(orders, "").await.status, 200, "{host}");
    }
}

#[tokio::test]
async fn what_the_shop_refuses_by_itself_takes_no_origin_out() {
    for (named, is_out) in [(true, false), (false, true)] {
        let shop = start_before(shop(), move |request| {
            let well = request.uri().path() == READY;
            let mut answer = Response::builder().status(if well { 200 } else { 503 });
            if named {
                answer = answer.header("error-code", "unavailable");
            }
            answer.body(Bytes::new()).unwrap()
        });
        let mut sent = Vec::new();
        for number in 0..2 * usize::try_from(FAILURES_MAX).unwrap() {
            assert_eq!(shop.fresh(number).await.status, 503);
            sent.push(shop.tries()[0]);
        }
        assert_eq!(sent.contains(&0), is_out, "{named} {sent:?}");
    }
}

#[tokio::test]
async fn each_origin_is_told_for_how_long_it_is_waited() {
    let shop = well();
    assert_eq!(shop.get("/products/1").await.status, 200);
    assert_eq!(shop.order("k", "{}").await.status, 201);
    // The second try of one that had waited for the first, until that one is known to be ill.
    shop.ill(&[("a", Ill::Hangs)]);
    for number in 2..30 {
        assert_eq!(shop.fresh(number).await.status, 200);
    }
    let seen = shop.seen.borrow();
    let budgets = |path: &str| -> Vec<u32> {
        let asked = seen.iter().filter(|request| request.uri().path() == path);
        let budget = asked.map(|request| request.headers()[shared::header::BUDGET_MS].to_str());
        budget.map(|text| text.unwrap().parse().unwrap()).collect()
    };
    assert_eq!(budgets("/products/1"), [5_000]);
    assert_eq!(budgets("/orders"), [25_000]);
    let second = (2..30).flat_map(|number| budgets(&format!("/products/{number}")));
    let second: Vec<u32> = second
        .filter(|budget| *budget != 5_000 && *budget != 15_000)
        .collect();
    assert!(!second.is_empty());
    let left = 9_000..=10_000;
    assert!(
        second.iter().all(|budget| left.contains(budget)),
        "{second:?}"
    );
}
