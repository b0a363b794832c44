//! Golden files, a folder a version. A client of that version reads exactly these members in this
//! order; whatever changes them fails here first, and then it is a new version or a mistake.

use std::path::PathBuf;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::order::{NewOrder, Order};
use shared::problem::{Code, FieldError, Problem};
use shared::product::Product;
use shared::version::ApiVersion;
use shared::versions::{self, Form, Resource};

fn text(version: ApiVersion, name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(version.as_str())
        .join(format!("{name}.json"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn json(version: ApiVersion, name: &str) -> Value {
    serde_json::from_str(&text(version, name)).unwrap()
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

/// The types write the golden file of the latest version.
fn typed<T: Serialize + DeserializeOwned>(name: &str) {
    let golden = text(ApiVersion::LATEST, name);
    let value: T = serde_json::from_str(&golden).unwrap();
    assert_eq!(pretty(&value), golden, "{name}");
}

#[test]
fn the_latest_version_is_what_the_types_write() {
    typed::<Product>("product");
    typed::<Order>("order");
    typed::<NewOrder>("new-order");
}

#[test]
fn problems_are_written_in_this_order() {
    let fault = FieldError {
        pointer: "/expected_total/amount".into(),
        code: "changed",
        detail: "the total is another one".into(),
        fix: "Show the current total.".into(),
    };
    let document = Problem::new(Code::PriceChanged, "It costs 59.98 USD now.")
        .with_errors(vec![fault])
        .with("total", json(ApiVersion::V2, "order")["total"].clone())
        .document("https://shop.example", "/orders", "req_1");
    assert_eq!(pretty(&document), text(ApiVersion::V2, "price-changed"));
}

#[test]
fn version_1_is_what_the_converters_write() {
    for (name, resource) in [
        ("product", Resource::Product),
        ("products", Resource::Product),
        ("order", Resource::Order),
        ("payment", Resource::Payment),
    ] {
        let old = versions::down(
            ApiVersion::V1,
            versions::REVISION,
            resource,
            json(ApiVersion::V2, name),
        );
        assert_eq!(pretty(&old), text(ApiVersion::V1, name), "{name}");
    }
    let document = json(ApiVersion::V2, "price-changed");
    let old = versions::problem_down(
        ApiVersion::V1,
        versions::REVISION,
        Resource::Order,
        document,
    );
    assert_eq!(pretty(&old), text(ApiVersion::V1, "price-changed"));
}

#[test]
fn a_new_order_of_version_1_is_one_of_version_2() {
    let old = json(ApiVersion::V1, "new-order");
    let new = versions::up(ApiVersion::V1, Resource::Order, Form::Whole, old).unwrap();
    assert_eq!(pretty(&new), text(ApiVersion::V2, "new-order"));
}
