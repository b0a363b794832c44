//! Pools whose lists change while all runs: who is asked then, what is known on, and that no list keeps out the
//! one after it.

use super::pool::READY;
use super::*;
use crate::feed::names;
use crate::identity::records::{POOLS_MS, REST_MS};
use crate::platform::memory::Ill;
use crate::platform::{Clock, Feed as _};
use crate::pool::{CHECK_MS, FAILURES_MAX};

const RECORD: &str = "/records/origins";
const ADMIN: &str = "/v2/admin/origins";

/// The record as the origins show it: a document, or the status of a refusal.
type Record = Rc<RefCell<Value>>;

/// Before `http://a`, which the deployment lists, and whoever a record names. `wrong` is somebody else's server.
fn before(record: &Record) -> Shop {
    let (shown, orders) = (Rc::clone(record), Cell::default());
    let shop = start_before(gateway(), move |request| {
        match (request.uri().host(), request.uri().path()) {
            (Some("wrong"), _) => Response::new("<html>".into()),
            (_, RECORD) => match shown.borrow().as_u64() {
                Some(status) => {
                    let status = u16::try_from(status).unwrap();
                    let refusal = Response::builder().status(status);
                    refusal.body(Bytes::new()).unwrap()
                }
                None => Response::new(shown.borrow().to_string().into()),
            },
            (_, READY | "/admin/origins") => Response::new(Bytes::new()),
            _ => origin(&orders, request),
        }
    });
    Shop {
        isolate: isolate(),
        ..shop
    }
}

fn gateway() -> Gateway {
    let mut gateway = shop();
    gateway.pools[0].at_run_time = true;
    gateway
}

/// An isolate that has seen nothing yet.
fn isolate() -> Isolate {
    let settings = Settings {
        assertion_keys: SECRET.parse().unwrap(),
        public_url: None,
        converters: shared::versions::REVISION,
    };
    let mut isolate = Isolate::new(gateway(), settings);
    let own = |_: &str| Ok("http://a".to_owned());
    isolate.list_origins(own).unwrap();
    isolate
}

/// The default pool's list: hosts with their weights.
fn list(origins: &[(&str, u32)]) -> Value {
    let origins = origins.iter().map(|(host, weight)| {
        let url = format!("http://{host}");
        json!({"url": url, "weight": weight})
    });
    json!({"pools": {"default": origins.collect::<Vec<_>>()}})
}

impl Shop {
    /// The record is another one now, and the feed says so.
    async fn set(&self, record: &Record, to: Value) {
        *record.borrow_mut() = to;
        let change = crate::feed::Change {
            names: vec![names::record("origins").unwrap()],
            position: None,
            soft: false,
        };
        self.memory.append(&change).await.unwrap();
        self.memory.advance_ms(1_100);
    }

    /// The next reads, each answered with this status. To whom they went, without those of an earlier look.
    async fn reads(&self, count: usize, status: u16) -> String {
        self.seen.borrow_mut().clear();
        for _ in 0..count {
            let number = self.memory.now_ms();
            assert_eq!(self.fresh(number.try_into().unwrap()).await.status, status);
        }
        self.went("/products/")
    }

    /// The hosts that were asked for paths that begin so.
    fn went(&self, path: &str) -> String {
        let seen = self.seen.borrow();
        let asked = seen.iter().filter(|one| one.uri().path().starts_with(path));
        let hosts: std::collections::BTreeSet<_> =
            asked.filter_map(|one| one.uri().host()).collect();
        hosts.into_iter().collect::<Vec<_>>().join(" ")
    }

    async fn ask_admin(&self) -> Answered {
        let request =
            Request::get(ADMIN).header("authorization", bearer(&json!({"role": "admin"})));
        let answer = self.send(request, "").await;
        self.memory.run_deferred().await;
        answer
    }
}

#[tokio::test]
async fn a_new_origin_is_probed_and_serves_and_one_that_is_left_out_does_not() {
    let record = Record::default();
    let shop = before(&record);
    assert_eq!(shop.reads(10, 200).await, "a");
    shop.set(&record, list(&[("a", 1), ("b", 1)])).await;
    // Behind the first the list is fetched, behind the next two both are asked whether they are well.
    assert_eq!(shop.reads(3, 200).await, "a");
    assert_eq!(shop.went(READY), "a b");
    assert_eq!(shop.reads(30, 200).await, "a b");
    shop.set(&record, list(&[("b", 1), ("a", 0)])).await;
    shop.reads(1, 200).await;
    assert_eq!(shop.reads(30, 200).await, "b");
    shop.set(&record, list(&[("c", 1)])).await;
    shop.reads(1, 200).await;
    assert_eq!(shop.reads(30, 200).await, "c");
    shop.set(&record, Value::Null).await;
    shop.reads(1, 200).await;
    assert_eq!(shop.reads(30, 200).await, "a");
    // Another pool's list is none of this one's.
    shop.set(
        &record,
        json!({"pools": {"other": [{"url": "http://b", "weight": 1}]}}),
    )
    .await;
    shop.reads(1, 200).await;
    assert_eq!(shop.reads(30, 200).await, "a");
}

#[tokio::test]
async fn a_new_origin_that_is_dead_gets_no_request() {
    let record = Record::default();
    let shop = before(&record);
    shop.reads(1, 200).await;
    shop.ill(&[("b", Ill::Refuses)]);
    shop.set(&record, list(&[("a", 1), ("b", 1)])).await;
    shop.tries();
    shop.reads(40, 200).await;
    assert_eq!(shop.tries(), [1; 40]);
    shop.ill(&[]);
    shop.memory.advance_ms(CHECK_MS);
    shop.reads(2, 200).await;
    assert_eq!(shop.reads(30, 200).await, "a b");
}

#[tokio::test]
async fn what_is_known_of_an_origin_is_kept() {
    let record = Rc::new(RefCell::new(list(&[("a", 1), ("b", 1)])));
    let shop = before(&record);
    assert_eq!(shop.reads(30, 200).await, "a b");
    shop.ill(&[("b", Ill::Refuses)]);
    shop.tries();
    shop.reads(60, 200).await;
    let again: u64 = shop.tries().into_iter().map(|tries| tries - 1).sum();
    assert!((1..=u64::from(FAILURES_MAX)).contains(&again), "{again}");
    // It is out in the lists that follow, too, wherever it stands in them.
    shop.set(&record, list(&[("b", 2), ("c", 1), ("a", 1)]))
        .await;
    shop.reads(60, 200).await;
    assert_eq!(shop.tries(), [1; 60]);
    shop.ill(&[]);
    shop.memory.advance_ms(CHECK_MS);
    shop.reads(3, 200).await;
    assert_eq!(shop.reads(40, 200).await, "a b c");
}

#[tokio::test]
async fn a_list_that_leads_nowhere_is_replaced_through_the_edge() {
    for (bad, ill) in [("dead", Some(Ill::Refuses)), ("wrong", None)] {
        let record = Record::default();
        let mut shop = before(&record);
        shop.reads(1, 200).await;
        if let Some(ill) = ill {
            shop.ill(&[(bad, ill)]);
        }
        shop.set(&record, list(&[(bad, 1)])).await;
        shop.fresh(0).await;
        shop.seen.borrow_mut().clear();
        for number in 1..2 * usize::try_from(FAILURES_MAX).unwrap() {
            let answer = shop.fresh(number).await;
            assert_eq!(answer.status == 200, ill.is_none(), "{bad}");
        }
        assert_eq!(
            shop.went("/products/"),
            if ill.is_some() { "" } else { bad }
        );
        // Whoever sets lists is known and heard: here, in an isolate that begins, and in another location.
        assert_eq!(shop.ask_admin().await.status, 200, "{bad}");
        for place in [shop.memory.clone(), shop.memory.another_location()] {
            shop.isolate = isolate();
            shop.memory = place;
            shop.seen.borrow_mut().clear();
            assert_eq!(shop.ask_admin().await.status, 200, "{bad}");
            assert_eq!(shop.went("/admin/origins"), "a", "{bad}");
        }
        shop.set(&record, Value::Null).await;
        shop.fresh(100).await;
        assert_eq!(shop.reads(10, 200).await, "a", "{bad}");
    }
}

#[tokio::test]
async fn own_origins_may_be_gone_while_a_list_leads_on() {
    let record = Rc::new(RefCell::new(list(&[("b", 1), ("c", 1)])));
    let mut shop = before(&record);
    assert_eq!(shop.reads(30, 200).await, "b c");
    for ill in [Ill::Refuses, Ill::Hangs] {
        shop.ill(&[("a", ill)]);
        // Nobody waits for the record, and it comes from the list's origins.
        shop.memory.advance_ms(POOLS_MS);
        for number in 0..20 {
            let before_ms = shop.memory.now_ms();
            let answer = shop.get(&format!("/products/{ill:?}{number}")).await;
            assert_eq!(answer.status, 200);
            assert_eq!(shop.memory.now_ms(), before_ms, "{ill:?}");
            shop.memory.run_deferred().await;
        }
        assert_eq!(shop.ask_admin().await.status, 200, "{ill:?}");
    }
    shop.memory.advance_ms(REST_MS);
    shop.set(&record, list(&[("c", 1)])).await;
    shop.reads(1, 200).await;
    assert_eq!(shop.reads(10, 200).await, "c");
    // An isolate that begins knows from its location where to go.
    shop.isolate = isolate();
    shop.memory.advance_ms(2 * POOLS_MS);
    assert_eq!(shop.reads(10, 200).await, "c");
}

#[tokio::test]
async fn what_cant_be_read_leaves_the_lists_that_were_known_last() {
    for bad in [
        json!({"pools": {"default": []}}),
        json!({"pools": {"default": [{"url": "b", "weight": 1}]}}),
        json!({}),
        json!(503),
        json!(404),
    ] {
        let record = Rc::new(RefCell::new(list(&[("b", 1)])));
        let mut shop = before(&record);
        assert_eq!(shop.reads(5, 200).await, "b");
        shop.set(&record, bad.clone()).await;
        assert_eq!(shop.reads(20, 200).await, "b", "{bad}");
        // It is not asked for with each request: at both at most, and once.
        let asked = shop.calls(RECORD);
        assert!((1..=2).contains(&asked), "{bad} {asked}");
        // One that never knew a list has the deployment's.
        shop.isolate = isolate();
        shop.memory.evict_copies();
        assert_eq!(shop.reads(5, 200).await, "a", "{bad}");
        *record.borrow_mut() = list(&[("c", 1)]);
        shop.memory.advance_ms(REST_MS);
        shop.reads(1, 200).await;
        assert_eq!(shop.reads(5, 200).await, "c", "{bad}");
    }
}

#[tokio::test]
async fn a_list_is_known_within_a_minute_when_the_feed_is_silent() {
    let record = Record::default();
    let shop = before(&record);
    assert_eq!(shop.reads(5, 200).await, "a");
    *record.borrow_mut() = list(&[("b", 1)]);
    assert_eq!(shop.reads(5, 200).await, "a");
    assert_eq!(shop.calls(RECORD), 0);
    const { assert!(POOLS_MS < 60_000) };
    shop.memory.advance_ms(POOLS_MS);
    shop.reads(1, 200).await;
    assert_eq!(shop.reads(5, 200).await, "b");
}
