//! Several deliveries of a consumer at once: in order, no more than it has places, and all of them blamed when
//! their worker dies.

use std::sync::Arc;

use uuid::Uuid;

use super::{BAD, GOOD, Mood, Scripted, TRIES, append, dead, rest, two_each, worker};
use crate::harness::Shop;

#[tokio::test]
async fn all_that_a_worker_was_at_counts_as_tried() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        concurrency: 2,
        ..Scripted::default()
    });
    let aggregates = [1, 2, 3].map(Uuid::from_u128);
    for aggregate in aggregates {
        append(&shop, aggregate, 1).await;
        consumer.set(aggregate, Some(Mood::Hang));
    }
    let first = worker(&shop, &consumer);
    {
        let mut stuck = Box::pin(first.step());
        while consumer.begun.lock().unwrap().len() < 2 {
            tokio::select! {
                _ = &mut stuck => panic!("they hang"),
                () = consumer.hung.notified() => {}
            }
        }
    }
    shop.clock.advance_ms(60_000);
    for aggregate in aggregates {
        consumer.set(aggregate, Some(Mood::Fail));
    }
    rest(&worker(&shop, &consumer)).await;
    let tries = "select count(*) from deliveries where attempts = 2 and history->0->>'error' =
        'its worker ended during the delivery' and jsonb_array_length(history) = 2";
    assert_eq!(shop.count(tries).await, 2);
    assert_eq!(
        shop.count("select count(*) from deliveries where attempts = 1")
            .await,
        1
    );
}

/// As many as have a place are delivered at once, in their aggregates' orders; the others wait.
async fn side_by_side(failed_before: bool) {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        concurrency: 3,
        ..Scripted::default()
    });
    let worker = worker(&shop, &consumer);
    let aggregates: Vec<_> = (1..=5).map(Uuid::from_u128).collect();
    for number in 1..=2 {
        for aggregate in &aggregates {
            append(&shop, *aggregate, number).await;
        }
    }
    if failed_before {
        for aggregate in &aggregates {
            consumer.set(*aggregate, Some(Mood::Fail));
        }
        rest(&worker).await;
        shop.clock.advance_ms(1000);
        consumer.begun.lock().unwrap().clear();
    }
    for aggregate in &aggregates {
        consumer.set(*aggregate, Some(Mood::Hang));
    }
    let mut stuck = Box::pin(rest(&worker));
    let begun = || consumer.begun.lock().unwrap().clone();
    while begun().len() < 3 {
        tokio::select! {
            () = &mut stuck => panic!("they hang"),
            () = consumer.hung.notified() => {}
        }
    }
    // Time enough for a fourth, if it might begin.
    let meanwhile = async {
        for _ in 0..20 {
            shop.count("select count(*) from inbox").await;
        }
    };
    tokio::select! {
        () = &mut stuck => panic!("they hang"),
        () = meanwhile => {}
    }
    let mut first = begun();
    first.sort_unstable();
    assert_eq!(first, aggregates[..3]);
    for aggregate in &aggregates {
        consumer.set(*aggregate, None);
    }
    consumer.go.notify_waiters();
    stuck.await;
    let seen = consumer.seen();
    assert_eq!(seen.len(), 10);
    for aggregate in aggregates {
        let its = seen.iter().filter(|(one, _)| *one == aggregate);
        let its: Vec<_> = its.map(|(_, number)| *number).collect();
        assert_eq!(its, [1, 2]);
    }
    assert_eq!(dead(&shop).await, (0, 0));
}

#[tokio::test]
async fn what_waits_outside_is_delivered_side_by_side() {
    side_by_side(false).await;
}

#[tokio::test]
async fn so_is_what_is_tried_again() {
    side_by_side(true).await;
}

/// One that fails for good beside others.
#[tokio::test]
async fn one_bad_event_does_not_harm_those_beside_it() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        concurrency: 4,
        ..Scripted::default()
    });
    let worker = worker(&shop, &consumer);
    two_each(&shop, &consumer, Mood::FailForGood).await;
    rest(&worker).await;
    assert_eq!(consumer.seen(), [(GOOD, 1), (GOOD, 2)]);
    assert_eq!(consumer.begun(BAD), 1);
    assert_eq!(dead(&shop).await, (1, 1));
}

/// What ends its worker is tried alone from then on, so that what was beside it is not given up with it.
#[tokio::test]
async fn who_was_beside_a_killer_is_not_blamed_again() {
    let shop = Shop::open().await;
    let consumer = Arc::new(Scripted {
        concurrency: 4,
        ..Scripted::default()
    });
    for aggregate in [BAD, GOOD] {
        append(&shop, aggregate, 1).await;
        consumer.set(aggregate, Some(Mood::Hang));
    }
    for death in 1..=usize::try_from(TRIES).unwrap() {
        let worker = worker(&shop, &consumer);
        let mut stuck = Box::pin(rest(&worker));
        // Beside each other the first time.
        while (consumer.begun(BAD), consumer.begun(GOOD)) != (death, 1) {
            tokio::select! {
                () = &mut stuck => panic!("it hangs"),
                () = consumer.hung.notified() => {}
            }
        }
        drop(stuck);
        shop.clock.advance_ms(60_000);
    }
    consumer.set(GOOD, None);
    rest(&worker(&shop, &consumer)).await;
    assert_eq!(consumer.seen(), [(GOOD, 1)]);
    assert_eq!(dead(&shop).await, (1, 0));
    assert_eq!((consumer.begun(BAD), consumer.begun(GOOD)), (3, 2));
}
