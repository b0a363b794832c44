//! Schemathesis, which makes requests up from the API's own document and compares each answer with
//! it: before the edge and before the origin, as an admin and as a customer.
//!
//! Each of its phases (examples, coverage, fuzzing, stateful) runs once, which takes a minute or so: the
//! number of requests bounds it, not the time, so that a busy machine finds what an idle one does. With
//! `SCHEMATHESIS_SECONDS=600` it goes on for so long each time. What it said stands in
//! `schemathesis-*.log` in the scratch folder, its summary is printed (`--nocapture`). Which answers it
//! shall take, and why, stands in `tests/schemathesis.toml`.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tests::answer::Answer;
use tests::build::tools;
use tests::scratch;
use tests::shop::{Options, Shop};
use xtask::progress::Progress;
use xtask::{peers, process};

/// Made-up requests an operation and phase, unless it runs for a time.
const EXAMPLES_MAX: &str = "10";
/// The same requests in each run.
const SEED: &str = "42";
/// The product that the document's examples name. It and those of the configuration have the price that
/// the examples name.
const EXAMPLE: &str = "prd_01h455vb4pex5vsknk084sn02q";

#[tokio::test]
async fn it_finds_nothing_at_the_edge() {
    let Some(program) = schemathesis() else {
        return;
    };
    let (shop, payment) = stocked().await;
    let url = shop.edge.url();
    // One stands at `/problems` alone, and the tool knows one server for all paths of a document. The other would
    // lead all that follows to origins that are made up.
    let but = [
        "--exclude-operation-id",
        "readProblem",
        "--exclude-operation-id",
        "replaceOrigins",
    ];
    run(
        &program,
        &payment,
        "edge-admin",
        &url,
        &shop.admin_token,
        &but,
    )
    .await;
    // What another has or is, is 404 to a customer: so a lack of data says nothing, and whoever a
    // customer registers is somebody else.
    let unseen = "ensure_resource_availability";
    let less = [&but[..], &["--warnings", "off", "--exclude-checks", unseen]].concat();
    let token = &shop.customer_token;
    run(&program, &payment, "edge-customer", &url, token, &less).await;
}

#[tokio::test]
async fn it_finds_nothing_at_the_origin() {
    let Some(program) = schemathesis() else {
        return;
    };
    let (shop, payment) = stocked().await;
    // What the edge alone answers.
    let but = [
        "--exclude-operation-id",
        "listDeprecations",
        "--exclude-operation-id",
        "readRateLimit",
    ];
    let url = shop.origin_url();
    run(
        &program,
        &payment,
        "origin-admin",
        &url,
        &shop.admin_token,
        &but,
    )
    .await;
}

fn configuration() -> PathBuf {
    xtask::tools::root().join("tests/schemathesis.toml")
}

fn schemathesis() -> Option<PathBuf> {
    let environment = tools().environment();
    let peer = peers::schemathesis(environment, Progress::shown()).expect("nobody interrupts");
    peer.or_skip(environment.ci).expect("Schemathesis")
}

/// A shop with more than enough tokens and with products to order, and the id of a payment.
async fn stocked() -> (Shop, String) {
    let shop = Shop::start_with(Options { test_routes: true }).await;
    let configuration = std::fs::read_to_string(configuration()).expect("the configuration");
    let configuration: toml::Value = toml::from_str(&configuration).expect("TOML");
    let products = configuration["dictionaries"]["products"]["values"].as_array();
    let products = products
        .into_iter()
        .flatten()
        .filter_map(toml::Value::as_str);
    for id in products.chain([EXAMPLE]) {
        let product = json!({"sku": id, "name": "Stoneware mug", "description": "",
            "category": "kitchen", "price": {"amount": 2999, "currency": "USD"}, "active": true,
            "stock": 1_000_000_000});
        let put = shop
            .request("PUT", &format!("/v2/products/{id}"))
            .bearer_auth(&shop.admin_token)
            .header("if-none-match", "*")
            .json(&product);
        assert_eq!(Answer::to(put).await.status, 201);
    }
    let order = shop.an_order("pm_card_visa").await;
    let order = shop.order("a payment to read", &order).await;
    assert_eq!(order.status, 201);
    let payment = order.json()["payment"]["id"].as_str().map(str::to_owned);
    (shop, payment.expect("a payment"))
}

async fn run(program: &Path, payment: &str, name: &str, url: &str, token: &str, more: &[&str]) {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test has no other place for it"
    )]
    let seconds = std::env::var("SCHEMATHESIS_SECONDS").ok();
    let bound = match &seconds {
        Some(seconds) => vec!["--max-time", seconds],
        // Warnings tell what a run never met; one of so few requests does not meet it all.
        None => vec!["--max-examples", EXAMPLES_MAX, "--warnings", "off"],
    };
    let mut command = Command::new(program);
    command
        .current_dir(scratch::folder())
        .env("PAYMENT_ID", payment)
        .arg("--config-file")
        .arg(configuration())
        .args(["run", &format!("{url}/v2/openapi.json")])
        .args(["--url", &format!("{url}/v2")])
        .args(["--header", &format!("Authorization: Bearer {token}")])
        .args(["--seed", SEED, "--no-color"])
        .args(&bound)
        .args(["--continue-on-failure", "--generation-database", "none"])
        .args(more);
    // The gate between edge and origin runs on this thread, so the wait must not.
    let ran = tokio::task::spawn_blocking(move || process::output("schemathesis", &mut command));
    let output = ran.await.expect("it ends").expect("Schemathesis runs");
    let log = scratch::folder().join(format!("schemathesis-{name}.log"));
    std::fs::write(&log, &output.stdout).expect("a log");
    let summary = output.stdout.find("= SUMMARY =").unwrap_or_default();
    println!("{name}: {}", &output.stdout[summary..]);
    assert!(
        output.status.success(),
        "{name}:\n{}{}",
        output.stdout,
        output.stderr
    );
}
