//! The shop's database: a copy of one that is migrated and seeded once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::programs::run_origin;
use crate::postgres;

/// Products in a test's catalogue.
const PRODUCTS: &str = "200";

pub(super) async fn number(database_url: &str, sql: &'static str) -> i64 {
    let mut connection = PgConnection::connect(database_url).await.expect("Postgres");
    let number = sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .expect(sql);
    connection.close().await.expect("closed");
    number
}

pub(super) fn demo_users() -> (&'static str, &'static str) {
    let users = &template().1;
    (users[0].as_str(), users[1].as_str())
}

/// Makes the shop's tables and puts products and users in them; what the origin says of it.
pub(super) fn fill(url: &str) -> Value {
    run_origin(url, &["migrate"]);
    let seeded = run_origin(url, &["seed", "--products", PRODUCTS, "--json"]);
    serde_json::from_str(&seeded).expect("JSON")
}

/// A migrated and seeded database, and the ids of the demo customer and admin.
fn template() -> &'static (String, [String; 2]) {
    static TEMPLATE: OnceLock<(String, [String; 2])> = OnceLock::new();
    TEMPLATE.get_or_init(|| {
        let url = format!("{}/template", postgres::url());
        let seeded = fill(&url);
        let id = |name: &str| seeded[name].as_str().expect("an id").to_owned();
        (url, [id("customer"), id("admin")])
    })
}

/// A copy of the template.
pub(super) async fn copy() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let (template, _) = template();
    let server = postgres::url();
    let mut connection = PgConnection::connect(&format!("{server}/postgres"))
        .await
        .expect("Postgres answers");
    let name = template.rsplit('/').next().expect("a name");
    let copy = format!("create database shop_{number} template {name}");
    sqlx::raw_sql(AssertSqlSafe(copy))
        .execute(&mut connection)
        .await
        .expect("a copy");
    connection.close().await.expect("closed");
    format!("{server}/shop_{number}")
}
