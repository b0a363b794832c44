//! Plans: what they limit, what counts, and what is told of it.

use shared::record;

use super::callers::partner;
use super::*;
use crate::feed::names;

#[tokio::test]
async fn a_quota_counts_requests_but_no_replays_and_no_304s() {
    let partner = partner();
    partner.plan.borrow_mut()["quota"] = json!({"limit": 3, "period": "DAY"});
    let get = || {
        Request::get("/v2/products/1")
            .header("x-api-key", partner.key.expose())
            .header("if-none-match", "\"1\"")
    };
    let left = |answer: &Answered, left: u64| {
        let states = answer.field("ratelimit");
        let quota = format!("\"quota\";r={left};t=");
        assert!(states.contains(&quota), "{states}");
    };
    for _ in 0..5 {
        let answer = partner.shop.send(get(), "").await;
        assert_eq!(answer.status, 304);
        left(&answer, 3);
    }
    let look = || Request::get("/v2/rate_limit").header("x-api-key", partner.key.expose());
    let looked = partner.shop.send(look(), "").await;
    left(&looked, 3);
    assert_eq!(looked.json()["quota"]["remaining"], 3);
    let order = || {
        Request::post("/v2/orders")
            .header("x-api-key", partner.key.expose())
            .header("idempotency-key", "k")
            .header("content-type", "application/json")
    };
    for replayed in ["false", "true", "true", "true"] {
        let answer = partner.shop.send(order(), "{}").await;
        assert_eq!(
            (answer.status, answer.field("idempotent-replayed")),
            (201, replayed)
        );
        left(&answer, 2);
        partner.shop.memory.run_deferred().await;
    }
    let answer = partner.orders().await;
    let (policies, states) = (answer.field("ratelimit-policy"), answer.field("ratelimit"));
    assert_eq!(policies, "\"gold\";q=600;w=60, \"quota\";q=3;w=86400");
    assert!(states.contains("\"quota\";r=1;t="), "{states}");
    assert_eq!(partner.orders().await.status, 200);
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "quota_exceeded")
    );
    assert_eq!(refused.json()["violated-policies"], json!(["quota"]));
    let wait = refused.field("retry-after").parse::<u64>().unwrap();
    assert_eq!((NOW / 1000 + wait) % 86_400, 0);
    partner.shop.memory.advance_ms(wait * 1000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn places_are_left_when_the_answer_is_there() {
    let partner = partner();
    partner.plan.borrow_mut()["concurrency"] = json!(1);
    assert_eq!(partner.orders().await.status, 200);
    // What tells that it has ended is behind the answer.
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "concurrency_exceeded")
    );
    assert_eq!(refused.field("retry-after"), "20");
    partner.shop.memory.run_deferred().await;
    assert_eq!(partner.orders().await.status, 200);
    partner.shop.memory.drop_deferred();
    // The isolate died; the place is free when its time is over.
    partner.shop.memory.advance_ms(20_000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn a_stage_bounds_all_callers_of_a_plan() {
    let partner = partner();
    partner.plan.borrow_mut()["stages"] = json!({"prod": {"rate": 4, "per_seconds": 60}});
    for _ in 0..4 {
        assert_eq!(partner.orders().await.status, 200);
    }
    let refused = partner.orders().await;
    assert_eq!(
        (refused.status, refused.field("error-code")),
        (429, "rate_limited")
    );
    assert_eq!(refused.json()["violated-policies"], json!(["gold-live"]));
    let wait = refused.field("retry-after").parse::<u64>().unwrap();
    partner.shop.memory.advance_ms(wait * 1000);
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn what_one_limit_refuses_debits_no_other() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(1);
    partner.plan.borrow_mut()["rate"] = json!(1);
    partner.plan.borrow_mut()["quota"] = json!({"limit": 100, "period": "DAY"});
    partner.plan.borrow_mut()["stages"] = json!({"prod": {"rate": 6, "per_seconds": 3600}});
    assert_eq!(partner.orders().await.status, 200);
    // The bucket is empty, so neither stage nor quota pay.
    for _ in 0..20 {
        assert_eq!(
            partner.orders().await.json()["violated-policies"],
            json!(["gold"])
        );
    }
    let get = Request::get("/v2/rate_limit").header("x-api-key", partner.key.expose());
    assert_eq!(
        partner.shop.send(get, "").await.json()["quota"]["remaining"],
        99
    );
    // Of the stage's six one was used, and one that was leased was lost with its second.
    partner.plan.borrow_mut()["burst"] = json!(50);
    partner.plan.borrow_mut()["rate"] = json!(600);
    let id = partner.record.borrow().plan;
    partner.told(names::record(&record::plan_name(id))).await;
    for _ in 0..4 {
        assert_eq!(partner.orders().await.status, 200);
    }
    assert_eq!(
        partner.orders().await.json()["violated-policies"],
        json!(["gold-live"])
    );
}

#[tokio::test]
async fn a_place_is_left_by_a_request_that_fails() {
    let partner = partner();
    partner.plan.borrow_mut()["concurrency"] = json!(1);
    assert_eq!(partner.orders().await.status, 200);
    partner.shop.memory.run_deferred().await;
    partner.shop.fetches(&[Some(Lost::Reply)]);
    assert_eq!(partner.orders().await.status, 502);
    partner.shop.memory.run_deferred().await;
    assert_eq!(partner.orders().await.status, 200);
}

#[tokio::test]
async fn the_limits_can_be_looked_at() {
    let partner = partner();
    partner.plan.borrow_mut()["quota"] = json!({"limit": 9, "period": "MONTH"});
    partner.plan.borrow_mut()["concurrency"] = json!(5);
    partner.orders().await;
    partner.shop.memory.run_deferred().await;
    for _ in 0..2 {
        let get = Request::get("/v2/rate_limit").header("x-api-key", partner.key.expose());
        let answer = partner.shop.send(get, "").await;
        assert_eq!(answer.field("cache-control"), "private, no-store");
        assert_eq!(
            answer.field("ratelimit-policy"),
            "\"gold\";q=600;w=60, \"quota\";q=9;w=2678400"
        );
        let states = answer.field("ratelimit");
        assert!(
            states.starts_with("\"gold\";r=49;t=1, \"quota\";r=8;t="),
            "{states}"
        );
        let json = answer.json();
        assert_eq!(
            (&json["policy"], &json["remaining"]),
            (&json!("gold"), &json!(49))
        );
        assert_eq!(json["quota"]["remaining"], json!(8));
        assert_eq!(json["concurrency"], json!({"limit": 5, "under_way": 0}));
    }
    let anonymous = partner.shop.get("/v2/rate_limit").await.json();
    assert_eq!(
        (&anonymous["policy"], &anonymous["burst"]),
        (&json!("second"), &json!(100))
    );
}

#[tokio::test]
async fn a_hot_reader_rarely_asks_and_its_fields_count_down() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(600);
    for read in 1..=200_u64 {
        let get = Request::get("/v2/products/1").header("x-api-key", partner.key.expose());
        let answer = partner.shop.send(get, "").await;
        assert_eq!(answer.status, 200);
        let left = format!("\"gold\";r={};", 600 - read);
        assert!(
            answer.field("ratelimit").starts_with(&left),
            "{}",
            answer.field("ratelimit")
        );
    }
    assert!(
        partner.shop.memory.limiter_asks() <= 30,
        "{}",
        partner.shop.memory.limiter_asks()
    );
}

#[tokio::test]
async fn an_open_route_has_a_ceiling_while_the_limiter_is_down() {
    let shop = start();
    let faults = || Faults {
        limiter_down: true,
        ..Faults::default()
    };
    shop.memory.set_faults(faults());
    let (mut admitted, mut refused) = (0, 0);
    for _ in 0..150 {
        match shop.get("/v2/products/1").await.status {
            200 => admitted += 1,
            429 => refused += 1,
            other => panic!("{other}"),
        }
    }
    // The first ten of an address, which asks no limiter, and what the plan gives.
    assert_eq!((admitted, refused), (110, 40));
}

#[tokio::test]
async fn a_refused_keyed_call_says_that_it_speaks_of_itself_alone() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(5);
    let order = |key: &'static str| {
        let post = Request::post("/v2/orders")
            .header("x-api-key", key)
            .header("idempotency-key", "k")
            .header("content-type", "application/json");
        partner.shop.send(post, "{}")
    };
    let key: &'static str = partner.key.expose().to_owned().leak();
    assert_eq!(order(key).await.status, 201);
    for (key, status) in [(key, 429), ("hg_live_x", 401)] {
        let refused = order(key).await;
        assert_eq!(refused.status, status);
        let json = refused.json();
        assert_eq!(
            (&json["outcome"], &json["safe_new_key"]),
            (&json!("not_applied"), &json!(false))
        );
    }
}

#[tokio::test]
async fn an_order_waits_as_told_under_a_plan_whose_burst_is_below_its_cost() {
    let partner = partner();
    partner.plan.borrow_mut()["burst"] = json!(3);
    partner.plan.borrow_mut()["rate"] = json!(60);
    let order = |key: &'static str| {
        let post = Request::post("/v2/orders")
            .header("x-api-key", partner.key.expose())
            .header("idempotency-key", key)
            .header("content-type", "application/json");
        partner.shop.send(post, "{}")
    };
    for key in ["a", "b"] {
        assert_eq!(order(key).await.status, 201, "{key}");
        let refused = order("c").await;
        assert_eq!((refused.status, refused.field("retry-after")), (429, "3"));
        partner.shop.memory.advance_ms(3_000);
    }
    partner.plan.borrow_mut()["stages"] = json!({"prod": {"rate": 4, "per_seconds": 60}});
    let id = partner.record.borrow().plan;
    partner.told(names::record(&record::plan_name(id))).await;
    assert_eq!(order("d").await.status, 201);
}

#[tokio::test]
async fn a_replay_is_had_though_the_quota_is_used_up_and_nothing_else_is() {
    let partner = partner();
    partner.plan.borrow_mut()["quota"] = json!({"limit": 1, "period": "DAY"});
    partner.plan.borrow_mut()["burst"] = json!(20);
    partner.plan.borrow_mut()["concurrency"] = json!(1);
    let memory = &partner.shop.memory;
    let order = async |key: &str, body: &str| {
        let post = Request::post("/v2/orders")
            .header("x-api-key", partner.key.expose())
            .header("idempotency-key", key)
            .header("content-type", "application/json");
        let answer = partner.shop.send(post, body).await;
        memory.run_deferred().await;
        let code = answer.field("error-code").to_owned();
        (answer, code)
    };
    let (first, _) = order("k", "{}").await;
    assert_eq!(first.status, 201);
    for (key, body, code) in [("n", "{}", "quota_exceeded"), ("k", "[]", "quota_exceeded")] {
        assert_eq!(order(key, body).await.1, code, "{key} {body}");
        let (again, _) = order("k", "{}").await;
        assert_eq!((again.status, &again.body), (201, &first.body));
        assert_eq!(again.field("idempotent-replayed"), "true");
        let states = again.field("ratelimit");
        assert!(states.contains("\"quota\";r=0;t="), "{states}");
    }
    // They count against the burst, of which an order and two replays took fifteen.
    assert_eq!(order("k", "{}").await.0.status, 201);
    let (refused, code) = order("k", "{}").await;
    assert_eq!(code, "quota_exceeded");
    assert_eq!(
        refused.json()["violated-policies"],
        json!(["gold", "quota"])
    );
    // No replay gave back what it had not taken.
    memory.advance_ms(1_000);
    assert_eq!(order("n", "{}").await.1, "quota_exceeded");
    assert_eq!(partner.shop.calls("/orders"), 1);
}
