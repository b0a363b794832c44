//! The TypeScript client before the real edge, with a proxy between them that loses requests and
//! replies: in Node, in headless Chromium, and as its page in docs/ shows it.

use std::sync::OnceLock;

use tests::build::tools;
use tests::shop::Shop;
use xtask::progress::Progress;
use xtask::{client, peers, process};

#[tokio::test]
async fn the_scenarios_hold_in_node() {
    run("client/e2e/node.test.ts", &[]).await;
}

#[tokio::test]
async fn the_scenarios_hold_in_a_browser() {
    let environment = tools().environment();
    let peer = peers::chromium(environment, Progress::shown()).expect("nobody interrupts");
    let browser = peer.or_skip(environment.ci).expect("a browser");
    if let Some(browser) = browser {
        let browser = browser.to_str().expect("a path in UTF-8");
        run("client/e2e/browser.test.ts", &[("CHROME_BIN", browser)]).await;
    }
}

#[tokio::test]
async fn the_examples_of_its_page_run() {
    run("client/e2e/examples.test.ts", &[]).await;
}

/// Runs a file of the client's tests before a shop of its own.
async fn run(file: &str, more: &[(&str, &str)]) {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| client::build(tools(), Progress::shown()).expect("the client builds"));
    let shop = Shop::start().await;
    let url = shop.edge.url();
    let mut settings = vec![
        ("HEADGATE_URL", url.as_str()),
        ("HEADGATE_TOKEN", &shop.customer_token),
        ("HEADGATE_ADMIN_TOKEN", &shop.admin_token),
    ];
    settings.extend(more);
    let mut node = client::end_to_end(tools(), file, &settings);
    // The gate between edge and origin runs on this thread, so the wait must not.
    let ran = tokio::task::spawn_blocking(move || process::output("node", &mut node));
    let output = ran.await.expect("it ends").expect("Node runs");
    assert!(
        output.status.success(),
        "{file}:\n{}{}",
        output.stdout,
        output.stderr
    );
}
