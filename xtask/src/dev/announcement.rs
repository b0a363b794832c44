//! What `dev` tells when all is up: for people on the screen, for programs in a file.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::secrets::write_private;

/// Where everything is, and whom one can be.
#[derive(Debug)]
pub(super) struct Announcement {
    pub(super) edge: String,
    pub(super) origin: String,
    pub(super) database_url: String,
    pub(super) customer_token: String,
    pub(super) admin_token: String,
    /// A partner's API key, if the origin made one.
    pub(super) partner_key: Option<String>,
    /// A product that exists, for the order that can be pasted.
    pub(super) product: Option<Product>,
    /// What there is more of in a cluster.
    pub(super) cluster: Option<Cluster>,
}

/// All edges and origins of a cluster, and its replica.
#[derive(Debug)]
pub(super) struct Cluster {
    pub(super) edges: Vec<String>,
    pub(super) origins: Vec<String>,
    pub(super) replica_url: String,
}

/// What an order needs to know of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Product {
    pub(super) id: String,
    pub(super) amount: u64,
    pub(super) currency: String,
}

impl Product {
    /// The first that is in stock in a page of the product list.
    pub(super) fn from_list(list: &Value) -> Option<Self> {
        let in_stock = |product: &&Value| {
            product.get("availability").and_then(Value::as_str) == Some("in_stock")
        };
        let product = list.get("data")?.as_array()?.iter().find(in_stock)?;
        let price = product.get("price")?;
        Some(Self {
            id: product.get("id")?.as_str()?.to_owned(),
            amount: price.get("amount")?.as_u64()?,
            currency: price.get("currency")?.as_str()?.to_owned(),
        })
    }
}

impl Announcement {
    /// Writes the file for programs. It holds tokens and a password, so only its owner reads it.
    pub(super) fn write(&self, file: &Path) -> Result<()> {
        let mut document = json!({
            "edge": self.edge,
            "origin": self.origin,
            "database_url": self.database_url,
            "customer_token": self.customer_token,
            "admin_token": self.admin_token,
            "partner_key": self.partner_key,
        });
        if let Some(cluster) = &self.cluster {
            document["edges"] = json!(cluster.edges);
            document["origins"] = json!(cluster.origins);
            document["replica_url"] = json!(cluster.replica_url);
        }
        let text = serde_json::to_string_pretty(&document)?;
        write_private(file, &format!("{text}\n"))
    }

    /// Prints it all, or the line for programs alone.
    pub(super) fn print(&self, data: &Path, quiet: bool) {
        let text = self.text(data);
        let last = text.lines().last().unwrap_or_default();
        println!("{}", if quiet { last } else { &text });
    }

    /// The text for people; its last line is the one that programs wait for.
    pub(super) fn text(&self, data: &Path) -> String {
        let Self {
            edge,
            origin,
            customer_token,
            admin_token,
            partner_key,
            ..
        } = self;
        let partner_key = partner_key.as_deref().unwrap_or("none was made");
        let order = self
            .product
            .as_ref()
            .map(|product| self.order(product))
            .unwrap_or_default();
        let (mut edges, mut origins, mut replica) = (edge.clone(), origin.clone(), String::new());
        if let Some(cluster) = &self.cluster {
            (edges, origins) = (cluster.edges.join("  "), cluster.origins.join("  "));
            replica = format!("  replica {}\n", cluster.replica_url);
        }
        format!(
            "\n  edge    {edges}\n  origin  {origins}\n{replica}  logs    {logs}\n\n\
             customer token\n{customer_token}\n\nadmin token\n{admin_token}\n\n\
             partner's API key (X-Api-Key)\n{partner_key}\n\n{order}\
             ready edge={edge} origin={origin}",
            logs = data.join("logs").display()
        )
    }

    fn order(&self, product: &Product) -> String {
        let body = json!({
            "items": [{ "product_id": product.id, "quantity": 1 }],
            "payment_method": "pm_card_visa",
            "expected_total": { "amount": product.amount, "currency": product.currency },
            "shipping_address": {
                "name": "Ada Lovelace",
                "line1": "12 St James's Square",
                "city": "London",
                "postal_code": "SW1Y 4JH",
                "country": "GB",
            },
        });
        // In single quotes a shell takes everything literally but the single quote itself.
        let body = body.to_string().replace('\'', r"'\''");
        format!(
            "a product, and an order (again: the same answer)\n\
             curl -i {edge}/v2/products/{id}\n\
             curl -i {edge}/v2/orders -H 'Authorization: Bearer {token}' \\\n  \
             -H 'Idempotency-Key: first-order' -H 'Content-Type: application/json' \\\n  \
             -d '{body}'\n\n",
            edge = self.edge,
            id = product.id,
            token = self.customer_token,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement() -> Announcement {
        Announcement {
            edge: "http://127.0.0.1:8787".into(),
            origin: "http://127.0.0.1:8080".into(),
            database_url: "postgres://x".into(),
            customer_token: "c.c.c".into(),
            admin_token: "a.a.a".into(),
            partner_key: Some("hg_test_x".into()),
            product: Some(Product {
                id: "prd_1".into(),
                amount: 2999,
                currency: "USD".into(),
            }),
            cluster: None,
        }
    }

    #[test]
    fn the_last_line_is_the_ready_line() {
        let text = announcement().text(Path::new("/data"));
        assert_eq!(
            text.lines().last(),
            Some("ready edge=http://127.0.0.1:8787 origin=http://127.0.0.1:8080")
        );
    }

    #[test]
    fn the_order_survives_a_shell() {
        let text = announcement().text(Path::new("/data"));
        assert!(text.contains(r"St James'\''s Square"), "{text}");
        assert!(
            text.contains(r#""expected_total":{"amount":2999,"currency":"USD"}"#),
            "{text}"
        );
    }

    #[test]
    fn programs_get_every_member() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("endpoints.json");
        announcement().write(&file).unwrap();
        let read: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(read["admin_token"], "a.a.a");
        assert_eq!(read["partner_key"], "hg_test_x");
        assert_eq!(read.as_object().unwrap().len(), 6);
    }

    #[test]
    fn a_cluster_names_all_of_its_edges_and_origins() {
        let each = |port: u16| [port, port + 1].map(|port| format!("http://127.0.0.1:{port}"));
        let whole = Announcement {
            cluster: Some(Cluster {
                edges: each(8787).into(),
                origins: each(8080).into(),
                replica_url: "postgres://r".into(),
            }),
            ..announcement()
        };
        let text = whole.text(Path::new("/data"));
        assert!(text.contains("edge    http://127.0.0.1:8787  http://127.0.0.1:8788\n"));
        assert!(text.contains("replica postgres://r\n"), "{text}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("endpoints.json");
        whole.write(&file).unwrap();
        let read: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        assert_eq!(read["edges"][1], "http://127.0.0.1:8788");
        assert_eq!(read["origins"][0], read["origin"]);
        assert_eq!(read.as_object().unwrap().len(), 9);
    }

    #[test]
    fn a_product_in_stock_is_taken() {
        let product = |id, availability| {
            json!({ "id": id, "availability": availability,
                    "price": { "amount": 5, "currency": "EUR" } })
        };
        let list = json!({ "data": [product("prd_1", "out"), product("prd_2", "in_stock")] });
        let expected = Product {
            id: "prd_2".into(),
            amount: 5,
            currency: "EUR".into(),
        };
        assert_eq!(Product::from_list(&list), Some(expected));
        assert_eq!(Product::from_list(&json!({ "data": [] })), None);
    }
}
