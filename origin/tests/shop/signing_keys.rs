//! Signing keys follow each other, and no valid token is refused meanwhile.

use origin::app::App;
use origin::commands::signing_keys::{Command, run};
use origin::identity::issue::access_token;
use origin::identity::pair::Algorithm;
use origin::identity::rotation::{KEPT_SECONDS, PUBLISHED_SECONDS};
use origin::identity::token::LIFETIME_SECONDS;
use serde_json::Value;
use shared::caller::Role;
use tower::ServiceExt;

use crate::harness::{Shop, platform, principal, request};

impl Shop {
    async fn keys(&self, command: Command) -> anyhow::Result<Value> {
        let said = run(&command, &self.app.shop.pool, &self.app.shop.platform).await?;
        Ok(said.document)
    }

    /// Name and stage of each key, newest first.
    async fn stages(&self) -> Vec<(String, String)> {
        let listed = self.keys(Command::List).await.unwrap();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        let rows = listed["signing_keys"].as_array().unwrap();
        rows.iter()
            .map(|row| (text(row, "kid"), text(row, "stage")))
            .collect()
    }

    async fn published(&self) -> Vec<String> {
        let set = self.get("/.well-known/jwks.json", &[]).await;
        assert_eq!(set.field("cache-control"), "public, max-age=600");
        let set = set.json();
        let keys = set["keys"].as_array().unwrap();
        keys.iter()
            .map(|key| {
                assert_eq!(key["use"], "sig");
                format!(
                    "{} {}",
                    key["kid"].as_str().unwrap(),
                    key["alg"].as_str().unwrap()
                )
            })
            .collect()
    }
}

async fn holds(app: &App, token: &str) -> bool {
    let bearer = format!("Bearer {token}");
    let asked = request("GET", "/orders", &[("authorization", bearer.as_str())], "");
    let answer = app.api.clone().oneshot(asked).await.unwrap();
    match answer.status().as_u16() {
        200 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

#[tokio::test]
async fn a_rotation_makes_no_valid_token_invalid() {
    let shop = Shop::open().await;
    // Another process, which reads the keys at its own times.
    let other = App::build(&shop.config, platform(&shop.clock)).unwrap();
    let someone = principal("usr_zoe", Role::Customer);
    let first = shop.stages().await[0].0.clone();
    let mut tokens: Vec<(i64, String)> = Vec::new();
    let mut algorithms = std::collections::BTreeSet::new();
    let step = 45;
    for second in (0..3600).step_by(step) {
        if second == 90 {
            let add = Command::Add {
                alg: Algorithm::Es256,
                activate_in: PUBLISHED_SECONDS,
            };
            shop.keys(add).await.unwrap();
        }
        if second == 90 + KEPT_SECONDS + 30 {
            assert_eq!(shop.published().await.len(), 2, "published before it signs");
        }
        let retire = Command::Retire {
            kid: first.clone(),
            now: false,
        };
        if second == 135 {
            let early = shop.keys(retire.clone()).await.unwrap_err();
            assert!(
                early.to_string().contains("no other key signs yet"),
                "{early}"
            );
        }
        if second == 1035 {
            shop.keys(retire).await.unwrap();
        }
        for app in [&*shop.app, &other] {
            let token = access_token(&app.shop, &someone, None).await.unwrap();
            tokens.push((second, token));
        }
        tokens.retain(|(issued, _)| second - issued < LIFETIME_SECONDS);
        for (_, token) in &tokens {
            for app in [&*shop.app, &other] {
                assert!(holds(app, token).await, "at {second}");
            }
        }
        let header = tokens
            .last()
            .unwrap()
            .1
            .split('.')
            .next()
            .unwrap()
            .to_owned();
        algorithms.insert((header.len(), second > 1035 + KEPT_SECONDS));
        shop.clock.advance_ms(i64::try_from(step).unwrap() * 1000);
    }
    assert_eq!(algorithms.len(), 2, "both keys have signed");
    let stages: Vec<_> = shop
        .stages()
        .await
        .into_iter()
        .map(|(_, stage)| stage)
        .collect();
    assert_eq!(stages, ["signs", "retired"]);
    let published = shop.published().await;
    assert_eq!(published.len(), 1);
    assert!(published[0].ends_with(" ES256"), "{published:?}");
}

#[tokio::test]
async fn a_retired_key_verifies_until_its_tokens_have_expired_and_no_longer() {
    let shop = Shop::open().await;
    let now = || shop.app.shop.platform.now();
    let (first, _) = shop.stages().await.remove(0);
    // An operator's token that lives for a day, signed by the first key.
    let long = shop.token("usr_zoe", Role::Customer).await;
    origin::store::key::note_token(
        &shop.app.shop.pool,
        &first,
        now() + chrono::TimeDelta::hours(1),
    )
    .await
    .unwrap();
    let add = |alg| Command::Add {
        alg,
        activate_in: 0,
    };
    let retire = |kid: &str, now| Command::Retire {
        kid: kid.to_owned(),
        now,
    };
    let last = shop.keys(retire(&first, true)).await.unwrap_err();
    assert!(
        last.to_string().contains("no other key signs yet"),
        "{last}"
    );
    shop.clock.advance_ms(1000);
    shop.keys(add(Algorithm::Es256)).await.unwrap();
    shop.clock.advance_ms(KEPT_SECONDS * 1000);
    shop.keys(retire(&first, false)).await.unwrap();
    shop.clock.advance_ms((3600 - 1 - KEPT_SECONDS) * 1000);
    assert!(holds(&shop.app, &long).await);
    // The token's own leeway and the key's end together; from then on the key is unknown.
    shop.clock.advance_ms(30_000);
    let bearer = format!("Bearer {long}");
    let late = shop.get("/orders", &[("authorization", &bearer)]).await;
    assert_eq!(late.code(), "token_invalid", "not even expired: {late:?}");
    assert_eq!(shop.published().await.len(), 1);

    // A stolen key goes at once, and its tokens with it.
    let second = shop.stages().await.remove(0).0;
    let token = shop.token("usr_zoe", Role::Customer).await;
    assert!(holds(&shop.app, &token).await);
    shop.keys(add(Algorithm::EdDsa)).await.unwrap();
    shop.clock.advance_ms(1);
    let unknown = shop.keys(retire("sig_0", false)).await.unwrap_err();
    assert!(
        unknown.to_string().contains("there is no key sig_0"),
        "{unknown}"
    );
    shop.keys(retire(&second, true)).await.unwrap();
    shop.clock.advance_ms(KEPT_SECONDS * 1000);
    assert!(!holds(&shop.app, &token).await);
    let again = shop.keys(retire(&second, false)).await.unwrap_err();
    assert!(again.to_string().contains("retired already"), "{again}");
}
