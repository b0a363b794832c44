//! Writing products: creating, replacing, patching, deleting; whatever a client gets wrong.

use serde_json::{Value, json};

use crate::harness::{Answer, Shop, order, request};
use crate::provider::Fault;

const JSON: (&str, &str) = ("content-type", "application/json");
const MERGE: (&str, &str) = ("content-type", "application/merge-patch+json");
const PATCH: (&str, &str) = ("content-type", "application/json-patch+json");
const NEW_ID: &str = "/products/prd_01h455vb4pex5vsknk084sn02q";

/// A product as POST takes it.
pub(crate) fn mug(sku: &str) -> Value {
    json!({"sku": sku, "name": "Stoneware mug ☕ — Zoë's 👩‍🚀", "description": "二重\nwalls",
        "category": "kitchen", "price": {"amount": 2999, "currency": "USD"},
        "image_url": "https://img.example/mug.jpg", "active": true, "stock": 40})
}

impl Shop {
    /// A request of the admin's.
    pub(crate) async fn write(
        &self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.admin);
        let mut all = vec![("authorization", bearer.as_str())];
        all.extend(fields);
        self.send(request(method, path, &all, body)).await
    }

    /// A new product: its path and its ETag.
    pub(crate) async fn mug(&self, sku: &str) -> (String, String) {
        let made = self
            .write("POST", "/products", &[JSON], &mug(sku).to_string())
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let (path, etag) = (made.field("location"), made.field("etag"));
        (path.to_owned(), etag.to_owned())
    }

    /// The kinds of events so far, in their order.
    async fn told(&self) -> Vec<String> {
        sqlx::query_scalar("select type from outbox order by seq")
            .fetch_all(&self.app.shop.pool)
            .await
            .unwrap()
    }
}

fn summary(answer: &Answer) -> (u16, String) {
    (answer.status, answer.code())
}

fn pointers(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let errors = json["errors"].as_array().unwrap().iter();
    errors
        .map(|error| error["pointer"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_product_is_created_with_what_was_sent() {
    let shop = Shop::open().await;
    let made = shop
        .write("POST", "/products", &[JSON], &mug("MUG-1").to_string())
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(made.field("etag"), "\"1-in_stock\"");
    assert_eq!(made.field("cache-control"), "private, no-store");
    let product = made.json();
    for member in [
        "sku",
        "name",
        "description",
        "category",
        "price",
        "image_url",
        "active",
    ] {
        assert_eq!(product[member], mug("MUG-1")[member], "{member}");
    }
    assert_eq!(product["version"], 1);
    let path = format!("/products/{}", product["id"].as_str().unwrap());
    assert_eq!(made.field("location"), path);
    let read = shop.get(&path, &[]).await;
    assert_eq!(
        (read.json(), read.field("etag")),
        (product, "\"1-in_stock\"")
    );

    let minimal = [JSON, ("prefer", "return=minimal")];
    let quiet = shop
        .write("POST", "/products", &minimal, &mug("MUG-2").to_string())
        .await;
    assert_eq!((quiet.status, quiet.body.len()), (201, 0));
    assert_eq!(quiet.field("preference-applied"), "return=minimal");
    assert_eq!(quiet.field("etag"), "\"1-in_stock\"");
    let read = shop.get(quiet.field("location"), &[]).await;
    assert_eq!(read.json()["sku"], "MUG-2");

    let taken = shop
        .write("POST", "/products", &[JSON], &mug("MUG-2").to_string())
        .await;
    assert_eq!(summary(&taken), (409, "sku_taken".to_owned()));
    assert_eq!(pointers(&taken), ["/sku"]);
    assert_eq!(shop.told().await, ["product.created", "product.created"]);
}

#[tokio::test]
async fn whatever_is_wrong_with_a_new_product_is_said_at_once() {
    let shop = Shop::open().await;
    let customer = format!("Bearer {}", shop.customer);
    let body = mug("MUG-1").to_string();
    for (fields, status, code) in [
        (vec![JSON], 401, "token_missing"),
        (
            vec![JSON, ("authorization", &customer)],
            403,
            "scope_missing",
        ),
    ] {
        let answer = shop
            .send(request("POST", "/products", &fields, &body))
            .await;
        assert_eq!(summary(&answer), (status, code.to_owned()));
    }
    let untyped = shop.write("POST", "/products", &[], &body).await;
    assert_eq!(
        summary(&untyped),
        (415, "media_type_unsupported".to_owned())
    );
    assert_eq!(untyped.field("accept"), "application/json");
    let large = shop
        .write("POST", "/products", &[JSON], &" ".repeat(70_000))
        .await;
    assert_eq!(summary(&large), (413, "body_too_large".to_owned()));
    for (member, value, pointer) in [
        ("sku", json!(""), "/sku"),
        ("name", json!(null), "/name"),
        (
            "price",
            json!({"amount": 1.5, "currency": "USD"}),
            "/price/amount",
        ),
        ("stock", json!(1_000_000_001), "/stock"),
        ("version", json!(1), "/version"),
    ] {
        let mut body = mug("MUG-1");
        body[member] = value;
        let answer = shop
            .write("POST", "/products", &[JSON], &body.to_string())
            .await;
        assert_eq!(summary(&answer), (400, "body_invalid".to_owned()));
        assert_eq!(pointers(&answer), [pointer]);
    }
    let mut body = mug(" ");
    body["category"] = json!("Küche");
    body["image_url"] = json!("javascript:alert(1)");
    let answer = shop
        .write("POST", "/products", &[JSON], &body.to_string())
        .await;
    assert_eq!(
        pointers(&answer),
        ["/sku", "/sku", "/category", "/image_url"]
    );
    assert_eq!(shop.told().await, [""; 0]);
}

#[tokio::test]
async fn a_replacement_that_does_not_fit_is_refused() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    shop.mug("MUG-2").await;
    let matching = ("if-match", etag.as_str());
    let body = mug("MUG-1");
    let with = |member: &str, value: Value| {
        let mut body = body.clone();
        body[member] = value;
        body.to_string()
    };
    let without = |member: &str| {
        let mut body = body.clone();
        body.as_object_mut().unwrap().remove(member);
        body.to_string()
    };
    for (path, fields, body, status, code) in [
        (NEW_ID, vec![JSON], body.to_string(), 404, "not_found"),
        (
            NEW_ID,
            vec![JSON, matching],
            body.to_string(),
            404,
            "not_found",
        ),
        (
            "/products/x",
            vec![JSON, ("if-none-match", "*")],
            body.to_string(),
            404,
            "not_found",
        ),
        (
            &path,
            vec![JSON],
            body.to_string(),
            428,
            "precondition_required",
        ),
        (
            &path,
            vec![JSON, ("if-match", "\"2-in_stock\"")],
            body.to_string(),
            412,
            "precondition_failed",
        ),
        (
            &path,
            vec![JSON, ("if-match", "W/\"1-in_stock\"")],
            body.to_string(),
            412,
            "precondition_failed",
        ),
        (
            &path,
            vec![JSON, ("if-none-match", "*")],
            body.to_string(),
            412,
            "precondition_failed",
        ),
        (
            &path,
            vec![JSON, matching],
            with("version", json!(7)),
            409,
            "version_conflict",
        ),
        (
            &path,
            vec![JSON, matching],
            with("sku", json!("MUG-2")),
            409,
            "sku_taken",
        ),
        (
            &path,
            vec![JSON, matching],
            without("stock"),
            400,
            "body_invalid",
        ),
        (
            &path,
            vec![MERGE, matching],
            body.to_string(),
            415,
            "media_type_unsupported",
        ),
    ] {
        let answer = shop.write("PUT", path, &fields, &body).await;
        assert_eq!(
            summary(&answer),
            (status, code.to_owned()),
            "{fields:?} {body}"
        );
        if status == 412 {
            assert_eq!(answer.field("etag"), etag);
        }
    }
    assert_eq!(shop.told().await, ["product.created", "product.created"]);
}

#[tokio::test]
async fn replacing_replaces_all_and_creates_what_is_not_there() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let matching = ("if-match", etag.as_str());
    let mut smaller = mug("MUG-9");
    smaller.as_object_mut().unwrap().remove("image_url");
    smaller["stock"] = json!(3);
    smaller["version"] = json!(1);
    let replaced = shop
        .write("PUT", &path, &[JSON, matching], &smaller.to_string())
        .await;
    assert_eq!(replaced.status, 200, "{replaced:?}");
    assert_eq!(replaced.field("etag"), "\"2-low\"");
    assert_eq!(replaced.json()["image_url"], Value::Null);
    assert_eq!(replaced.json()["sku"], "MUG-9");
    assert_eq!(shop.get(&path, &[]).await.json(), replaced.json());
    let gone = shop
        .write("PUT", &path, &[JSON, matching], &smaller.to_string())
        .await;
    assert_eq!(summary(&gone), (412, "precondition_failed".to_owned()));

    let creates = [JSON, ("if-none-match", "*"), ("prefer", "return=minimal")];
    let made = shop
        .write("PUT", NEW_ID, &creates, &mug("MUG-3").to_string())
        .await;
    assert_eq!(
        (made.status, made.field("location")),
        (201, NEW_ID),
        "{made:?}"
    );
    let twice = shop
        .write("PUT", NEW_ID, &creates, &mug("MUG-3").to_string())
        .await;
    assert_eq!(summary(&twice), (412, "precondition_failed".to_owned()));
    assert_eq!(
        shop.told().await,
        ["product.created", "product.updated", "product.created"]
    );
}

#[tokio::test]
async fn a_patch_that_does_not_fit_is_refused() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let before = shop.get(&path, &[]).await.json();
    for (fields, patch, status, code) in [
        (
            vec![JSON, ("if-match", &*etag)],
            "{}",
            415,
            "media_type_unsupported",
        ),
        (vec![MERGE], "{}", 428, "precondition_required"),
        (
            vec![MERGE, ("if-match", "\"0-out\"")],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            vec![MERGE, ("if-match", &etag)],
            r#"{"version":9}"#,
            409,
            "version_conflict",
        ),
        (
            vec![MERGE, ("if-match", &etag)],
            r#"{"id":"x"}"#,
            400,
            "body_invalid",
        ),
        (
            vec![MERGE, ("if-match", &etag)],
            r#"{"name":null}"#,
            400,
            "body_invalid",
        ),
        (
            vec![PATCH, ("if-match", &etag)],
            r#"[{"op":"test","path":"/stock","value":1}]"#,
            409,
            "patch_test_failed",
        ),
        (
            vec![PATCH, ("if-match", &etag)],
            r#"[{"op":"replace","path":"/id","value":1}]"#,
            400,
            "body_invalid",
        ),
    ] {
        let answer = shop.write("PATCH", &path, &fields, patch).await;
        assert_eq!(
            summary(&answer),
            (status, code.to_owned()),
            "{fields:?} {patch}"
        );
        if status == 415 {
            assert_eq!(
                answer.field("accept-patch"),
                "application/merge-patch+json, application/json-patch+json"
            );
        }
    }
    assert_eq!(shop.get(&path, &[]).await.json(), before);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let shop = Shop::open().await;
    let (path, etag) = shop.mug("MUG-1").await;
    let before = shop.get(&path, &[]).await.json();
    let mut expected = before.clone();
    let mut etag = etag;
    for (kind, patch, changed) in [
        (
            MERGE,
            r#"{"price":{"amount":3100}}"#,
            json!({"price": {"amount": 3100, "currency": "USD"}}),
        ),
        (MERGE, r#"{"image_url":null}"#, json!({"image_url": null})),
        (MERGE, r#"{"stock":0}"#, json!({"availability": "out"})),
        (
            PATCH,
            r#"[{"op":"test","path":"/stock","value":0},{"op":"replace","path":"/stock","value":11},
               {"op":"test","path":"/version","value":4},{"op":"copy","from":"/name","path":"/description"}]"#,
            json!({"availability": "in_stock", "description": before["name"]}),
        ),
        (PATCH, "[]", json!({})),
    ] {
        let answer = shop
            .write("PATCH", &path, &[kind, ("if-match", &etag)], patch)
            .await;
        assert_eq!(answer.status, 200, "{patch} {answer:?}");
        answer.field("etag").clone_into(&mut etag);
        for (member, value) in changed.as_object().unwrap() {
            expected[member] = value.clone();
        }
        expected["version"] = json!(expected["version"].as_i64().unwrap() + 1);
        expected["updated_at"] = answer.json()["updated_at"].clone();
        assert_eq!(answer.json(), expected, "{patch}");
    }
    let minimal = [
        MERGE,
        ("if-match", etag.as_str()),
        ("prefer", "return=minimal"),
    ];
    let quiet = shop
        .write("PATCH", &path, &minimal, r#"{"active":false}"#)
        .await;
    assert_eq!((quiet.status, quiet.body.len()), (204, 0));
    assert_eq!(quiet.field("etag"), "\"7-in_stock\"");
    // The class of stock moves by itself and makes nobody's change fail.
    let other_class = [MERGE, ("if-match", "\"7-low\"")];
    let fine = shop
        .write("PATCH", &path, &other_class, r#"{"active":true}"#)
        .await;
    assert_eq!(fine.status, 200);
}

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

#[tokio::test]
async fn stock_is_set_between_orders_not_across_them() {
    let shop = Shop::open().await;
    let (path, _) = shop.mug("MUG-1").await;
    let product = shop.get(&path, &[]).await.json();
    let new = order(&[(&product, 1)], "pm_card_visa");
    let orders: Vec<_> = (0..20)
        .map(|number| {
            let (shop, new) = (shop.clone(), new.clone());
            tokio::spawn(async move { shop.order(&format!("k{number}"), &new).await.status })
        })
        .collect();
    let any = [MERGE, ("if-match", "*")];
    for patch in [
        r#"{"name":"Mug"}"#,
        r#"{"stock":40}"#,
        r#"{"price":{"amount":2999}}"#,
    ] {
        let answer = shop.write("PATCH", &path, &any, patch).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    for order in orders {
        assert_eq!(order.await.unwrap(), 201);
    }
    // Every unit is where an order left it: what was sold before 40 was set anew is not missed,
    // what was sold after is.
    let sold = shop
        .count("select sold::bigint from inventory join products on product_id = id where sku = 'MUG-1'")
        .await;
    let available = shop
        .count("select available::bigint from inventory join products on product_id = id where sku = 'MUG-1'")
        .await;
    assert_eq!(sold, 20);
    assert!((20..=40).contains(&available), "{available}");
    let answer = shop.write("PATCH", &path, &any, r#"{"stock":7}"#).await;
    assert_eq!(answer.field("etag"), "\"5-low\"");
}

#[tokio::test]
async fn the_api_describes_itself_to_everybody() {
    let shop = Shop::open().await;
    let document = shop.get("/openapi.json", &[]).await;
    assert_eq!(document.status, 200);
    assert_eq!(document.field("cache-control"), "public, max-age=300");
    assert_eq!(document.json()["openapi"], "3.1.0");
    let tag = document.field("etag");
    let same = shop
        .get("/v2/openapi.json", &[("if-none-match", tag)])
        .await;
    assert_eq!((same.status, same.body.len()), (304, 0));
}
