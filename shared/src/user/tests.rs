use serde_json::{Value, json};

use super::*;
use crate::body;

#[test]
fn emails() {
    let long = format!("{}@example.com", "a".repeat(64));
    let longer = format!("{}@example.com", "a".repeat(65));
    let longest = format!("a@{}", ["b".repeat(63).as_str(); 4].join("."));
    for (text, fine) in [
        ("ada@example.com", true),
        ("Ada.Lovelace+shop@mail.example.co.uk", true),
        ("o'neil@example.com", true),
        ("a@xn--bcher-kva.example", true),
        (&long, true),
        (&longer, false),
        (&longest, false),
        ("", false),
        ("ada", false),
        ("@example.com", false),
        ("ada@", false),
        ("ada@localhost", false),
        ("ada@example..com", false),
        ("ada@-example.com", false),
        (".ada@example.com", false),
        ("a..b@example.com", false),
        ("ada@example.com\n", false),
        ("ada lovelace@example.com", false),
        ("a@b@example.com", false),
        ("ada@bücher.example", false),
    ] {
        assert_eq!(is_email(text), fine, "{text}");
    }
}

#[test]
fn phones() {
    for (text, fine) in [
        ("+41446681800", true),
        ("+1234567", true),
        ("+123456789012345", true),
        ("+123456", false),
        ("+1234567890123456", false),
        ("+0123456789", false),
        ("0446681800", false),
        ("+41 44 668 18 00", false),
        ("+٤١٤٤٦٦٨١٨٠", false),
        ("", false),
    ] {
        assert_eq!(is_phone(text), fine, "{text}");
    }
}

fn pointers<T: serde::de::DeserializeOwned + Check>(body: &Value) -> Vec<String> {
    let faults = body::parse::<T>(body.to_string().as_bytes()).err();
    let faults = faults.unwrap_or_default().into_iter();
    faults.map(|fault| fault.pointer).collect()
}

#[test]
fn bodies_are_checked() {
    let good = json!({"email": "ada@example.com", "name": "Ada 👩‍🚀", "password": "correct horse"});
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        body
    };
    for (body, expected) in [
        (good.clone(), vec![]),
        (with("phone", json!("+41446681800")), vec![]),
        (with("phone", Value::Null), vec![]),
        (with("phone", json!("12")), vec!["/phone"]),
        (with("email", json!("ada")), vec!["/email"]),
        (with("name", json!(" ")), vec!["/name"]),
        (with("password", json!("7 chars")), vec!["/password"]),
        (with("password", json!("🦀".repeat(200))), vec![]),
        (with("password", json!("x".repeat(201))), vec!["/password"]),
        (
            with("address", json!({"name": "Ada"})),
            vec!["/address/line1"],
        ),
        (with("role", json!("admin")), vec!["/role"]),
        (
            json!({"email": "", "name": "", "password": ""}),
            vec!["/email", "/name", "/password"],
        ),
    ] {
        assert_eq!(pointers::<NewUser>(&body), expected, "{body}");
        assert_eq!(pointers::<UserChange>(&body), expected, "{body}");
    }
    let kept = json!({"email": "ada@example.com", "name": "Ada"});
    assert_eq!(pointers::<NewUser>(&kept), ["/password"]);
    assert_eq!(pointers::<UserChange>(&kept), [""; 0]);
}

#[test]
fn a_password_is_never_shown() {
    let body = json!({"email": "a@b.example", "name": "Ada", "password": "correct horse"});
    let change: UserChange = body::parse(body.to_string().as_bytes()).unwrap();
    assert!(!format!("{change:?}").contains("horse"));
    assert_eq!(json!(change).get("password"), None);
    assert!(!json!(change.password).to_string().contains("horse"));
    assert_eq!(change.password.unwrap().expose(), "correct horse");
}
