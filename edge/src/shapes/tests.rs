//! The tables of the shop's document against the types by which the origin reads the same bodies.

use serde_json::{Map, json};
use shared::body::{misshapen, parse, parse_complete};
use shared::order::{NewOrder, StatusChange};
use shared::payment::NewPayment;
use shared::product::{NewProduct, ProductDocument};
use shared::session::SignIn;
use shared::user::NewPaymentMethod;

use shared::problem::FieldError;
use shared::shape::compile::table;
use shared::shape::{all, certain};

use super::*;

const DOCUMENT: &str = include_str!("../../../docs/openapi.json");

/// The shop's tables, as the build writes them.
pub(crate) fn shop_tables() -> &'static str {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    let tables: Map<String, Value> = bodies()
        .iter()
        .map(|(method, path, ..)| {
            let table = table(&document, method, path).unwrap();
            (format!("{method} {path}"), table)
        })
        .collect();
    Box::leak(Value::Object(tables).to_string().into_boxed_str())
}

/// How the origin reads a body.
type Reader = fn(&[u8]) -> Result<(), Vec<FieldError>>;

fn order(body: &[u8]) -> Result<(), Vec<FieldError>> {
    // As origin/src/routes/orders does in the latest version.
    let missing = || {
        misshapen(
            "/expected_total".to_owned(),
            "required",
            "missing field `expected_total`".into(),
        )
    };
    let complete = |order: &NewOrder| match order.expected_total {
        Some(_) => Ok(()),
        None => Err(missing()),
    };
    parse_complete(body, complete).map(drop)
}

macro_rules! reader {
    ($type:ty) => {
        |body| parse::<$type>(body).map(drop)
    };
}

/// Each body that the shop's edge checks: where, how the origin reads it, and a good one.
fn bodies() -> Vec<(&'static str, &'static str, Reader, Value)> {
    let product = json!({"sku": "MUG-1", "name": "Mug", "description": "", "category": "kitchen",
        "price": {"amount": 1, "currency": "USD"}, "image_url": "https://img.example/x.jpg",
        "active": true, "stock": 1});
    let mut document = product.clone();
    document["version"] = json!(3);
    let address = json!({"name": "Ada", "line1": "12 St James's Square", "line2": "2nd floor",
        "city": "London", "state": null, "postal_code": "SW1Y 4JH", "country": "GB"});
    let items = json!([{"product_id": "prd_01h455vb4pex5vsknk084sn02q", "quantity": 2},
        {"product_id": "prd_01h455vb4pex5vsknk084sn02r", "quantity": 1}]);
    vec![
        ("POST", "/products", reader!(NewProduct), product),
        ("PUT", "/products/{id}", reader!(ProductDocument), document),
        (
            "POST",
            "/orders",
            order,
            json!({"items": items, "payment_method": "pm_card_visa",
            "expected_total": {"amount": 3, "currency": "USD"}, "shipping_address": address,
            "note": "Ring twice"}),
        ),
        (
            "PUT",
            "/orders/{id}/status",
            reader!(StatusChange),
            json!({"status": "cancelled", "version": 1}),
        ),
        (
            "POST",
            "/orders/{id}/payments",
            reader!(NewPayment),
            json!({"payment_method": "pm_card_visa"}),
        ),
        (
            "POST",
            "/users/{id}/payment-methods",
            reader!(NewPaymentMethod),
            json!({"method": "pm_card_visa", "label": "Company", "default": true}),
        ),
        (
            "POST",
            "/sessions",
            reader!(SignIn),
            json!({"email": "ada@example.com", "password": "correct"}),
        ),
    ]
}

/// What may stand in the place of any value.
fn odd() -> Vec<Value> {
    let long = |chars: usize| json!("ä".repeat(chars));
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(2.0),
        json!(-0.0),
        json!(2.5),
        json!(100),
        json!(1_000_000_000_001_i64),
        json!(4_294_967_296_i64),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1e300),
        json!(9_007_199_254_740_992_f64),
        json!(""),
        json!(" "),
        json!("a\u{0}"),
        json!("\u{85}"),
        json!(" a"),
        json!("a\nb"),
        json!("a, expected b at line 2 column 3"),
        json!("\"`\u{1F600}"),
        json!("USD"),
        json!("usd"),
        json!("confirmed"),
        json!("prd_01h455vb4pex5vsknk084sn02q"),
        json!("prd_81h455vb4pex5vsknk084sn02q"),
        json!("http://x"),
        json!("https://"),
        json!("kitchen-1"),
        long(200),
        long(201),
        long(501),
        long(5001),
        json!([]),
        json!({}),
        json!([1]),
        json!({"a": 1}),
        json!({"confirmed": null}),
        json!(["Ada", "12", null, "London", null, "1", "GB"]),
        json!([1, "USD"]),
        json!(["prd_01h455vb4pex5vsknk084sn02q", 2]),
        Value::Array(vec![
            json!({"product_id": "prd_01h455vb4pex5vsknk084sn02q", "quantity": 0});
            2
        ]),
        Value::Array(vec![
            json!({"product_id": "prd_01h455vb4pex5vsknk084sn02q", "quantity": 1});
            51
        ]),
        Value::Array(vec![
            json!({"product_id": "prd_01h455vb4pex5vsknk084sn02q", "quantity": 0});
            51
        ]),
        Value::Array(vec![json!({"product_id": 7, "quantity": 1}); 51]),
    ]
}

/// All pointers of a document.
fn pointers(json: &Value, at: &str, out: &mut Vec<String>) {
    out.push(at.to_owned());
    match json {
        Value::Object(all) => {
            for (name, value) in all {
                let name = name.replace('~', "~0").replace('/', "~1");
                pointers(value, &format!("{at}/{name}"), out);
            }
        }
        Value::Array(all) => {
            for (place, value) in all.iter().enumerate() {
                pointers(value, &format!("{at}/{place}"), out);
            }
        }
        _ => {}
    }
}

/// Every document that differs from this one in one place.
fn mutants(good: &Value) -> Vec<Value> {
    let (mut all, mut out) = (Vec::new(), Vec::new());
    pointers(good, "", &mut all);
    for pointer in all {
        for value in odd() {
            let mut mutant = good.clone();
            *mutant.pointer_mut(&pointer).unwrap() = value;
            out.push(mutant);
        }
        if let Some(members) = good.pointer(&pointer).unwrap().as_object() {
            for name in members.keys() {
                let mut mutant = good.clone();
                let changed = mutant
                    .pointer_mut(&pointer)
                    .unwrap()
                    .as_object_mut()
                    .unwrap();
                changed.remove(name);
                out.push(mutant);
            }
            for name in ["other", "a~b/c", "`x`, expected y"] {
                let mut mutant = good.clone();
                mutant.pointer_mut(&pointer).unwrap()[name] = json!(1);
                out.push(mutant);
            }
        }
    }
    out
}

/// What the edge refuses it with, which must be what the origin would.
fn hold(table: &Value, read: Reader, body: &str) -> (bool, bool) {
    let edge = certain(table, body.as_bytes());
    let read = read(body.as_bytes());
    let origin = read.map_err(|met| all(table, body.as_bytes(), met));
    let origin = origin.err().unwrap_or_default();
    if !edge.is_empty() {
        assert_eq!(edge, origin, "{body}");
    }
    (!edge.is_empty(), !origin.is_empty())
}

#[test]
fn what_is_refused_is_refused_with_the_origins_very_faults() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for (method, path, read, good) in bodies() {
        let table = table(&document, method, path).unwrap();
        assert_eq!(
            hold(&table, read, &good.to_string()),
            (false, false),
            "{path}"
        );
        let (mut edge, mut origin) = (0_u32, 0_u32);
        let once = mutants(&good);
        for mutant in &once {
            let (here, there) = hold(&table, read, &mutant.to_string());
            edge += u32::from(here);
            origin += u32::from(there);
        }
        // What only patterns exclude is left to the origin.
        assert!(edge * 10 > origin * 7, "{path}: {edge} of {origin}");
        // Two changes: a thinned-out choice of all of them.
        for (place, mutant) in once.iter().enumerate().step_by(23) {
            for twice in mutants(mutant).iter().skip(place % 19).step_by(19) {
                hold(&table, read, &twice.to_string());
            }
        }
    }
}

#[test]
fn texts_that_are_no_documents() {
    let document: Value = serde_json::from_str(DOCUMENT).unwrap();
    for (method, path, read, good) in bodies() {
        let table = table(&document, method, path).unwrap();
        let good = good.to_string();
        for end in (0..good.len()).filter(|end| good.is_char_boundary(*end)) {
            let (here, _) = hold(&table, read, &good[..end]);
            assert_eq!(here, end > 0, "{path} to {end}");
        }
        let open = good.strip_suffix('}').unwrap();
        for body in [
            format!("{good} x"),
            format!("{good}{good}"),
            format!(" \n{good}\t"),
            format!("\u{feff}{good}"),
            format!("{open},}}"),
            format!("{open},\"a\":1e400}}"),
            format!("{open},\"a\":\"\\ud800\"}}"),
            format!("{open},\"a\":1,\"a\":1}}"),
            // Its first member once more, of another type; and a fault besides.
            format!("{{\"active\":1,\"status\":1,\"items\":1,{}", &good[1..]),
            format!("{open},\"active\":1,\"status\":\"x\",\"items\":1}}"),
            // The origin meets the first of the two, a reader that keeps the last one does not.
            format!(
                "{{{}:1.5,{},\"zz\":1}}",
                &open[1..open.find(':').unwrap()],
                &open[1..]
            ),
            "[".repeat(200),
            format!("{open},\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200)),
            "null".to_owned(),
            "[]".to_owned(),
            "\u{b}{}".to_owned(),
        ] {
            hold(&table, read, &body);
        }
    }
}

#[test]
fn the_routes_that_are_checked_are_those_held_here() {
    let gateway = crate::config::tests::shop();
    let checked = gateway.routes.iter().filter(|route| route.shape);
    let mut checked: Vec<String> = checked
        .flat_map(|route| {
            let methods = route.methods.iter();
            let methods = methods.filter(|method| ["POST", "PUT"].contains(&method.as_str()));
            methods.map(|method| format!("{method} {}", route.path))
        })
        .collect();
    let mut held: Vec<String> = bodies()
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"))
        .collect();
    checked.sort();
    held.sort();
    assert_eq!(checked, held);
}
