//! What RFC 8725 warns of, one table for each attack. Every row is signed by a real key where the attack
//! needs one, so that what refuses it is the check that the row names.

use hmac::{Hmac, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::*;
use crate::identity::pair::{Algorithm, Pair, generate};
use crate::platform::Platform;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn key(kid: &str, seed: u8) -> Key {
    Key {
        kid: kid.into(),
        pair: Pair::read(Algorithm::EdDsa, &[seed; 32]).unwrap(),
        active_from: at(0),
        retired_at: None,
    }
}

fn es256(kid: &str) -> Key {
    let bytes = generate(Algorithm::Es256, &Platform::system()).unwrap();
    Key {
        pair: Pair::read(Algorithm::Es256, &bytes.secret).unwrap(),
        ..key(kid, 9)
    }
}

fn ada() -> Principal {
    Principal {
        subject: "usr_ada".into(),
        account: "usr_ada".into(),
        role: Role::Customer,
        scopes: vec!["orders:read".into()],
        mode: Mode::Live,
    }
}

fn signed(key: &Key, issuer: &str, audience: &str) -> String {
    let grant = Grant {
        issuer,
        audience,
        token_id: "t",
        lifetime_seconds: 600,
    };
    sign(key, &grant, &ada(), at(0))
}

/// A header as ours is.
fn header() -> Value {
    json!({"typ": "at+jwt", "alg": "EdDSA", "kid": "a"})
}

/// Claims as ours are.
fn claims() -> Value {
    json!({"iss": "i", "aud": "a", "sub": "usr_ada", "exp": 1_800_000_600_i64,
        "iat": 1_800_000_000_i64, "jti": "t", "scope": "orders:read", "role": "customer"})
}

/// With one member changed.
fn with(mut document: Value, member: &str, to: Value) -> Value {
    document[member] = to;
    document
}

fn without(mut document: Value, member: &str) -> Value {
    document.as_object_mut().unwrap().remove(member);
    document
}

fn part_of(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(text)
}

/// Header and claims as they are written, signed by this key.
fn forged(header: &str, claims: &str, key: &Key) -> String {
    let signed = format!("{}.{}", part_of(header), part_of(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.pair.sign(&signed));
    format!("{signed}.{signature}")
}

fn forge(header: &Value, claims: &Value) -> String {
    forged(&header.to_string(), &claims.to_string(), &key("a", 1))
}

fn outcome(keys: &KeySet, token: &str) -> Result<(), Refused> {
    verify(keys, "i", "a", token, at(0)).map(|_| ())
}

fn ours() -> KeySet {
    KeySet::of(vec![key("a", 1)])
}

/// Each token and what becomes of it, before our one key.
fn check(rows: impl IntoIterator<Item = (String, Result<(), Refused>)>) {
    for (token, expected) in rows {
        assert_eq!(outcome(&ours(), &token), expected, "{token:.600}");
    }
}

#[test]
fn what_is_signed_is_verified() {
    let keys = KeySet::of(vec![key("a", 1)]);
    let good = signed(&key("a", 1), "i", "a");
    for (token, seconds, expected) in [
        (good.clone(), 0, Ok(ada())),
        (good.clone(), 629, Ok(ada())),
        (good.clone(), 630, Err(Refused::Expired)),
        (signed(&key("a", 2), "i", "a"), 0, Err(Refused::Signature)),
        (signed(&key("b", 1), "i", "a"), 0, Err(Refused::Signature)),
        (signed(&key("a", 1), "x", "a"), 0, Err(Refused::Issuer)),
        (signed(&key("a", 1), "i", "x"), 0, Err(Refused::Issuer)),
    ] {
        let found = verify(&keys, "i", "a", &token, at(seconds));
        assert_eq!(
            found.map(|verified| verified.principal),
            expected,
            "{token}"
        );
    }
    let mut retired = key("a", 1);
    retired.retired_at = Some(at(100));
    let keys = KeySet::of(vec![retired]);
    assert!(verify(&keys, "i", "a", &good, at(99)).is_ok());
    assert_eq!(
        verify(&keys, "i", "a", &good, at(100)),
        Err(Refused::Signature)
    );
}

#[test]
fn the_newest_active_key_signs() {
    let mut next = key("next", 2);
    next.active_from = at(100);
    let keys = KeySet::of(vec![next, key("a", 1)]);
    assert_eq!(keys.signer(at(99)).unwrap().kid, "a");
    assert_eq!(keys.signer(at(100)).unwrap().kid, "next");
    assert_eq!(keys.jwks(at(0))["keys"].as_array().unwrap().len(), 2);
}

// RFC 8725 §2.1, §3.1, §3.2: `none`, and one algorithm's token for another's key.
#[test]
fn no_algorithm_but_the_keys_own() {
    let alg = |alg: Value| forge(&with(header(), "alg", alg), &claims());
    let unsigned = |alg: &str| {
        let header = with(header(), "alg", json!(alg)).to_string();
        format!("{}.{}.", part_of(&header), part_of(&claims().to_string()))
    };
    // The public half, in each form that a confused verifier may take for a secret.
    let public = key("a", 1).pair.jwk("a");
    let raw = URL_SAFE_NO_PAD
        .decode(public["x"].as_str().unwrap())
        .unwrap();
    let hmac = |secret: &[u8]| {
        let header = with(header(), "alg", json!("HS256")).to_string();
        let signed = format!("{}.{}", part_of(&header), part_of(&claims().to_string()));
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(signed.as_bytes());
        let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
        format!("{signed}.{tag}")
    };
    let wrong = Err(Refused::Signature);
    check([
        (alg(json!("EdDSA")), Ok(())),
        (alg(json!("none")), wrong),
        (alg(json!("nOnE")), wrong),
        (alg(json!("HS256")), wrong),
        (alg(json!("ES256")), wrong),
        (alg(json!("RS256")), wrong),
        (alg(json!("eddsa")), wrong),
        (alg(json!("")), wrong),
        (alg(json!(null)), Err(Refused::Malformed)),
        (alg(json!(["EdDSA"])), Err(Refused::Malformed)),
        (
            forge(&without(header(), "alg"), &claims()),
            Err(Refused::Malformed),
        ),
        (unsigned("none"), wrong),
        (unsigned("EdDSA"), wrong),
        (hmac(&raw), wrong),
        (hmac(public["x"].as_str().unwrap().as_bytes()), wrong),
        (hmac(public.to_string().as_bytes()), wrong),
        (hmac(b""), wrong),
    ]);
    // Two algorithms under one roof: neither's token passes under the other's name or key.
    let (ed, es) = (key("a", 1), es256("e"));
    let under = |alg: &str, kid: &str, key: &Key| {
        let header = json!({"typ": "at+jwt", "alg": alg, "kid": kid});
        forged(&header.to_string(), &claims().to_string(), key)
    };
    let rows = [
        (under("EdDSA", "a", &ed), Ok(())),
        (under("ES256", "e", &es), Ok(())),
        (under("ES256", "a", &ed), wrong),
        (under("EdDSA", "e", &es), wrong),
        (under("ES256", "a", &es), wrong),
        (under("EdDSA", "e", &ed), wrong),
    ];
    let keys = KeySet::of(vec![es, ed]);
    for (token, expected) in rows {
        assert_eq!(outcome(&keys, &token), expected, "{token}");
    }
}

// §3.10: what a header says of keys is not followed; the name of a key is compared and nothing else.
#[test]
fn no_key_but_one_of_ours() {
    let kid = |kid: Value| forge(&with(header(), "kid", kid), &claims());
    let thief = key("a", 66);
    let brought = |member: &str, value: Value, key: &Key| {
        let header = with(header(), member, value).to_string();
        forged(&header, &claims().to_string(), key)
    };
    let wrong = Err(Refused::Signature);
    check([
        (kid(json!("b")), wrong),
        (kid(json!("")), wrong),
        (kid(json!("A")), wrong),
        (kid(json!("a ")), wrong),
        (kid(json!("../../../dev/null")), wrong),
        (kid(json!("a' or '1'='1")), wrong),
        (kid(json!("a\u{0}")), wrong),
        (kid(json!(7)), Err(Refused::Malformed)),
        (kid(json!(null)), Err(Refused::Malformed)),
        (kid(json!(["a"])), Err(Refused::Malformed)),
        (
            forge(&without(header(), "kid"), &claims()),
            Err(Refused::Malformed),
        ),
        (brought("jwk", thief.pair.jwk("a"), &thief), wrong),
        (
            brought("jku", json!("https://thief.example/jwks"), &thief),
            wrong,
        ),
        (
            brought("x5u", json!("https://thief.example/x5u"), &thief),
            wrong,
        ),
        (brought("x5c", json!(["AAAA"]), &thief), wrong),
        // They are passed over, so they do no harm on a token of ours.
        (
            brought("jku", json!("https://thief.example/jwks"), &key("a", 1)),
            Ok(()),
        ),
        (brought("jwk", thief.pair.jwk("a"), &key("a", 1)), Ok(())),
    ]);
}

// RFC 7515 §4.1.11: what is critical and not understood is refused, whatever it looks like.
#[test]
fn nothing_critical_is_passed_over() {
    for crit in [
        json!(["b64"]),
        json!(["exp"]),
        json!([]),
        json!(null),
        json!("b64"),
        json!(false),
    ] {
        let header = with(with(header(), "crit", crit), "b64", json!(false));
        check([(forge(&header, &claims()), Err(Refused::Malformed))]);
    }
    check([(
        forge(&with(header(), "b64", json!(false)), &claims()),
        Ok(()),
    )]);
}

// §3.11: a token of another kind under the same key is none.
#[test]
fn no_other_kind_of_token() {
    for (typ, expected) in [
        (json!("at+jwt"), Ok(())),
        (json!("AT+JWT"), Ok(())),
        (json!("application/at+jwt"), Ok(())),
        (json!("JWT"), Err(Refused::Malformed)),
        (json!("handover+jwt"), Err(Refused::Malformed)),
        (json!("at+jwt "), Err(Refused::Malformed)),
        (json!(""), Err(Refused::Malformed)),
        (json!(null), Err(Refused::Malformed)),
        (json!(["at+jwt"]), Err(Refused::Malformed)),
    ] {
        check([(forge(&with(header(), "typ", typ), &claims()), expected)]);
    }
    check([(
        forge(&without(header(), "typ"), &claims()),
        Err(Refused::Malformed),
    )]);
}

// §3.8, §3.9: for whom it is, by whom, and of whom, each of the right type.
#[test]
fn claims_name_us_and_somebody() {
    let (long, longest, too_long) = ("x".repeat(300), "x".repeat(256), "x".repeat(257));
    for (member, value, expected) in [
        ("aud", json!("a"), Ok(())),
        ("aud", json!(["b", "a"]), Ok(())),
        ("aud", json!([]), Err(Refused::Issuer)),
        ("aud", json!(["b"]), Err(Refused::Issuer)),
        ("aud", json!("A"), Err(Refused::Issuer)),
        ("aud", json!(""), Err(Refused::Issuer)),
        ("aud", json!(["a", 7]), Err(Refused::Malformed)),
        ("aud", json!({"a": "a"}), Err(Refused::Malformed)),
        ("aud", json!(null), Err(Refused::Malformed)),
        ("iss", json!("i/"), Err(Refused::Issuer)),
        ("iss", json!("I"), Err(Refused::Issuer)),
        ("iss", json!(["i"]), Err(Refused::Malformed)),
        ("iss", json!(null), Err(Refused::Malformed)),
        ("sub", json!("usr_zoe"), Ok(())),
        ("sub", json!(""), Err(Refused::Malformed)),
        ("sub", json!("auth0|1 2"), Ok(())),
        ("sub", json!(longest), Ok(())),
        ("sub", json!(too_long), Err(Refused::Malformed)),
        ("sub", json!("a\0b"), Err(Refused::Malformed)),
        ("sub", json!("a\nb"), Err(Refused::Malformed)),
        ("sub", json!("zo\u{eb}"), Err(Refused::Malformed)),
        ("sub", json!(7), Err(Refused::Malformed)),
        ("sub", json!(null), Err(Refused::Malformed)),
        ("account", json!("acme"), Ok(())),
        ("account", json!(""), Err(Refused::Malformed)),
        ("account", json!("a\0b"), Err(Refused::Malformed)),
        ("account", json!(too_long), Err(Refused::Malformed)),
        ("account", json!(null), Err(Refused::Malformed)),
        ("role", json!("root"), Err(Refused::Malformed)),
        ("role", json!(["admin"]), Err(Refused::Malformed)),
        ("scope", json!(["orders:read"]), Err(Refused::Malformed)),
        ("scope", json!(null), Err(Refused::Malformed)),
        ("mode", json!("production"), Err(Refused::Malformed)),
        ("jti", json!("a\0b"), Err(Refused::Malformed)),
        ("jti", json!(""), Err(Refused::Malformed)),
        ("jti", json!(7), Err(Refused::Malformed)),
        ("jti", json!(null), Err(Refused::Malformed)),
        ("sid", json!({}), Err(Refused::Malformed)),
        ("nonce", json!(long), Ok(())),
    ] {
        check([(forge(&header(), &with(claims(), member, value)), expected)]);
    }
    for (member, expected) in [
        ("aud", Err(Refused::Malformed)),
        ("iss", Err(Refused::Malformed)),
        ("sub", Err(Refused::Malformed)),
        ("exp", Err(Refused::Malformed)),
        ("role", Err(Refused::Malformed)),
        ("scope", Ok(())),
        ("jti", Ok(())),
        ("iat", Ok(())),
    ] {
        check([(forge(&header(), &without(claims(), member)), expected)]);
    }
}

// RFC 7519 §4.1.4 to 4.1.6, leeway half a minute.
#[test]
fn times_are_numbers_and_now() {
    let now = at(0).timestamp();
    for (member, value, expected) in [
        ("exp", json!(now + 1), Ok(())),
        ("exp", json!(now - 29), Ok(())),
        ("exp", json!(now - 30), Err(Refused::Expired)),
        ("exp", json!(0), Err(Refused::Expired)),
        ("exp", json!(-1), Err(Refused::Expired)),
        ("exp", json!(i64::MIN), Err(Refused::Expired)),
        ("exp", json!(i64::MAX), Ok(())),
        ("exp", json!(u64::MAX), Err(Refused::Malformed)),
        (
            "exp",
            json!((now + 600).to_string()),
            Err(Refused::Malformed),
        ),
        ("exp", json!(null), Err(Refused::Malformed)),
        ("exp", json!(true), Err(Refused::Malformed)),
        ("exp", json!([now + 600]), Err(Refused::Malformed)),
        ("nbf", json!(now + 30), Ok(())),
        ("nbf", json!(now + 31), Err(Refused::Early)),
        ("nbf", json!(i64::MAX), Err(Refused::Early)),
        ("nbf", json!(now.to_string()), Err(Refused::Malformed)),
        ("nbf", json!(null), Err(Refused::Malformed)),
        ("iat", json!("yesterday"), Err(Refused::Malformed)),
        ("iat", json!(null), Err(Refused::Malformed)),
    ] {
        check([(forge(&header(), &with(claims(), member, value)), expected)]);
    }
}

// §2.4, §2.6 and RFC 7515 §7.1: three parts, each once, canonical, and no longer than is looked at.
#[test]
fn only_a_compact_jws_is_read() {
    let good = signed(&key("a", 1), "i", "a");
    let (signed_part, signature) = good.rsplit_once('.').unwrap();
    let (head, body) = signed_part.split_once('.').unwrap();
    let doubled = r#"{"typ":"at+jwt","alg":"EdDSA","kid":"b","kid":"a"}"#;
    let claims_text = claims().to_string();
    let twice = claims_text.replacen('{', r#"{"sub":"usr_eve","#, 1);
    // What is not known is passed over, and without recursion.
    let deep = claims_text.replacen(
        '{',
        &format!(r#"{{"x":{}1{},"#, "[".repeat(500), "]".repeat(500)),
        1,
    );
    let own = key("a", 1);
    // The last character of 64 bytes in base64url has four bits that stand for nothing.
    let last = signature.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let place = alphabet.find(last).unwrap();
    let loose = &alphabet[place + 1..=place + 1];
    let malleable = format!("{signed_part}.{}{loose}", &signature[..signature.len() - 1]);
    let malformed = Err(Refused::Malformed);
    let wrong = Err(Refused::Signature);
    check([
        (good.clone(), Ok(())),
        (String::new(), malformed),
        ("a.b.c".into(), malformed),
        (format!("{head}.{body}"), malformed),
        (format!("{head}.{body}."), wrong),
        (format!("{good}."), wrong),
        (format!("{good}.{signature}"), wrong),
        (format!("{head}..{body}.{signature}"), wrong),
        (format!(" {good}"), malformed),
        (format!("{good} "), wrong),
        (format!("{good}="), wrong),
        (format!("{head}=.{body}.{signature}"), malformed),
        (format!("{signed_part}.{}", &signature[1..]), wrong),
        (format!("{signed_part}.{signature}{signature}"), wrong),
        (malleable, wrong),
        (
            format!(
                "{head}.{}.{signature}",
                part_of(&claims_text.replace("ada", "eve"))
            ),
            wrong,
        ),
        (forged(doubled, &claims_text, &own), malformed),
        (forged(&header().to_string(), &twice, &own), malformed),
        (forged(&header().to_string(), &deep, &own), Ok(())),
        (
            forged(&header().to_string(), &format!("{claims_text}{{}}"), &own),
            malformed,
        ),
        (forged(&header().to_string(), "[]", &own), malformed),
        (forged("{}", &claims_text, &own), malformed),
        ("x".repeat(TOKEN_BYTES_MAX + 1), malformed),
        (format!("{good}{}", "A".repeat(TOKEN_BYTES_MAX)), malformed),
    ]);
    let padded = with(claims(), "pad", json!("x".repeat(5000)));
    let long = forge(&header(), &padded);
    assert!(long.len() < TOKEN_BYTES_MAX);
    check([(long, Ok(()))]);
    let padded = with(claims(), "pad", json!("x".repeat(6000)));
    check([(forge(&header(), &padded), malformed)]);
}

#[test]
fn a_token_carries_no_more_than_its_role_brings() {
    let scope = "orders:read admin products:write records:read";
    let token = forge(&header(), &with(claims(), "scope", json!(scope)));
    let verified = verify(&ours(), "i", "a", &token, at(0)).unwrap();
    assert_eq!(verified.principal.scopes, ["orders:read"]);
    let token = forge(&header(), &without(claims(), "scope"));
    let verified = verify(&ours(), "i", "a", &token, at(0)).unwrap();
    assert_eq!(verified.principal.scopes, Role::Customer.scopes());
    let token = forge(&header(), &with(claims(), "scope", json!("")));
    let verified = verify(&ours(), "i", "a", &token, at(0)).unwrap();
    assert!(verified.principal.scopes.is_empty());
}
