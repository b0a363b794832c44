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
    let mut gateway = read(SHOP).unwrap();
    // What reaches the origin in a test is what the test is about.
    gateway.firewall.at_run_time = false;
    for pool in &mut gateway.pools {
        pool.at_run_time = false;
    }
    gateway
}

#[test]
#[expect(clippy::too_many_lines, reason = "one file with everything in it")]
fn what_is_compiled_in_is_what_toml_said() {
    // Each member that a file may have, in some other state than by default.
    let everything = r#"
        openapi = "api.json"
        [firewall]
        deny = ["192.0.2.0/24"]
        allow = ["2001:db8::1"]
        deny_countries = ["XX"]
        allow_countries = ["CH"]
        at_run_time = true
        security_fields = true
        [[issuers]]
        name = "n"
        issuer = "i"
        audience = "a"
        jwks_url = "/k"
        algorithms = ["EdDSA", "RS256"]
        [limits]
        known = "p"
        anonymous = "p"
        [plans.p]
        policy = "x"
        rate = 3
        per_seconds = 4
        [versions.v1]
        deprecated = "2026-07-01T00:00:00Z"
        sunset = "2027-07-01T00:00:00Z"
        brownouts = [{ from = "2026-08-01T00:00:00Z", to = "2026-08-02T00:00:00Z" }]
        [feed]
        refuse_after_seconds = 7
        [access_log]
        sample = 0.25
        ship_to = "https://logs.example/in"
        metrics = true
        [traces]
        sample = 1
        collector = "http://127.0.0.1:4318"
        [[pools]]
        name = "default"
        binding = "A_URL"
        at_run_time = true
        health = "/h"
        try_timeout_ms = 8
        [[pools]]
        name = "b"
        [cors]
        origins = ["https://a.example"]
        max_age_seconds = 1
        credentials = true
        [[routes]]
        name = "one"
        path = "/one/{id}"
        methods = ["GET"]
        auth = "optional"
        limit = "leased"
        patterns = "block"
        limiter_down = "closed"
        convert = "payment"
        produces = []
        cors = { origins = ["*"] }
        views = "/seen"
        shape = true
        body_bytes_max = 5
        pool = "b"
        own_origins = true
        timeout_ms = 6
        cache = { query = ["a"], unknown = "refuse", vary = ["b"], browser = "max-age=1", edge = "max-age=2", set_cookie = true, tags = ["t:{id}"], purge = "soft" }
        [[routes]]
        name = "two"
        path = "/two"
        methods = ["GET"]
        auth = "none"
        limited = false
        limiter_down = "open"
        convert = "product"
        cache = { query = "all", purge = "none" }
        [[routes]]
        name = "three"
        path = "/two"
        methods = ["POST"]
        auth = "required"
        scope = "s"
        idempotency = "optional"
        convert = "order"
        consumes = ["text/plain"]
        [[routes]]
        name = "four"
        path = "/four"
        methods = ["GET"]
        auth = "required"
        answer = "deprecations"
        [[routes]]
        name = "five"
        path = "/one/{id}"
        methods = ["PUT"]
        auth = "required"
        idempotency = "required"
        [[routes]]
        name = "six"
        path = "/six"
        methods = ["GET"]
        auth = "none"
        cache = { query = ["a"], unknown = "keep" }
        [[routes]]
        name = "seven"
        path = "/seven"
        methods = ["POST"]
        auth = "origin"
    "#;
    let transparent = "transparent = true\n[[routes]]\nname = \"r\"\npath = \"/{*p}\"\nmethods = [\"*\"]\nauth = \"none\"\nlimited = false\n";
    for text in [SHOP, everything, transparent] {
        let gateway = read(text).unwrap();
        let json = serde_json::to_string(&gateway).unwrap();
        assert_eq!(Gateway::compiled(&json), Some(gateway));
    }
    for json in ["", "{}", "[]"] {
        assert_eq!(Gateway::compiled(json), None, "{json}");
    }
}

fn with_brownout(from: &str, to: &str) -> String {
    let brownouts = format!("brownouts = [{{ from = \"{from}\", to = \"{to}\" }}]");
    SHOP.replace("brownouts = []", &brownouts)
}

const ROUTE: &str = "[[routes]]\nname = \"r\"\npath = \"/r\"\nmethods = [\"GET\"]\nauth = \"none\"\nlimited = false\n";

fn with(line: &str) -> String {
    format!("{ROUTE}{line}\n")
}

fn check<const ROWS: usize>(rows: [(String, &str); ROWS]) {
    for (text, expected) in rows {
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

#[test]
fn mistakes_are_named_with_their_line() {
    let route = ROUTE;
    check([
        (route.to_owned(), ""),
        (with("colour = 1"), "line 7: unknown field"),
        (with("views = \"/seen\""), ""),
        (with("shape = true"), "line 2: `r`: shape needs `openapi`"),
        (
            with("views = \"seen\""),
            "line 2: `r`: views must be a path",
        ),
        (
            with("views = \"/seen/{id}\""),
            "line 2: `r`: views must be a path",
        ),
        (with("cache = { query = 1 }"), "line 7: query is a list"),
        (route.replace("none", "maybe"), "line 5: unknown variant"),
        (
            route.replace("none", "origin"),
            "line 2: `r`: auth = \"origin\" goes with unsafe",
        ),
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
            "line 19: [limits] names plan `adress`",
        ),
        (
            SHOP.replace("rate = 1000", "rate = 0"),
            "line 21: plan `default`: rate must",
        ),
        (
            SHOP.replace("\"EdDSA\"", "\"HS256\""),
            "line 10: `headgate`: algorithms must",
        ),
        (
            SHOP.replace("\"/.well", "\"http://evil.example/.well"),
            "line 10: `headgate`: jwks_url",
        ),
    ]);
}

#[test]
fn mistakes_about_versions_media_types_and_pages_are_named_too() {
    let route = ROUTE;
    check([
        (
            with("convert = \"ordr\""),
            "line 7: unknown variant `ordr`, expected one of `product`",
        ),
        (
            with("produces = [\"JSON\"]"),
            "line 2: `r`: `JSON` is no media type",
        ),
        (
            with("consumes = [\"text/*\"]"),
            "line 2: `r`: `text/*` is no media type",
        ),
        (with("answer = \"all\""), "line 7: unknown variant"),
        (
            with("answer = \"deprecations\""),
            "line 2: `r`: this answer is about the caller",
        ),
        (
            with("cors = { origins = [\"shop.example\"] }"),
            "line 2: `r`: cors: `shop.example` is no origin",
        ),
        (
            format!("[cors]\norigins = [\"*\"]\ncredentials = true\n{route}"),
            "line 1: cors: credentials need origins",
        ),
        (
            format!("[cors]\norigins = [\"*\", \"https://a.example\"]\n{route}"),
            "line 1: cors: `*` stands alone",
        ),
        (
            format!("[cors]\norigins = [\"*\"]\nmax_age_seconds = 86401\n{route}"),
            "line 1: cors: max_age_seconds",
        ),
        (
            SHOP.replace("[versions.v1]", "[versions.v2]"),
            "line 33: `v2`: the latest version can't be",
        ),
        (
            SHOP.replace("[versions.v1]", "[versions.v0]"),
            "line 33: `v0`: no version of this name",
        ),
        (
            SHOP.replace("2026-07-01T00:00:00Z", "yesterday"),
            "line 34: `yesterday` is no time",
        ),
        (
            SHOP.replace("2027-07-01T", "2026-06-01T"),
            "line 33: `v1`: sunset must be after",
        ),
        (
            with_brownout("2027-02-01T09:00:00Z", "2027-02-01T09:00:00Z"),
            "line 33: `v1`: a brownout must end",
        ),
        (
            with_brownout("2027-06-30T00:00:00Z", "2027-07-02T00:00:00Z"),
            "line 33: `v1`: a brownout must lie",
        ),
    ]);
}

const PLAIN: &str = include_str!("../../../examples/plain-cache.toml");

/// The cache alone.
pub fn plain() -> Gateway {
    read(PLAIN).unwrap()
}

#[test]
fn mistakes_about_the_cache_are_named() {
    let json = serde_json::to_string(&plain()).unwrap();
    assert_eq!(serde_json::from_str::<Gateway>(&json).unwrap(), plain());
    check([
        (with("cache = {}"), ""),
        (with("cache = { query = \"all\" }"), ""),
        (
            with("cache = { query = [\"q\"], unknown = \"refuse\", vary = [\"accept-language\"] }"),
            "",
        ),
        (
            with("cache = { query = \"some\" }"),
            "line 7: query is a list",
        ),
        (
            with("cache = { unknown = \"lose\" }"),
            "line 7: unknown variant",
        ),
        (
            with("cache = { unknown = \"keep\" }"),
            "line 2: `r`: cache: unknown goes with a list",
        ),
        (
            with("cache = { vary = [\"Accept\"] }"),
            "line 2: `r`: cache: `Accept` is no field",
        ),
        (
            with("cache = { edge = \"max-age=60;\" }"),
            "line 2: `r`: cache: edge must be directives",
        ),
        (
            with("cache = { browser = \"\" }"),
            "line 2: `r`: cache: browser must be directives",
        ),
        (
            ROUTE.replace("\"GET\"", "\"*\""),
            "line 2: `r`: methods = [\"*\"] goes with transparent",
        ),
        (
            format!("transparent = true\n[[pools]]\nname = \"p\"\nat_run_time = true\n{ROUTE}"),
            "line 3: `p`: at_run_time needs the feed",
        ),
        (
            format!(
                "transparent = true\n{}",
                ROUTE.replace("\"none\"", "\"optional\"")
            ),
            "line 3: `r`: transparent = true needs auth",
        ),
    ]);
}

#[test]
fn moments_as_http_and_as_we_write_them() {
    for (text, http) in [
        ("2027-07-01T00:00:00Z", "Thu, 01 Jul 2027 00:00:00 GMT"),
        ("1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("2028-02-29T23:59:59Z", "Tue, 29 Feb 2028 23:59:59 GMT"),
    ] {
        let moment: Moment = serde_json::from_value(text.into()).unwrap();
        assert_eq!(
            (moment.http_date(), moment.to_string()),
            (http.to_owned(), text.to_owned())
        );
    }
    assert!(serde_json::from_value::<Moment>(true.into()).is_err());
}
