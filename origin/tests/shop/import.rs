//! A team's own catalogue, from a file.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use origin::seed::import::{self, Imported, Refused};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::harness::{Shop, platform};
use crate::products::mug;

/// A file of this name and text.
fn file(folder: &tempfile::TempDir, name: &str, text: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn counts(created: u64, updated: u64, unchanged: u64) -> Imported {
    Imported {
        created,
        updated,
        unchanged,
    }
}

#[tokio::test]
async fn a_catalogue_is_imported_whole_and_again() {
    let shop = Shop::open().await;
    let pool = &shop.app.shop.pool;
    let platform = platform(&shop.clock);
    let folder = tempfile::tempdir().unwrap();
    let header = "sku,name,description,category,price,currency,active,stock\n";
    let csv = file(
        &folder,
        "shop.CSV",
        &format!(
            "{header}MUG-1,\"Mug, blue ☕\",\"two\nlines\",kitchen,29.99,USD,true,40\n\
             TEA-1,お茶,,tea,1200,JPY,true,0\n"
        ),
    );
    let run = async |path: &PathBuf| {
        import::run(pool, &platform, import::read(path).unwrap())
            .await
            .unwrap()
    };
    assert_eq!(run(&csv).await, counts(2, 0, 0));
    assert_eq!(run(&csv).await, counts(0, 0, 2));
    let list = shop.get("/products?limit=2", &[]).await.json();
    let find = |list: &Value, sku: &str| {
        let data = list["data"].as_array().unwrap().iter();
        data.clone().find(|one| one["sku"] == sku).cloned().unwrap()
    };
    let imported = find(&list, "MUG-1");
    assert_eq!(imported["name"], "Mug, blue ☕");
    assert_eq!(imported["description"], "two\nlines");
    assert_eq!(find(&list, "TEA-1")["price"]["amount"], 1200);
    assert_eq!(find(&list, "TEA-1")["availability"], "out");

    let bowl = mug("BOWL-1").to_string();
    let lines = file(
        &folder,
        "shop.jsonl",
        &format!("{}\n{bowl}\n", mug("MUG-1")),
    );
    assert_eq!(run(&lines).await, counts(1, 1, 0));
    let path = format!("/products/{}", imported["id"].as_str().unwrap());
    let replaced = shop.get(&path, &[]).await.json();
    assert_eq!(replaced["name"], mug("MUG-1")["name"]);
    assert_eq!(replaced["version"], 2);
    assert_eq!(replaced["created_at"], imported["created_at"]);
    for (sql, expected) in [
        (
            "select count(*) from outbox where type = 'product.created'",
            3,
        ),
        (
            "select count(*) from outbox where type = 'product.updated'",
            1,
        ),
        (
            "select count(*) from outbox join products on products.id = aggregate_id
             where payload->>'id' like 'prd_%' and payload->>'sku' = sku",
            4,
        ),
    ] {
        assert_eq!(shop.count(sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn one_bad_row_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let good = mug("MUG-1").to_string();
    let bad = good.replace("MUG-1", "MUG-2").replace("2999", "-1");
    let path = file(&folder, "shop.ndjson", &format!("{good}\n\n{bad}\n{{\n"));
    let error = import::read(&path).unwrap_err();
    let Refused(faults) = error.downcast_ref().unwrap();
    let lines: Vec<_> = faults.iter().map(|fault| fault.line).collect();
    assert_eq!(lines, [3, 4]);
    assert_eq!(faults[0].member, "price");
    assert!(
        error
            .to_string()
            .contains("line 3, price: -1 is out of range. Send")
    );
    for (name, text) in [("shop.txt", good.as_str()), ("shop", "")] {
        let error = import::read(&file(&folder, name, text)).unwrap_err();
        assert!(
            error.to_string().contains(".csv, .jsonl or .ndjson"),
            "{error}"
        );
    }
    let error = import::read(&folder.path().join("none.csv")).unwrap_err();
    assert!(error.to_string().contains("can't be read"), "{error}");
}

#[tokio::test]
async fn a_large_catalogue_goes_in_in_one_piece() {
    const ROWS: usize = 2500;
    let shop = Shop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("sku,name,description,category,price,currency,active,stock\n");
    for number in 0..ROWS {
        writeln!(
            text,
            "R-{number},Row {number},d,rows,{number}.05,USD,true,{number}"
        )
        .unwrap();
    }
    let path = file(&folder, "rows.csv", &text);
    let products = import::read(&path).unwrap();
    let platform = platform(&shop.clock);
    let imported = import::run(&shop.app.shop.pool, &platform, products).await;
    assert_eq!(imported.unwrap(), counts(2500, 0, 0));
    let sql = "select sum(price_amount - available * 100)::bigint from products
               join inventory on product_id = id where category = 'rows'";
    assert_eq!(shop.count(sql).await, 2500 * 5);
    let sql = "select count(*) from outbox where type = 'product.created'";
    assert_eq!(shop.count(sql).await, 2500);
}

/// What the command answers: whether it went well, and its JSON.
fn seed(shop: &Shop, path: &PathBuf) -> (bool, Value) {
    let url = shop.config.databases.database_url.expose_secret();
    let output = Command::new(env!("CARGO_BIN_EXE_origin"))
        .args(["seed", "--json", "--database-url", url, "--from"])
        .arg(path)
        .output()
        .unwrap();
    let json = serde_json::from_slice(&output.stdout).unwrap();
    (output.status.success(), json)
}

#[tokio::test]
async fn the_command_answers_scripts_in_json() {
    let shop = Shop::open().await;
    let folder = tempfile::tempdir().unwrap();
    let good = mug("MUG-1").to_string();
    let bad = file(&folder, "bad.jsonl", &format!("{good}\n{{\"sku\":7}}\n"));
    let (fine, answer) = seed(&shop, &bad);
    assert!(!fine);
    assert_eq!(answer["imported"], false);
    assert_eq!(answer["errors"][0]["line"], 2);
    assert_eq!(answer["errors"][0]["member"], "sku");
    assert_eq!(shop.count("select count(*) from outbox").await, 0);
    let (fine, answer) = seed(&shop, &file(&folder, "good.jsonl", &good));
    assert!(fine, "{answer}");
    let expected = json!({"imported": true, "created": 1, "updated": 0, "unchanged": 0});
    assert_eq!(answer, expected);
    assert_eq!(shop.count("select count(*) from outbox").await, 1);
}
