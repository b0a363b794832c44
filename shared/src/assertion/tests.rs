use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::prelude::*;
use serde_json::Value;

use super::*;
use crate::caller::{Mode, Role};

const NOW: i64 = 1_800_000_000;

fn keys(text: &str) -> AssertionKeys {
    text.parse().unwrap()
}

fn secret(byte: u8) -> String {
    URL_SAFE_NO_PAD.encode([byte; 32])
}

fn asserted(caller: Caller) -> Asserted {
    Asserted {
        caller,
        api_version: "v2".into(),
        request_id: "req_1".into(),
        prefix: "/v2".into(),
        fingerprint: None,
        converter: None,
        position: None,
    }
}

fn known() -> Caller {
    Caller::Known(Principal {
        subject: "usr_1".into(),
        account: "usr_1".into(),
        role: Role::Customer,
        scopes: vec!["orders:read".into()],
        mode: Mode::Live,
    })
}

#[test]
fn what_is_signed_is_what_is_read() {
    let keys = keys(&format!("a:{}", secret(1)));
    let print = Fingerprint::of("GET", "/x", None, None, "v2", b"");
    for caller in [Caller::Anonymous, known()] {
        for fingerprint in [None, Some(print.clone())] {
            let said = Asserted {
                converter: fingerprint.is_some().then_some(3),
                fingerprint,
                position: Some(Position(7)),
                ..asserted(caller.clone())
            };
            // The second one stands in the claims with escapes.
            for target in ["/x?y=1", r#"/x?y="\1"#] {
                let token = keys.sign(&said, "GET", target, NOW).unwrap();
                let read = keys.verify(&token, "GET", target, NOW);
                assert_eq!(read.as_ref(), Ok(&said), "{target}");
            }
        }
    }
}

#[test]
fn the_longest_target_fits() {
    let keys = keys(&format!("a:{}", secret(1)));
    let target = format!("/orders?cursor={}", "x".repeat(8 * 1024));
    let token = keys.sign(&asserted(known()), "GET", &target, NOW).unwrap();
    assert!(keys.verify(&token, "GET", &target, NOW).is_ok());
}

#[test]
fn it_holds_for_one_request_and_one_minute() {
    let keys = keys(&format!("a:{}", secret(1)));
    let token = keys.sign(&asserted(known()), "GET", "/x?y=1", NOW).unwrap();
    let end = NOW + LIFETIME_SECONDS + LEEWAY_SECONDS;
    for (method, target, now, expected) in [
        ("GET", "/x?y=1", end - 1, None),
        ("GET", "/x?y=1", NOW - LEEWAY_SECONDS, None),
        ("GET", "/x?y=1", end, Some(Refused::Time)),
        (
            "GET",
            "/x?y=1",
            NOW - LEEWAY_SECONDS - 1,
            Some(Refused::Time),
        ),
        ("POST", "/x?y=1", NOW, Some(Refused::OtherRequest)),
        ("GET", "/x?y=2", NOW, Some(Refused::OtherRequest)),
        ("GET", "/x", NOW, Some(Refused::OtherRequest)),
    ] {
        assert_eq!(
            keys.verify(&token, method, target, now).err(),
            expected,
            "{method} {target} {now}"
        );
    }
}

#[test]
fn keys_roll_over() {
    let old = keys(&format!("a:{}", secret(1)));
    let both = keys(&format!("b:{},a:{}", secret(2), secret(1)));
    let new = keys(&format!("b:{}", secret(2)));
    let sign = |keys: &AssertionKeys| keys.sign(&asserted(known()), "GET", "/", NOW).unwrap();
    assert!(both.verify(&sign(&old), "GET", "/", NOW).is_ok());
    assert!(new.verify(&sign(&both), "GET", "/", NOW).is_ok());
    assert_eq!(
        new.verify(&sign(&old), "GET", "/", NOW),
        Err(Refused::Signature)
    );
}

#[test]
fn forgeries_are_refused() {
    let keys = keys(&format!("a:{}", secret(1)));
    let token = keys.sign(&asserted(known()), "GET", "/", NOW).unwrap();
    let other = format!("a:{}", secret(2)).parse::<AssertionKeys>().unwrap();
    let forged = other.sign(&asserted(known()), "GET", "/", NOW).unwrap();
    assert_eq!(
        keys.verify(&forged, "GET", "/", NOW),
        Err(Refused::Signature)
    );
    let unsigned = format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"handover+jwt","kid":"a"}"#),
        token.split('.').nth(1).unwrap()
    );
    for bad in [
        "",
        "a.b",
        "a.b.c",
        &unsigned,
        &"x".repeat(ASSERTION_BYTES_MAX + 1),
    ] {
        assert!(keys.verify(bad, "GET", "/", NOW).is_err(), "{bad}");
    }
    let parts: Vec<_> = token.split('.').collect();
    let (head, claims, signature) = (parts[0], parts[1], parts[2]);
    for (bad, why) in [
        (
            format!("{head}.{claims}.{}", &signature[..42]),
            Refused::Malformed,
        ),
        (
            format!("{head}.{claims}.{}", &signature[..40]),
            Refused::Signature,
        ),
        (
            format!("{head}.{claims}.{signature}.{signature}"),
            Refused::Signature,
        ),
        (
            format!("{head}.{}.{signature}", &claims[..claims.len() - 4]),
            Refused::Signature,
        ),
        (format!("{head}.{claims}.{signature}="), Refused::Malformed),
    ] {
        assert_eq!(keys.verify(&bad, "GET", "/", NOW), Err(why), "{bad}");
    }
}

/// These are JWTs [RFC 7519], to whoever else has the key, and who else makes one is read.
#[test]
fn a_library_reads_and_writes_the_same() {
    let keys = keys(&format!("a:{}", secret(1)));
    let key = Hs256Key::new([1; 32]);
    let token = keys.sign(&asserted(known()), "GET", "/x", NOW).unwrap();
    let read = UntrustedToken::new(&token).unwrap();
    let read = Hs256.validator::<Value>(&key).validate(&read).unwrap();
    assert_eq!(read.header().key_id.as_deref(), Some("a"));
    assert_eq!(read.header().token_type.as_deref(), Some(TOKEN_TYPE));
    let claims = read.claims();
    assert_eq!(claims.issued_at.unwrap().timestamp(), NOW);
    assert_eq!(claims.custom["htu"], "/x");

    let header = Header::empty().with_key_id("a");
    for (header, expected) in [
        (
            header.clone().with_token_type(TOKEN_TYPE),
            Ok(asserted(known())),
        ),
        (
            header.clone().with_token_type(NOTICE_TYPE),
            Err(Refused::Malformed),
        ),
        (header, Err(Refused::Malformed)),
        (
            Header::empty().with_key_id("b").with_token_type(TOKEN_TYPE),
            Err(Refused::Signature),
        ),
    ] {
        let token = Hs256.token(&header, claims, &key).unwrap();
        assert_eq!(keys.verify(&token, "GET", "/x", NOW), expected);
    }
    let header = Header::empty().with_key_id("a").with_token_type(TOKEN_TYPE);
    let timeless = Claims::new(claims.custom.clone());
    let token = Hs256.token(&header, &timeless, &key).unwrap();
    assert_eq!(
        keys.verify(&token, "GET", "/x", NOW),
        Err(Refused::Malformed)
    );
}

#[test]
fn a_notice_holds_for_its_bytes_and_is_no_assertion() {
    let keys = keys(&format!("a:{}", secret(1)));
    let signature = keys.sign_notice(b"{}", NOW).unwrap();
    let end = NOW + LIFETIME_SECONDS + LEEWAY_SECONDS;
    assert_eq!(keys.verify_notice(&signature, b"{}", end - 1), Ok(()));
    for (told, now, expected) in [
        (&b"{ }"[..], NOW, Refused::OtherRequest),
        (b"{}", end, Refused::Time),
    ] {
        assert_eq!(keys.verify_notice(&signature, told, now), Err(expected));
    }
    let other = format!("a:{}", secret(2)).parse::<AssertionKeys>().unwrap();
    assert_eq!(
        other.verify_notice(&signature, b"{}", NOW),
        Err(Refused::Signature)
    );
    let assertion = keys.sign(&asserted(known()), "GET", "/", NOW).unwrap();
    assert_eq!(
        keys.verify_notice(&assertion, b"{}", NOW),
        Err(Refused::Malformed)
    );
    assert_eq!(
        keys.verify(&signature, "GET", "/", NOW),
        Err(Refused::Malformed)
    );
}

#[test]
fn lists_of_keys() {
    for bad in ["", "a", "a:", ":x", "a:short", "a:!!!"] {
        assert!(bad.parse::<AssertionKeys>().is_err(), "{bad}");
    }
}
