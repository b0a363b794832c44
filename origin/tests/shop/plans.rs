//! How Postgres reads lists, and what is known of a request.

use origin::seed;
use origin::store::explain::{self, Which};
use origin::store::product::{self, Filter, Sort};
use serde_json::Value;

use crate::harness::{Shop, platform};

/// The kinds of nodes of a plan, each with its table and its index if it has one.
fn nodes(plan: &Value, into: &mut Vec<String>) {
    let text = |name: &str| plan[name].as_str().unwrap_or_default();
    let (kind, table, index) = (text("Node Type"), text("Relation Name"), text("Index Name"));
    into.push(format!("{kind} {table} {index}"));
    for child in plan["Plans"].as_array().into_iter().flatten() {
        nodes(child, into);
    }
}

#[tokio::test]
async fn lists_are_read_from_indexes() {
    const ROWS: u32 = 20_000;
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    let mut connection = pool.acquire().await.unwrap();
    seed::run(pool, &platform(&shop.clock), ROWS).await.unwrap();
    let coffee = ["coffee".to_owned()];
    let coffee = Some(&coffee[..]);
    let list = |sort, categories| Filter {
        sort,
        categories,
        limit: 20,
        ..Filter::default()
    };
    let priced = |sort, categories| Filter {
        min_price: Some(1000),
        max_price: Some(20_000),
        ..list(sort, categories)
    };
    let found = |search| Filter {
        search: Some(search),
        ..list(Sort::Relevance, None)
    };
    for (filter, index, sorts) in [
        (list(Sort::Newest, None), "products_newest", false),
        (list(Sort::PriceAscending, None), "products_price", false),
        (list(Sort::PriceDescending, None), "products_price", false),
        (
            list(Sort::Newest, coffee),
            "products_category_newest",
            false,
        ),
        (
            list(Sort::PriceAscending, coffee),
            "products_category_price",
            false,
        ),
        (
            list(Sort::PriceDescending, coffee),
            "products_category_price",
            false,
        ),
        (priced(Sort::Newest, None), "products_newest", false),
        (priced(Sort::PriceAscending, None), "products_price", false),
        (
            priced(Sort::PriceDescending, coffee),
            "products_category_price",
            false,
        ),
        // Best first has to rank all that are found.
        (found("\"walnut desk\""), "products_search", true),
        (found("espresso machine"), "products_search", true),
    ] {
        // Also from far within, in both directions: at the very start or end there is so little left
        // that sorting it is cheaper than anything.
        let deep = Filter {
            limit: 400,
            ..filter.clone()
        };
        let first = product::list(&mut connection, &deep).await.unwrap();
        let mut places = vec![None];
        places.extend(first.next.map(Some));
        if let Some(place) = first.next {
            let later = Filter {
                place: Some(place),
                ..filter.clone()
            };
            places.push(
                product::list(&mut connection, &later)
                    .await
                    .unwrap()
                    .previous,
            );
        }
        for place in places {
            let filter = Filter {
                place,
                ..filter.clone()
            };
            let plan = product::plan(pool, &filter).await.unwrap();
            let mut found = Vec::new();
            nodes(&plan[0]["Plan"], &mut found);
            let at = format!("{filter:?}\n{found:?}");
            assert!(found.iter().any(|node| node.ends_with(index)), "{at}");
            assert!(
                !found.iter().any(|node| node.starts_with("Seq Scan")),
                "{at}"
            );
            let sorted = found.iter().any(|node| node.contains("Sort"));
            assert!(sorts || !sorted, "{at}");
        }
    }
}

#[tokio::test]
async fn a_requests_key_is_found_by_an_index() {
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    sqlx::raw_sql(
        "insert into idempotency_keys
             (account, mode, key, fingerprint, phase, kind, request_id, lease_token, lease_until,
              status, headers, body, created_at)
         select 'usr_1', 'live', number::text, '', 'done', 'change', 'req_' || number,
                gen_random_uuid(), now(), 200, '{}', '', now()
         from generate_series(1, 20000) number;
         analyze idempotency_keys",
    )
    .execute(pool)
    .await
    .unwrap();
    let now = shop.app.shop.platform.now();
    let which = Which {
        request_id: Some("req_7".to_owned()),
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        since: now,
        until: now,
    };
    let plan = explain::plan(pool, &which).await.unwrap();
    let mut found = Vec::new();
    nodes(&plan[0]["Plan"], &mut found);
    assert!(
        found
            .iter()
            .any(|node| node.ends_with("idempotency_keys_request")),
        "{found:?}"
    );
    let walks = |node: &String| node.starts_with("Seq Scan idempotency_keys");
    assert!(!found.iter().any(walks), "{found:?}");
}
