//! The people of a fresh shop, and what they need to begin.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::announcement::{Announcement, Product};
use crate::origin::Origin;
use crate::progress::Progress;

/// The life of the printed tokens: a working day, and the evening.
const TOKEN_SECONDS: &str = "57600";

/// The name of the partner that `dev` makes a key for, of its account and its plan.
const PARTNER: &str = "partner";

/// Whom the printed tokens speak for.
#[derive(Debug, Clone)]
pub struct People {
    /// The demo customer's.
    pub customer_token: String,
    /// The demo admin's.
    pub admin_token: String,
}

/// Migrates, fills the catalogue, and makes tokens of the demo's customer and admin.
pub(crate) fn prepare(shop: &Origin, products: u64, progress: Progress) -> Result<People> {
    progress.step("migrations", || shop.ask(&["migrate"]))?;
    let products = products.to_string();
    let seeded = progress.step(&format!("catalogue of {products} products"), || {
        shop.ask(&["seed", "--products", &products, "--json"])
    })?;
    let seeded: Value = serde_json::from_str(&seeded)
        .with_context(|| format!("`origin seed --json` answered no JSON: {seeded}"))?;
    let token = |role: &str| {
        let sub = seeded.get(role).and_then(Value::as_str);
        let sub = sub.with_context(|| format!("`origin seed` named no {role}."))?;
        shop.ask(&[
            "token",
            "--sub",
            sub,
            "--role",
            role,
            "--ttl",
            TOKEN_SECONDS,
        ])
    };
    Ok(People {
        customer_token: token("customer")?,
        admin_token: token("admin")?,
    })
}

impl People {
    pub(super) fn announce(&self, edge: &str, origin: &str, database_url: &str) -> Announcement {
        Announcement {
            edge: edge.to_owned(),
            origin: origin.to_owned(),
            database_url: database_url.to_owned(),
            partner_key: partner_key(origin, &self.admin_token),
            customer_token: self.customer_token.clone(),
            admin_token: self.admin_token.clone(),
            product: product(origin),
            cluster: None,
        }
    }
}

/// A key for a partner in test mode, on a plan of its own, made as an admin would. A plan that is there
/// from an earlier start is taken.
fn partner_key(origin: &str, admin_token: &str) -> Option<String> {
    let post = |path: &str, body: &Value| {
        let mut answer = ureq::post(format!("{origin}{path}"))
            .header("authorization", format!("Bearer {admin_token}"))
            .header("content-type", "application/json")
            .send(body.to_string())
            .ok()?;
        let text = answer.body_mut().read_to_string().ok()?;
        serde_json::from_str::<Value>(&text).ok()
    };
    let plan = json!({"name": PARTNER, "rate": 600, "per_seconds": 60, "burst": 100,
        "quota": {"limit": 1_000_000, "period": "MONTH"}, "concurrency": 50});
    post("/admin/plans", &plan);
    let key = json!({"name": PARTNER, "account": PARTNER, "mode": "test", "plan": PARTNER,
        "scopes": ["orders:read", "orders:write"]});
    let made = post("/admin/api-keys", &key)?;
    made.get("key")?.as_str().map(str::to_owned)
}

/// A product to order. Asked of the origin, so that the edge's first read is still a miss.
fn product(origin: &str) -> Option<Product> {
    let mut answer = ureq::get(format!("{origin}/products?limit=20"))
        .call()
        .ok()?;
    let list = answer.body_mut().read_to_string().ok()?;
    Product::from_list(&serde_json::from_str(&list).ok()?)
}
