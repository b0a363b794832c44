//! The firewall stage: lists, oddities, patterns, and the fields for browsers.

use super::*;
use crate::config::Patterns;
use crate::feed::names;
use crate::identity::records::REST_MS;
use crate::platform::Feed as _;

fn start_with(change: impl FnOnce(&mut Gateway)) -> Shop {
    let mut gateway = shop();
    change(&mut gateway);
    let orders = Cell::default();
    start_before(gateway, move |request| origin(&orders, request))
}

#[tokio::test]
async fn who_is_out_gets_403_before_anything_else() {
    for change in [
        (|gateway: &mut Gateway| gateway.firewall.deny = vec!["192.0.2.0/24".into()]) as fn(&mut _),
        |gateway| gateway.firewall.allow = vec!["198.51.100.0/24".into()],
        |gateway| gateway.firewall.deny_countries = vec!["CH".into()],
        |gateway| gateway.firewall.allow_countries = vec!["DE".into()],
    ] {
        let shop = start_with(change);
        for path in ["/v2/products/1", "/v9/nothing", "/problems/not_found"] {
            let answer = shop.get(path).await;
            assert_eq!(
                (answer.status, answer.field("error-code")),
                (403, "access_denied"),
                "{path}"
            );
        }
        assert!(shop.seen.borrow().is_empty());
    }
    let shop = start_with(|gateway| gateway.firewall.allow = vec!["192.0.2.1".into()]);
    assert_eq!(shop.get("/v2/products/1").await.status, 200);
}

#[tokio::test]
async fn lists_change_when_the_feed_tells() {
    let lists: Rc<RefCell<Value>> = Rc::new(RefCell::new(json!({"deny": []})));
    let (shown, orders) = (Rc::clone(&lists), Cell::default());
    let mut gateway = shop();
    gateway.firewall.at_run_time = true;
    let shop = start_before(gateway, move |request| {
        if request.uri().path() == "/records/firewall" {
            return match &*shown.borrow() {
                Value::String(_) => Response::builder().status(503).body(Bytes::new()).unwrap(),
                lists => Response::new(lists.to_string().into()),
            };
        }
        origin(&orders, request)
    });
    assert_eq!(shop.get("/v2/products/1").await.status, 200);
    let tell = async |json: Value| {
        *lists.borrow_mut() = json;
        let change = crate::feed::Change {
            names: vec![names::record("firewall").unwrap()],
            position: None,
            soft: false,
        };
        shop.memory.append(&change).await.unwrap();
        shop.memory.advance_ms(1_100);
    };
    tell(json!({"deny": ["192.0.2.1"]})).await;
    assert_eq!(shop.get("/v2/products/1").await.status, 403);
    tell(json!({"deny_countries": ["FR"]})).await;
    assert_eq!(shop.get("/v2/products/1").await.status, 200);
    assert_eq!(shop.calls("/records/firewall"), 3);
    // What can't be read or had leaves those that were known last, and is not asked for each time.
    for bad in [json!({"deny": ["x"]}), json!("down")] {
        tell(bad).await;
        let before = shop.calls("/records/firewall");
        for _ in 0..3 {
            assert_eq!(shop.get("/v2/products/1").await.status, 200);
        }
        assert_eq!(shop.calls("/records/firewall"), before + 1);
        shop.memory.advance_ms(REST_MS);
        tell(json!({"deny": ["192.0.2.1"]})).await;
        assert_eq!(shop.get("/v2/products/1").await.status, 403);
        tell(json!("down")).await;
        assert_eq!(shop.get("/v2/products/1").await.status, 403);
        shop.memory.advance_ms(REST_MS);
        tell(json!({})).await;
        assert_eq!(shop.get("/v2/products/1").await.status, 200);
    }
}

#[tokio::test]
async fn no_record_leaves_the_configured_lists() {
    let orders = Cell::default();
    let mut gateway = shop();
    gateway.firewall.at_run_time = true;
    gateway.firewall.deny = vec!["192.0.2.1".into()];
    let record = Rc::new(RefCell::new("null"));
    let shown = Rc::clone(&record);
    let shop = start_before(gateway, move |request| {
        if request.uri().path() == "/records/firewall" {
            return Response::new(Bytes::from_static(shown.borrow().as_bytes()));
        }
        origin(&orders, request)
    });
    for _ in 0..3 {
        assert_eq!(shop.get("/v2/products/1").await.status, 403);
        shop.memory.advance_ms(60_000);
    }
    assert_eq!(shop.calls("/records/firewall"), 1);
    *record.borrow_mut() = "{}";
    let change = crate::feed::Change {
        names: vec![names::record("firewall").unwrap()],
        position: None,
        soft: false,
    };
    shop.memory.append(&change).await.unwrap();
    shop.memory.advance_ms(1_100);
    assert_eq!(shop.get("/v2/products/1").await.status, 200);
}

#[tokio::test]
async fn oddities_go_no_further() {
    let shop = start();
    for (path, name, value) in [
        ("/v2/products/%2e%2e", "accept", "*/*"),
        ("/v2/products/1", "transfer-encoding", "gzip"),
        ("/v2/products/1", "content-length", "1, 1"),
    ] {
        let answer = shop.send(Request::get(path).header(name, value), "").await;
        assert_eq!(
            (answer.status, answer.field("error-code")),
            (400, "request_invalid"),
            "{path}"
        );
    }
    let mut many = Request::get("/v2/products/1");
    for number in 0..101 {
        many = many.header(format!("x-{number}"), "1");
    }
    assert_eq!(shop.send(many, "").await.status, 431);
    assert!(shop.seen.borrow().is_empty());
}

#[tokio::test]
async fn patterns_are_logged_first_and_blocked_by_choice() {
    let attack = "/v2/products?q=%27%20or%201=1";
    for (patterns, status, logged) in [
        (Patterns::Off, 200, None),
        (Patterns::Log, 200, Some("sql")),
        (Patterns::Block, 403, Some("sql")),
    ] {
        let shop = start_with(|gateway| {
            for route in &mut gateway.routes {
                route.patterns = patterns;
            }
        });
        assert_eq!(shop.get(attack).await.status, status, "{patterns:?}");
        let line: Value = serde_json::from_str(&shop.memory.take_log()[0]).unwrap();
        assert_eq!(line["firewall"].as_str(), logged);
        assert_eq!(shop.get("/v2/products?q=union+jack").await.status, 200);
        let line: Value = serde_json::from_str(&shop.memory.take_log()[0]).unwrap();
        assert!(line.get("firewall").is_none());
    }
}

#[tokio::test]
async fn every_answer_tells_browsers_what_to_heed() {
    let shop = start();
    for path in [
        "/v2/products/1",
        "/v2/nothing",
        "/problems/not_found",
        "/v2/rate_limit",
    ] {
        let answer = shop.get(path).await;
        assert_eq!(answer.field("x-content-type-options"), "nosniff", "{path}");
        assert!(
            answer
                .field("strict-transport-security")
                .starts_with("max-age=")
        );
        let data = answer.field("content-type").starts_with("application/");
        let policy = answer.field("content-security-policy");
        assert_eq!(policy.starts_with("default-src 'none'"), data, "{path}");
    }
}
