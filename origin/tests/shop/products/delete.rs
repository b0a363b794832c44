//! DELETE /products/{id}.

use serde_json::json;

use super::{JSON, MERGE, mug, summary};
use crate::harness::{Shop, order};
use crate::provider::Fault;

#[tokio::test]
async fn a_deleted_product_is_gone_but_for_the_orders_that_have_it() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let product = shop.get(&path, &[]).await.json();
    let new = order(&[(&product, 2)], "pm_card_visa");
    shop.provider.breaks([Fault::Held]);
    let running = {
        let (shop, new) = (shop.clone(), new.clone());
        tokio::spawn(async move { shop.order("k", &new).await })
    };
    shop.provider.held.notified().await;

    let unconditional = shop.write("DELETE", &path, &[], "").await;
    assert_eq!(
        summary(&unconditional),
        (428, "precondition_required".to_owned())
    );
    let stale = shop
        .write("DELETE", &path, &[("if-match", "\"9-low\"")], "")
        .await;
    assert_eq!(summary(&stale), (412, "precondition_failed".to_owned()));
    let matching = ("if-match", etag.as_str());
    let gone = shop.write("DELETE", &path, &[matching], "").await;
    assert_eq!((gone.status, gone.body.len()), (204, 0), "{gone:?}");

    for (method, fields, body) in [
        ("GET", vec![], String::new()),
        ("DELETE", vec![matching], String::new()),
        ("PATCH", vec![MERGE, matching], "{}".to_owned()),
        ("PUT", vec![JSON, matching], mug("MUG-1").to_string()),
        (
            "PUT",
            vec![JSON, ("if-none-match", "*")],
            mug("MUG-1").to_string(),
        ),
    ] {
        let answer = shop.write(method, &path, &fields, &body).await;
        assert_eq!(summary(&answer), (404, "not_found".to_owned()), "{method}");
    }
    let listed = shop
        .get("/products?q=stoneware&category=kitchen", &[])
        .await
        .json();
    let ids: Vec<_> = listed["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["id"])
        .collect();
    assert!(!ids.contains(&&product["id"]));
    let late = shop.order("k2", &new).await;
    assert_eq!(summary(&late), (409, "product_unavailable".to_owned()));

    shop.provider.go.notify_one();
    let confirmed = running.await.unwrap();
    assert_eq!(
        (confirmed.status, &confirmed.json()["status"]),
        (201, &json!("confirmed"))
    );
    let (again, _) = shop.mug("MUG-1").await;
    assert_ne!(again, path);
    let told = shop.told().await;
    let products: Vec<_> = told
        .iter()
        .filter(|kind| kind.starts_with("product"))
        .collect();
    assert_eq!(
        products,
        ["product.created", "product.deleted", "product.created"]
    );
}
