use serde_json::{Value, json};

use super::*;

const NOW: i64 = 1_800_000_000;

fn issuers() -> Vec<Issuer> {
    vec![Issuer {
        name: "ours".into(),
        issuer: "headgate".into(),
        audience: "shop".into(),
        jwks_url: "/jwks".into(),
        algorithms: vec!["EdDSA".into()],
    }]
}

fn token(header: &Value, claims: &Value) -> String {
    let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
    format!(
        "{}.{}.{}",
        part(header),
        part(claims),
        URL_SAFE_NO_PAD.encode([7; 64])
    )
}

fn header() -> Value {
    json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "k1"})
}

fn claims() -> Value {
    json!({"iss": "headgate", "aud": "shop", "sub": "usr_1", "exp": NOW + 600, "role": "customer"})
}

fn with(mut json: Value, member: &str, value: Value) -> Value {
    json[member] = value;
    json
}

fn without(mut json: Value, member: &str) -> Value {
    json.as_object_mut().unwrap().remove(member);
    json
}

fn outcome(header: &Value, claims: &Value) -> Option<Refused> {
    read(&token(header, claims), &issuers(), NOW).err()
}

#[test]
fn a_good_token_gives_its_principal() {
    let issuers = issuers();
    let token = token(
        &header(),
        &with(claims(), "scope", json!("orders:read admin")),
    );
    let pending = read(&token, &issuers, NOW).unwrap();
    assert_eq!(pending.said.principal.account, "usr_1");
    // `admin` is no scope of a customer, whatever the token says.
    assert_eq!(pending.said.principal.scopes, ["orders:read"]);
    assert_eq!(pending.key_id.as_deref(), Some("k1"));
    assert_eq!(pending.signature, [7; 64]);
    assert!(token.as_bytes().starts_with(pending.message));
}

#[test]
fn headers() {
    for (header, expected) in [
        (header(), None),
        (with(header(), "typ", json!("application/at+jwt")), None),
        (with(header(), "typ", json!("AT+JWT")), None),
        (
            with(header(), "jwk", json!({"kty": "oct", "k": "AAAA"})),
            None,
        ),
        (
            with(header(), "jku", json!("https://evil.example/keys")),
            None,
        ),
        (with(header(), "jwk", json!("x")), None),
        (with(header(), "jku", json!(1)), None),
        (with(header(), "x5u", json!([])), None),
        (with(header(), "x5t", Value::Null), None),
        (with(header(), "typ", json!("Application/AT+jwt")), None),
        (without(header(), "kid"), None),
        (with(header(), "kid", json!(1)), Some(Refused::Malformed)),
        (with(header(), "typ", json!(1)), Some(Refused::Malformed)),
        (without(header(), "alg"), Some(Refused::Malformed)),
        (
            with(header(), "crit", Value::Null),
            Some(Refused::Malformed),
        ),
        (without(header(), "typ"), Some(Refused::Kind)),
        (with(header(), "typ", json!("JWT")), Some(Refused::Kind)),
        (
            with(header(), "typ", json!("handover+jwt")),
            Some(Refused::Kind),
        ),
        (with(header(), "alg", json!("none")), Some(Refused::Issuer)),
        (with(header(), "alg", json!("nOnE")), Some(Refused::Issuer)),
        (with(header(), "alg", json!("HS256")), Some(Refused::Issuer)),
        (with(header(), "alg", json!("ES256")), Some(Refused::Issuer)),
        (with(header(), "alg", json!(1)), Some(Refused::Malformed)),
        (
            with(header(), "crit", json!(["exp"])),
            Some(Refused::Malformed),
        ),
        (with(header(), "crit", json!([])), Some(Refused::Malformed)),
    ] {
        assert_eq!(outcome(&header, &claims()), expected, "{header}");
    }
}

#[test]
fn claims_table() {
    for (claims, expected) in [
        (claims(), None),
        (with(claims(), "aud", json!(["other", "shop"])), None),
        (with(claims(), "exp", json!(NOW - LEEWAY_SECONDS + 1)), None),
        (with(claims(), "exp", json!(600.5 + 1_800_000_000.0)), None),
        (with(claims(), "nbf", json!(NOW + LEEWAY_SECONDS)), None),
        (with(claims(), "iss", json!("other")), Some(Refused::Issuer)),
        (
            with(claims(), "iss", json!("headgate ")),
            Some(Refused::Issuer),
        ),
        (
            with(claims(), "iss", json!(["headgate"])),
            Some(Refused::Malformed),
        ),
        (
            with(claims(), "aud", json!("other")),
            Some(Refused::Audience),
        ),
        (with(claims(), "aud", json!([])), Some(Refused::Audience)),
        (
            with(claims(), "aud", json!(["shop", 1])),
            Some(Refused::Malformed),
        ),
        (with(claims(), "aud", Value::Null), Some(Refused::Malformed)),
        (
            with(claims(), "exp", json!(NOW - LEEWAY_SECONDS)),
            Some(Refused::Expired),
        ),
        (
            with(claims(), "exp", json!("1900000000")),
            Some(Refused::Malformed),
        ),
        (with(claims(), "exp", Value::Null), Some(Refused::Malformed)),
        (
            with(claims(), "nbf", json!(NOW + LEEWAY_SECONDS + 1)),
            Some(Refused::NotYet),
        ),
        (with(claims(), "nbf", json!("0")), Some(Refused::Malformed)),
        (
            with(claims(), "iat", json!(NOW + 3_600)),
            Some(Refused::NotYet),
        ),
        (with(claims(), "sub", json!("")), Some(Refused::Malformed)),
        (with(claims(), "sub", json!(1)), Some(Refused::Malformed)),
        (
            with(claims(), "role", json!("root")),
            Some(Refused::Malformed),
        ),
        (with(claims(), "jti", json!(1)), Some(Refused::Malformed)),
        (with(claims(), "sid", json!([])), Some(Refused::Malformed)),
        (
            with(claims(), "mode", json!("both")),
            Some(Refused::Malformed),
        ),
        (with(claims(), "iat", json!("0")), Some(Refused::Malformed)),
        (
            with(claims(), "sub", json!("a\nb")),
            Some(Refused::Malformed),
        ),
        (
            with(claims(), "sub", json!("s".repeat(257))),
            Some(Refused::Malformed),
        ),
        (with(claims(), "sub", json!("s".repeat(256))), None),
        (with(claims(), "account", json!("acme")), None),
        (
            with(claims(), "account", json!("")),
            Some(Refused::Malformed),
        ),
        (
            with(claims(), "account", json!("é")),
            Some(Refused::Malformed),
        ),
        (without(claims(), "iss"), Some(Refused::Malformed)),
        (without(claims(), "aud"), Some(Refused::Malformed)),
        (without(claims(), "sub"), Some(Refused::Malformed)),
        (without(claims(), "exp"), Some(Refused::Malformed)),
    ] {
        assert_eq!(outcome(&header(), &claims), expected, "{claims}");
    }
}

/// Texts that another reader might take for the same token: a cache by text must not, and a reader must
/// not mend them.
#[test]
fn no_other_spelling_of_a_token_is_one() {
    let good = token(&header(), &claims());
    let (head, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    for bad in [
        format!("{head}=.{body}.{signature}"),
        format!("{head}.{body}=.{signature}"),
        format!("{head}.{body}.{signature}=="),
        format!("{head}.{body}.{signature}\n"),
        format!(" {good}"),
        format!("{head}.{body}\t.{signature}"),
        good.replace('_', "/"),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        // The bits beyond the last byte.
        format!("{head}.{body}.{}x", &signature[..signature.len() - 1]),
    ] {
        if bad != good {
            assert_eq!(
                read(&bad, &issuers(), NOW).err(),
                Some(Refused::Malformed),
                "{bad}"
            );
        }
    }
}

#[test]
fn what_is_no_token() {
    let long = token(
        &header(),
        &with(claims(), "pad", json!("x".repeat(TOKEN_BYTES_MAX))),
    );
    let five = format!("{}.a.b", token(&header(), &claims()));
    for bad in ["", ".", "..", "a.b.c", "é.é.é", &long, &five] {
        assert_eq!(read(bad, &issuers(), NOW).err(), Some(Refused::Malformed));
    }
}

#[test]
fn null_is_of_no_claims_type() {
    for name in [
        "iss", "aud", "sub", "exp", "nbf", "iat", "jti", "scope", "mode", "account", "sid", "role",
    ] {
        let claims = with(claims(), name, Value::Null);
        assert_eq!(
            outcome(&header(), &claims),
            Some(Refused::Malformed),
            "{name}"
        );
    }
}
