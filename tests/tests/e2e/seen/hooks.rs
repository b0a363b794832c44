//! Who is told of events: a webhook's receiver and a push service, both on a server that takes everything.

use axum::Router;
use axum::http::StatusCode;
use reqwest::RequestBuilder;
use serde_json::json;
use tests::answer::Answer;
use tests::shop::Shop;
use tokio::net::TcpListener;

/// A browser's keys: those of the standard's example.
const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

/// Lets a webhook and a browser of the customer's hear of confirmed orders. Their ids.
pub(super) async fn listen(shop: &Shop) -> [String; 2] {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(async || StatusCode::NO_CONTENT);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let hook = json!({"url": format!("{url}/hook"), "events": ["order.confirmed"]});
    let hook = shop
        .request("POST", "/v2/admin/webhooks")
        .bearer_auth(&shop.admin_token)
        .json(&hook);
    let browser = json!({
        "endpoint": format!("{url}/browser"),
        "keys": {"p256dh": P256DH, "auth": AUTH},
    });
    let path = format!("/v2/users/{}/push-subscriptions", shop.customer());
    let browser = shop
        .request("POST", &path)
        .bearer_auth(&shop.customer_token)
        .json(&browser);
    [made(hook).await, made(browser).await]
}

async fn made(request: RequestBuilder) -> String {
    let answer = Answer::to(request).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    answer.json()["id"].as_str().unwrap().to_owned()
}
