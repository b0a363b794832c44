//! The project's own `gateway.toml`, and mistakes in it.

use super::*;

/// Reads TOML as `build.rs` does.
fn read(text: &str) -> Result<Gateway, Invalid> {
    parse(text, |text| {
        toml::from_str(text).map_err(|error| Syntax {
            at: error.span().map(|span| span.start),
            message: error.message().to_owned(),
        })
    })
}

const SHOP: &str = include_str!("../../../gateway.toml");

/// The shop's configuration.
pub fn shop() -> Gateway {
    read(SHOP).unwrap()
}

#[test]
fn json_carries_what_toml_said() {
    let json = serde_json::to_string(&shop()).unwrap();
    assert_eq!(serde_json::from_str::<Gateway>(&json).unwrap(), shop());
}

#[test]
fn mistakes_are_named_with_their_line() {
    let route = "[[routes]]\nname = \"r\"\npath = \"/r\"\nmethods = [\"GET\"]\nauth = \"none\"\nlimited = false\n";
    let with = |line: &str| format!("{route}{line}\n");
    for (text, expected) in [
        (route.to_owned(), ""),
        (with("colour = 1"), "line 7: unknown field"),
        (with("cache = { query = 1 }"), "line 7: invalid type"),
        (route.replace("none", "maybe"), "line 5: unknown variant"),
        (
            route.replace("GET", "get"),
            "line 2: `r`: `get` is no method",
        ),
        (
            route.replace("\"GET\"", ""),
            "line 2: `r`: methods must name",
        ),
        (route.replace("/r", "/{"), "line 2: `r`: path `/{`"),
        (route.replace("\"/r", "\"r"), "line 2: `r`: path must start"),
        (
            format!("{route}{route}"),
            "line 2: `r`: GET /r stands in two routes",
        ),
        (
            route.replace("limited = false", ""),
            "line 2: `r`: limited = true needs [limits]",
        ),
        (with("scope = \"x\""), "line 2: `r`: a scope needs"),
        (
            with("idempotency = \"required\""),
            "line 2: `r`: idempotency goes with unsafe",
        ),
        (
            with("timeout_ms = 29001"),
            "line 2: `r`: timeout_ms must be",
        ),
        (
            with("body_bytes_max = 99999999"),
            "line 2: `r`: body_bytes_max",
        ),
        (
            SHOP.replace("\"address\"", "\"adress\""),
            "line 15: [limits] names plan `adress`",
        ),
        (
            SHOP.replace("rate = 1000", "rate = 0"),
            "line 17: plan `default`: rate must",
        ),
        (
            SHOP.replace("[\"EdDSA\"]", "[\"HS256\"]"),
            "line 6: `headgate`: algorithms must",
        ),
        (
            SHOP.replace("\"/.well", "\"http://evil.example/.well"),
            "line 6: `headgate`: jwks_url",
        ),
    ] {
        let found = read(&text)
            .err()
            .map(|Invalid(fault)| fault)
            .unwrap_or_default();
        assert!(
            found.starts_with(expected) && expected.is_empty() == found.is_empty(),
            "{found}\n{text}"
        );
    }
}
