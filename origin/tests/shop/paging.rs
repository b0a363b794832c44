//! Lists in both directions, and while others write.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use origin::{platform::Seeded, seed};
use serde_json::{Value, json};

use crate::harness::{Answer, Shop, platform, request};
use crate::products::mug;

const JSON: (&str, &str) = ("content-type", "application/json");

/// The target of a link, as a path.
fn link(page: &Answer, rel: &str) -> Option<String> {
    let links = page.field("link").split(", ");
    let target = links
        .filter_map(|link| link.split_once("; "))
        .find(|(_, params)| *params == format!("rel=\"{rel}\""))?;
    let query = target.0.strip_prefix('<')?.strip_suffix('>')?;
    Some(format!("/products{query}"))
}

fn ids(page: &Value) -> Vec<String> {
    let data = page["data"].as_array().unwrap().iter();
    data.map(|one| one["id"].as_str().unwrap().to_owned())
        .collect()
}

/// Every page from a path on, along a relation.
async fn walk(shop: &Shop, path: &str, rel: &str) -> Vec<Answer> {
    let mut pages = Vec::new();
    let mut next = Some(path.to_owned());
    while let Some(path) = next {
        let page = shop.get(&path, &[]).await;
        assert_eq!(page.status, 200, "{page:?}");
        next = link(&page, rel);
        pages.push(page);
    }
    pages
}

#[tokio::test]
async fn pages_read_backwards_as_they_read_forwards() {
    let shop = Shop::open().await;
    for filters in [
        "",
        "&sort=price_asc",
        "&sort=price_desc",
        "&q=walnut+or+classic",
        "&category=coffee",
    ] {
        let there = walk(&shop, &format!("/products?limit=7{filters}"), "next").await;
        assert!(there.len() > 1, "{filters}");
        let first = &there[0];
        assert_eq!(link(first, "prev"), None);
        let last = there.last().unwrap();
        assert_eq!(last.json()["has_more"], false);
        let back = walk(&shop, &link(last, "prev").unwrap(), "prev").await;
        let forwards: Vec<_> = there.iter().map(|page| ids(&page.json())).collect();
        let mut backwards: Vec<_> = back.iter().map(|page| ids(&page.json())).collect();
        backwards.reverse();
        assert_eq!(backwards, forwards[..forwards.len() - 1], "{filters}");
        let second = shop.get(&link(first, "next").unwrap(), &[]).await;
        let again = shop.get(&link(&second, "prev").unwrap(), &[]).await;
        assert_eq!(again.json()["data"], first.json()["data"], "{filters}");
        let onwards = shop.get(&link(&again, "next").unwrap(), &[]).await;
        assert_eq!(onwards.json()["data"], second.json()["data"], "{filters}");
    }
}

#[tokio::test]
async fn a_cursor_survives_its_row_and_nothing_else() {
    let shop = Shop::open().await;
    let first = shop.get("/products?limit=3&sort=price_asc", &[]).await;
    let cursor = first.json()["next_cursor"].as_str().unwrap().to_owned();
    let second = shop.get(&link(&first, "next").unwrap(), &[]).await;
    for id in ids(&first.json()) {
        let bearer = format!("Bearer {}", shop.admin);
        let fields = [("authorization", bearer.as_str()), ("if-match", "*")];
        let gone = shop
            .send(request("DELETE", &format!("/products/{id}"), &fields, ""))
            .await;
        assert_eq!(gone.status, 204);
    }
    let again = shop.get(&link(&first, "next").unwrap(), &[]).await;
    assert_eq!(again.json()["data"], second.json()["data"]);
    // Nothing is left before it, so the list starts here now.
    let before = shop.get(&link(&again, "prev").unwrap(), &[]).await;
    assert_eq!(before.json()["data"], second.json()["data"]);
    for (path, code) in [
        (
            format!("/products?sort=price_desc&cursor={cursor}"),
            "cursor_mismatch",
        ),
        (
            format!("/products?sort=price_asc&cursor={cursor}A"),
            "cursor_invalid",
        ),
        (
            format!("/products?sort=price_asc&cursor=B{cursor}"),
            "cursor_invalid",
        ),
        (
            "/products?cursor=eyJhZnRlciI6WzAsMF19.a.b".to_owned(),
            "cursor_invalid",
        ),
    ] {
        let answer = shop.get(&path, &[]).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{path}"
        );
    }
    // One customer's place in its orders is not another's.
    let bearer = format!("Bearer {}", shop.admin);
    let fields = [("authorization", bearer.as_str())];
    let foreign = shop.get(&format!("/orders?cursor={cursor}"), &fields).await;
    assert_eq!(foreign.code(), "cursor_mismatch");
}

#[tokio::test]
async fn searches_with_a_body_filter_and_page() {
    let shop = Shop::open().await;
    let search = async |body: Value| {
        shop.send(request(
            "POST",
            "/products/search",
            &[JSON],
            &body.to_string(),
        ))
        .await
    };
    let all = shop.get("/products?limit=100", &[]).await.json();
    let all = all["data"].as_array().unwrap();
    let of = |member: &str| -> Vec<Value> {
        all.iter().take(3).map(|one| one[member].clone()).collect()
    };
    let found = search(json!({"ids": of("id")})).await;
    assert_eq!(found.field("cache-control"), "private, no-store");
    assert_eq!(found.json()["data"], json!(all[..3]), "{found:?}");
    assert_eq!(found.json()["object"], "list");
    let found = search(json!({"skus": of("sku"), "ids": of("id")})).await;
    assert_eq!(found.json()["data"], json!(all[..3]));
    for (filters, holds) in [
        (json!({"categories": ["coffee", "tea"]}), "category"),
        (json!({"availability": "out"}), "availability"),
        (json!({"availability": "low"}), "availability"),
        (
            json!({"min_price": 1000, "max_price": 3000, "sort": "price_asc"}),
            "price",
        ),
        (
            json!({"q": "walnut or classic", "sort": null, "cursor": null}),
            "",
        ),
    ] {
        let mut body = filters.clone();
        let mut seen = HashSet::new();
        body["limit"] = json!(3);
        loop {
            let page = search(body.clone()).await.json();
            for one in page["data"].as_array().unwrap() {
                assert!(seen.insert(one["id"].to_string()), "{filters} {one}");
                let fine = match holds {
                    "category" => ["coffee", "tea"].contains(&one["category"].as_str().unwrap()),
                    "price" => (1000..=3000).contains(&one["price"]["amount"].as_i64().unwrap()),
                    "" => true,
                    member => one[member] == filters[member],
                };
                assert!(fine, "{filters} {one}");
            }
            if page["next_cursor"].is_null() {
                break;
            }
            body["cursor"] = page["next_cursor"].clone();
        }
        assert!(seen.len() > 3, "{filters}: {}", seen.len());
    }
    let nothing = search(json!({"ids": []})).await.json();
    assert_eq!(
        (ids(&nothing).len(), &nothing["has_more"]),
        (0, &json!(false))
    );
    let page = search(json!({"limit": 1})).await.json();
    for (body, code) in [
        (
            json!({"cursor": page["next_cursor"], "q": "mug"}),
            "cursor_mismatch",
        ),
        (json!({"cursor": "x"}), "cursor_invalid"),
        (json!({"limit": 0}), "body_invalid"),
        (json!({"sort": "relevance"}), "body_invalid"),
        (json!({"sort": "random"}), "body_invalid"),
        (json!({"ids": ["prd_x"]}), "body_invalid"),
        (json!({"categories": ["X"]}), "body_invalid"),
        (
            json!({"ids": vec![all[0]["id"].clone(); 101]}),
            "body_invalid",
        ),
        (json!({"page": 2}), "body_invalid"),
        (json!([]), "body_invalid"),
    ] {
        let answer = search(body.clone()).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, code),
            "{body}"
        );
    }
}

/// Inserts and deletes until the readers are done; returns how many it did of both.
async fn write(shop: Shop, writer: usize, victims: Vec<String>, done: Arc<AtomicBool>) -> usize {
    let bearer = format!("Bearer {}", shop.admin);
    let fields = [("authorization", bearer.as_str()), JSON, ("if-match", "*")];
    let random = Seeded::new(u64::try_from(writer).unwrap());
    let mut paths: Vec<_> = victims
        .into_iter()
        .map(|id| format!("/products/{id}"))
        .collect();
    let mut number = 0;
    while !done.load(Ordering::SeqCst) {
        let mut body = mug(&format!("W{writer}-{number}"));
        body["price"]["amount"] = json!(random.next() % 50_000);
        body["category"] = json!("coffee");
        body["description"] = json!("for writers");
        let made = shop
            .send(request("POST", "/products", &fields, &body.to_string()))
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        paths.push(made.field("location").to_owned());
        let place = usize::try_from(random.next()).unwrap() % paths.len();
        let path = paths.swap_remove(place);
        let gone = shop.send(request("DELETE", &path, &fields, "")).await;
        assert_eq!(gone.status, 204, "{gone:?}");
        shop.clock.advance_ms(1);
        number += 1;
    }
    number
}

#[tokio::test]
async fn no_row_comes_twice_or_is_skipped_while_four_write() {
    const ROWS: u32 = 50_000;
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    seed::run(pool, &platform(&shop.clock), ROWS).await.unwrap();
    let all: Vec<String> = walk(&shop, "/products?limit=100", "next")
        .await
        .iter()
        .flat_map(|page| ids(&page.json()))
        .collect();
    assert_eq!(all.len(), usize::try_from(ROWS).unwrap());
    // Every seventh may be deleted under way; the others are there throughout.
    let (victims, lasting): (Vec<_>, Vec<_>) = all
        .into_iter()
        .enumerate()
        .partition(|(place, _)| place % 7 == 0);
    let victims: Vec<_> = victims.into_iter().map(|(_, id)| id).collect();
    let lasting: HashSet<_> = lasting.into_iter().map(|(_, id)| id).collect();
    let done = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let own = victims.iter().skip(writer).step_by(4).cloned().collect();
            tokio::spawn(write(shop.clone(), writer, own, done.clone()))
        })
        .collect();
    for filters in [
        "",
        "&sort=price_asc",
        "&sort=price_desc",
        "&q=walnut+or+coffee",
    ] {
        let there = walk(&shop, &format!("/products?limit=97{filters}"), "next").await;
        let back = walk(&shop, &link(there.last().unwrap(), "prev").unwrap(), "prev").await;
        for (pages, whole) in [(&there, true), (&back, false)] {
            let seen: Vec<_> = pages.iter().flat_map(|page| ids(&page.json())).collect();
            let distinct: HashSet<_> = seen.iter().cloned().collect();
            assert_eq!(distinct.len(), seen.len(), "{filters}: a row came twice");
            if whole && !filters.starts_with("&q") {
                let skipped = lasting.difference(&distinct).count();
                assert_eq!(skipped, 0, "{filters}: rows were skipped");
            }
        }
        // Backwards, all is seen but the last page, from which it began.
        let last: HashSet<_> = ids(&there.last().unwrap().json()).into_iter().collect();
        let back: HashSet<_> = back.iter().flat_map(|page| ids(&page.json())).collect();
        let forth: HashSet<_> = there.iter().flat_map(|page| ids(&page.json())).collect();
        let expected = forth
            .intersection(&lasting)
            .filter(|id| !last.contains(*id));
        assert_eq!(
            expected.filter(|id| !back.contains(*id)).count(),
            0,
            "{filters}"
        );
    }
    done.store(true, Ordering::SeqCst);
    for writer in writers {
        assert!(writer.await.unwrap() > 10);
    }
}
