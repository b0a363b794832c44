//! Webhooks: who hears of what, how messages are signed, and what becomes of those that fail. The
//! receiver is a real server; the clock stands where the test puts it.

mod admin;
mod failures;
mod limits;
mod signatures;

use chrono::DateTime;
use origin::app::App;
use origin::seed;
use serde_json::{Value, json};
use shared::caller::Role;

use crate::callers::JSON;
use crate::harness::{Answer, Shop, platform};

impl Shop {
    /// A new webhook, as its maker sees it.
    pub(crate) async fn webhook(&self, url: &str, events: &[&str]) -> Value {
        let body = json!({"url": url, "events": events}).to_string();
        let made = self.write("POST", "/admin/webhooks", &[JSON], &body).await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    /// A request of an admin's, whose token is fresh however far the clock has gone.
    async fn manage(
        &self,
        method: &str,
        path: &str,
        fields: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let admin = self.token(&seed::admin().to_string(), Role::Admin).await;
        self.ask(&admin, method, path, fields, body).await
    }

    /// Carries events to the consumers, and on to the receivers what is due.
    async fn send_all(&self) -> usize {
        self.carry().await;
        self.app.webhooks.step().await.unwrap()
    }

    /// Carries events to the consumers.
    pub(crate) async fn carry(&self) {
        while self.app.relay.step().await.unwrap() > 0 {}
    }

    /// The deliveries of a webhook, newest first.
    async fn deliveries(&self, webhook: &Value) -> Vec<Value> {
        let path = format!("{}/deliveries", path(webhook));
        let list = self.manage("GET", &path, &[], "").await;
        assert_eq!(list.status, 200, "{list:?}");
        list.json()["data"].as_array().unwrap().clone()
    }

    /// Its only delivery.
    async fn delivery(&self, webhook: &Value) -> Value {
        let all = self.deliveries(webhook).await;
        assert_eq!(all.len(), 1, "{all:?}");
        all[0].clone()
    }

    /// Puts the clock to when the only delivery is due again.
    async fn wait_for_next_try(&self, webhook: &Value) {
        let delivery = self.delivery(webhook).await;
        let due = delivery["next_try_at"].as_str().unwrap();
        // What clients see is cut to milliseconds.
        let due = DateTime::parse_from_rfc3339(due).unwrap();
        self.clock.set(due.timestamp_millis() + 1);
    }
}

/// Where a webhook is.
fn path(webhook: &Value) -> String {
    format!("/admin/webhooks/{}", webhook["id"].as_str().unwrap())
}

/// Another origin over the same database, which calls public addresses alone.
fn strict(shop: &Shop) -> App {
    let mut config = shop.config.clone();
    config.webhooks.webhooks_allow_private = false;
    App::build_with(&config, platform(&shop.clock), shop.provider.clone()).unwrap()
}
