//! Users: registering, changing oneself, being forgotten; and their payment methods.

mod changes;
mod payment_methods;
mod reads;
mod refusals;

use serde_json::{Value, json};
use shared::caller::Role;

use crate::callers::JSON;
use crate::harness::Shop;

/// Where the demo customer is.
fn ada() -> String {
    format!("/users/{}", origin::seed::customer())
}

fn new_user(email: &str) -> Value {
    json!({"email": email, "name": "Zoë 👩‍🚀", "password": "correct horse", "phone": "+41446681800",
        "address": {"name": "Zoë", "line1": "1 Main St", "city": "Bern", "postal_code": "3000",
            "country": "CH"}})
}

/// Registers somebody and gives path and token.
async fn registered(shop: &Shop, email: &str) -> (String, String) {
    let answer = shop
        .ask("", "POST", "/users", &[JSON], &new_user(email).to_string())
        .await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    (
        format!("/users/{id}"),
        shop.token(&id, Role::Customer).await,
    )
}

async fn hash_of(shop: &Shop, path: &str) -> Option<String> {
    let id: shared::id::UserId = path.trim_start_matches("/users/").parse().unwrap();
    sqlx::query_scalar("select password_hash from users where id = $1")
        .bind(id.uuid())
        .fetch_one(&shop.app.shop.pool)
        .await
        .unwrap()
}
