//! What REST APIs often get wrong, each a test. That no answer sets a cookie, and none is a success
//! with an error inside, is looked at wherever a test reads an answer (`tests::answer`).

use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::answer::Answer;
use tests::shop::Shop;

/// Words that would make a path an instruction. What is done stands in the method.
const VERBS: [&str; 16] = [
    "add", "cancel", "change", "create", "delete", "do", "fetch", "get", "list", "make", "patch",
    "post", "put", "remove", "set", "update",
];

/// The tables that a read must leave as they are, each as one number.
const CONTENT: &str = "select ('x' || substr(md5(concat(
        (select string_agg(t::text, '' order by id) from products t),
        (select string_agg(t::text, '' order by product_id) from inventory t),
        (select string_agg(t::text, '' order by id) from orders t),
        (select string_agg(t::text, '' order by id) from payments t),
        (select string_agg(t::text, '' order by id) from users t),
        (select string_agg(t::text, '' order by account, key) from idempotency_keys t),
        (select string_agg(t::text, '' order by id) from outbox t))), 1, 15))::bit(60)::bigint";

async fn document(shop: &Shop) -> Value {
    let answer = shop.get("/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn paths_name_things_and_reads_take_no_body() {
    let shop = Shop::start().await;
    let document = document(&shop).await;
    let paths = document["paths"].as_object().expect("paths");
    assert!(paths.len() > 10, "{}", paths.len());
    for (path, item) in paths {
        for word in path.split(['/', '-', '.', '_']) {
            assert!(!VERBS.contains(&word), "{path} tells what to do");
        }
        for method in ["get", "head", "delete"] {
            // Who signs out shows the session's secret, which belongs into no field and no URL.
            let shows = path == "/sessions/current";
            let takes_body = !item[method]["requestBody"].is_null();
            assert_eq!(takes_body, shows && method == "delete", "{method} {path}");
        }
    }
}

#[tokio::test]
async fn reads_change_nothing() {
    let shop = Shop::start().await;
    let order = shop.order("k", &shop.an_order("pm_card_visa").await).await;
    let order = order.json();
    // Whatever follows the order is done when its mail is there.
    tests::wait::until("the order's mail", || async {
        (!shop.mails().is_empty()).then_some(())
    })
    .await;
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let known = [
        ("/products/{id}", text(&order["items"][0]["product_id"])),
        ("/orders/{id}", text(&order["id"])),
        ("/payments/{id}", text(&order["payment"]["id"])),
        ("/users/{id}", text(&order["customer_id"])),
    ];
    let before = shop.count(CONTENT).await;
    let mut read = 0;
    for (path, item) in document(&shop).await["paths"].as_object().expect("paths") {
        if item["get"].is_null() {
            continue;
        }
        let path = known.iter().fold(path.clone(), |path, (pattern, id)| {
            match path.strip_prefix(pattern) {
                Some(rest) => format!("{}{rest}", pattern.replace("{id}", id)),
                None => path,
            }
        });
        if path.contains('{') {
            continue;
        }
        let token = if path.starts_with("/admin/") {
            &shop.admin_token
        } else {
            &shop.customer_token
        };
        let request = shop
            .request("GET", &format!("/v2{path}"))
            .bearer_auth(token);
        let answer = Answer::to(request).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        read += 1;
    }
    assert!(read >= 10, "{read}");
    assert_eq!(shop.count(CONTENT).await, before);
}

#[tokio::test]
async fn put_replaces_all_and_patch_wipes_nothing() {
    let shop = Shop::start().await;
    let admin =
        |method: &str, path: &str| shop.request(method, path).bearer_auth(&shop.admin_token);
    let mug = json!({"sku": "REST-1", "name": "Mug ☕ «Zoë»", "description": "Holds 350 ml.",
        "category": "kitchen", "price": {"amount": 900, "currency": "USD"},
        "image_url": "https://img.example/mug.jpg", "active": true, "stock": 50});
    let created = Answer::to(admin("POST", "/v2/products").json(&mug)).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let path = format!(
        "/v2/products/{}",
        created.json()["id"].as_str().expect("an id")
    );

    let change = admin("PATCH", &path)
        .header("if-match", created.field("etag"))
        .header("content-type", "application/merge-patch+json")
        .body(r#"{"price":{"amount":950}}"#);
    let patched = Answer::to(change).await;
    assert_eq!(patched.status, StatusCode::OK, "{}", patched.text());
    let mut expected = created.json();
    expected["price"]["amount"] = 950.into();
    for member in ["version", "updated_at"] {
        expected[member] = patched.json()[member].clone();
    }
    assert_eq!(patched.json(), expected);

    // Without the picture, which a merge would have kept.
    let plain = json!({"sku": "REST-1", "name": "Mug", "description": "", "category": "kitchen",
        "price": {"amount": 800, "currency": "USD"}, "active": true, "stock": 50});
    let put = admin("PUT", &path)
        .header("if-match", patched.field("etag"))
        .json(&plain);
    let replaced = Answer::to(put).await;
    assert_eq!(replaced.status, StatusCode::OK, "{}", replaced.text());
    assert_eq!(replaced.json()["image_url"], Value::Null);
    assert_eq!(replaced.json()["description"], "");
}

#[tokio::test]
async fn no_request_depends_on_an_earlier_one() {
    let mut shop = Shop::start().await;
    let order = shop.order("k", &shop.an_order("pm_card_visa").await).await;
    let path = format!("/v2/orders/{}", order.json()["id"].as_str().expect("an id"));
    // Neither the edge's memory nor a connection is what knows the caller.
    shop.edge.kill();
    shop.edge.restart();
    let read = shop.request("GET", &path).bearer_auth(&shop.customer_token);
    let read = Answer::to(read).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text());
    assert_eq!(read.json()["id"], order.json()["id"]);
    let nobody = Answer::to(shop.request("GET", &path)).await;
    assert_eq!(nobody.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_reference_opens_without_any_other_site() {
    let shop = Shop::start().await;
    let page = shop.get("/docs/").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.field("content-type").starts_with("text/html"));
    let html = page.text();
    let mut files = 0;
    for attribute in ["src=\"", "href=\""] {
        for target in html.split(attribute).skip(1) {
            let target = target.split('"').next().unwrap_or_default();
            assert!(!target.contains("//"), "{target} is another site's");
            let file = shop
                .get(&format!("/docs/{}", target.trim_start_matches("./")))
                .await;
            assert_eq!(file.status, StatusCode::OK, "{target}");
            files += 1;
        }
    }
    assert!(files >= 3, "{html}");
    assert_eq!(
        shop.get("/docs/nothing.js").await.status,
        StatusCode::NOT_FOUND
    );
}

/// Fields that stand for the message and its way, or guard browsers, and not for what the API says.
const OF_THE_WAY: [&str; 11] = [
    "accept-ranges",
    "access-control-expose-headers",
    "connection",
    "content-encoding",
    "content-length",
    "content-security-policy",
    "content-type",
    "date",
    "strict-transport-security",
    "transfer-encoding",
    "x-content-type-options",
];

/// The fields that the document has for an answer.
fn documented(document: &Value, method: &str, path: &str, status: u16) -> Vec<String> {
    let mut response = &document["paths"][path][method]["responses"][status.to_string()];
    if let Some(reference) = response["$ref"].as_str() {
        let named = document.pointer(reference.trim_start_matches('#'));
        response = named.expect("what is referred to");
    }
    let fields = response["headers"].as_object();
    let fields = fields.unwrap_or_else(|| panic!("{method} {path} {status} is not documented"));
    fields
        .keys()
        .map(|name| name.to_ascii_lowercase())
        .collect()
}

#[tokio::test]
async fn answers_carry_the_fields_that_the_document_has() {
    let shop = Shop::start().await;
    let document = document(&shop).await;
    let order = shop.an_order("pm_card_visa").await;
    let declined = shop.an_order("pm_card_declined").await;
    let product = order["items"][0]["product_id"].as_str().expect("an id");
    let of_product = format!("/v2/products/{product}");
    let read = shop.get(&of_product).await;
    let tag = read.field("etag").to_owned();
    let held = shop
        .request("GET", &of_product)
        .header("if-none-match", tag);
    let priced = shop
        .request("PATCH", &of_product)
        .bearer_auth(&shop.admin_token)
        .header("if-match", "*")
        .header("prefer", "return=minimal")
        .header("content-type", "application/merge-patch+json")
        .body(r#"{"name":"Cup"}"#);
    let rows = [
        ("get", "/products/{id}", 200, read),
        ("get", "/products/{id}", 304, Answer::to(held).await),
        ("patch", "/products/{id}", 204, Answer::to(priced).await),
        ("get", "/products", 200, shop.get("/v2/products").await),
        (
            "get",
            "/products/{id}",
            404,
            shop.get("/v2/products/prd_01h455vb4pex5vsknk084sn02q")
                .await,
        ),
        ("get", "/orders", 401, shop.get("/v2/orders").await),
        ("post", "/orders", 201, shop.order("a", &order).await),
        ("post", "/orders", 201, shop.order("a", &order).await),
        ("post", "/orders", 402, shop.order("b", &declined).await),
        ("post", "/orders", 402, shop.order("b", &declined).await),
        ("post", "/orders", 400, shop.order("", &order).await),
        ("get", "/rate_limit", 200, shop.get("/v2/rate_limit").await),
    ];
    let mut unknown = Vec::new();
    for (method, path, status, answer) in rows {
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        let documented = documented(&document, method, path, status);
        for name in answer.fields.keys() {
            let name = name.as_str();
            if !OF_THE_WAY.contains(&name) && !documented.iter().any(|one| one == name) {
                unknown.push(format!("{method} {path} {status}: {name}"));
            }
        }
        for name in ["server-timing", "x-request-id", "cache-control"] {
            assert_ne!(answer.field(name), "", "{method} {path} {status}: {name}");
        }
    }
    assert!(unknown.is_empty(), "not documented: {unknown:?}");
}
