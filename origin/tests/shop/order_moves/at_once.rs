//! Moves that meet each other, or new orders.

use super::{CANCEL, FULFIL, events, lost_stock, stock};
use crate::callers::{JSON, path};
use crate::harness::{Shop, order};

#[tokio::test]
async fn cancelling_at_once_happens_once() {
    let shop = Shop::open().await;
    let before = stock(&shop).await;
    let placed = shop.confirmed("k").await;
    let status = format!("{}/status", path(&placed));
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (shop, status) = (shop.clone(), status.clone());
            tokio::spawn(async move {
                shop.ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
                    .await
            })
        })
        .collect();
    let mut bodies = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        bodies.push(answer.body);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "all see the same cancelled order");
    assert_eq!(events(&shop, "order.cancelled").await, 1);
    assert_eq!(lost_stock(&shop, before).await, 0);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 0);
}

#[tokio::test]
async fn cancelling_and_fulfilling_at_once_one_wins() {
    for round in 0..4 {
        let shop = Shop::open().await;
        let placed = shop.confirmed("k").await;
        let status = format!("{}/status", path(&placed));
        let ask = |token: String, body: &'static str| {
            let (shop, status) = (shop.clone(), status.clone());
            tokio::spawn(async move { shop.ask(&token, "PUT", &status, &[JSON], body).await })
        };
        let cancelled = ask(shop.customer.clone(), CANCEL);
        let sent = ask(shop.admin.clone(), FULFIL);
        let mut statuses = [cancelled.await.unwrap().status, sent.await.unwrap().status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "round {round}");
        let told = events(&shop, "order.cancelled").await + events(&shop, "order.fulfilled").await;
        assert_eq!(told, 1);
    }
}

#[tokio::test]
async fn cancelling_among_new_orders_does_not_deadlock() {
    let shop = Shop::open().await;
    let before = stock(&shop).await;
    let products = shop.plenty().await;
    let mut placed = Vec::new();
    for number in 0..8 {
        placed.push(shop.confirmed(&format!("first{number}")).await);
    }
    let cancelling = placed.into_iter().map(|order| {
        let (shop, status) = (shop.clone(), format!("{}/status", path(&order)));
        tokio::spawn(async move {
            shop.ask(&shop.customer, "PUT", &status, &[JSON], CANCEL)
                .await
                .status
        })
    });
    let ordering = (0..8).map(|number| {
        let new = order(&[(&products[1], 1), (&products[0], 1)], "pm_card_visa");
        let shop = shop.clone();
        tokio::spawn(async move { shop.order(&format!("then{number}"), &new).await.status })
    });
    let tasks: Vec<_> = cancelling.chain(ordering).collect();
    let mut done = [0, 0];
    for task in tasks {
        match task.await.unwrap() {
            200 => done[0] += 1,
            201 => done[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert_eq!(done, [8, 8]);
    assert_eq!(lost_stock(&shop, before).await, 0);
    assert_eq!(shop.count("select sum(sold) from inventory").await, 16);
}
