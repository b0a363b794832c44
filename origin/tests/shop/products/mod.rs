//! Writing products: creating, replacing, patching, deleting; whatever a client gets wrong.

mod create;
mod delete;
mod patch;
mod replace;

use serde_json::{Value, json};

use crate::harness::{Answer, Shop, request};

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
    pub(crate) async fn told(&self) -> Vec<String> {
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
