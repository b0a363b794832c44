//! A fleet that serves a part of the API, as a process.

use reqwest::StatusCode;
use tests::answer::Answer;
use tests::shop::Shop;
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_serves_the_parts_that_it_is_told() {
    let mut shop = Shop::start_with_two_origins().await;
    shop.kill_second();
    block_in_place(|| shop.restart_second_with(&[("SERVICES", "products,users")]));
    let get = async |path: &str| {
        let url = format!("http://127.0.0.1:{}{path}", shop.second().port);
        let request = shop.client.get(url).bearer_auth(&shop.customer_token);
        Answer::to(request).await
    };
    for path in ["/readyz", "/v2/products", "/v2/push-key"] {
        assert_eq!(get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in ["/v2/orders", "/v2/admin/plans"] {
        let answer = get(path).await;
        assert_eq!(answer.field("error-code"), "not_found", "{path}");
    }
}
