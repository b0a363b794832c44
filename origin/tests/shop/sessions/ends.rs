//! How sessions go on and end.

use origin::session::{ABSOLUTE_DAYS, IDLE_DAYS, SESSIONS_MAX};
use serde_json::json;
use shared::assertion::Provenance;

use super::{PASSWORD, Tokens, refused, tokens};
use crate::callers::{JSON, MERGE};
use crate::harness::Shop;

const DAY_MS: i64 = 86_400_000;

async fn ended(shop: &Shop, session: &Tokens) {
    refused(
        &shop.refresh(&session.refresh).await,
        401,
        "refresh_token_invalid",
    );
}

#[tokio::test]
async fn a_used_token_that_comes_again_ends_its_session_alone() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let first = shop.session("zoe@example.com").await;
    let other = shop.session("zoe@example.com").await;
    let second = tokens(&shop.refresh(&first.refresh).await);
    assert_ne!(second.refresh, first.refresh);
    let third = tokens(&shop.refresh(&second.refresh).await);
    // The first one was stolen, and its thief comes late.
    let theft = shop.refresh(&first.refresh).await;
    refused(&theft, 401, "refresh_token_invalid");
    assert_eq!(theft.field("www-authenticate"), "Bearer");
    ended(&shop, &third).await;
    assert_eq!(
        shop.count("select count(*) from sessions where revoked_for = 'token_reused'")
            .await,
        1
    );
    tokens(&shop.refresh(&other.refresh).await);
    for unknown in [
        "x",
        "hgr_",
        "hgr_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        refused(&shop.refresh(unknown).await, 401, "refresh_token_invalid");
    }
}

#[tokio::test]
async fn a_lost_reply_is_no_theft_and_a_copy_is_found_out() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let first = shop.session("zoe@example.com").await;
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (shop, token) = (shop.clone(), first.refresh.clone());
            tokio::spawn(async move { tokens(&shop.refresh_under("k", &token).await).refresh })
        })
        .collect();
    let mut successors = std::collections::HashSet::new();
    for task in tasks {
        successors.insert(task.await.unwrap());
    }
    assert_eq!(successors.len(), 1, "all get the same successor");
    let second = successors.into_iter().next().unwrap();
    shop.clock.advance_ms(10_000);
    let again = tokens(&shop.refresh_under("\"k\"", &first.refresh).await);
    assert_eq!(again.refresh, second);
    // Once its successor is used, nobody can have lost an answer.
    let third = tokens(&shop.refresh_under("l", &second).await);
    refused(
        &shop.refresh_under("k", &first.refresh).await,
        401,
        "refresh_token_invalid",
    );
    ended(&shop, &third).await;

    // Too late, under another key, without one, and where the exchange had none.
    for (key, ms, again) in [
        (Some("k"), 11_000, Some("k")),
        (Some("k"), 0, Some("l")),
        (Some("k"), 0, None),
        (None, 0, Some("k")),
        (None, 0, None),
    ] {
        let first = shop.session("zoe@example.com").await;
        let send = async |key: Option<&str>| match key {
            Some(key) => shop.refresh_under(key, &first.refresh).await,
            None => shop.refresh(&first.refresh).await,
        };
        let second = tokens(&send(key).await);
        shop.clock.advance_ms(ms);
        refused(&send(again).await, 401, "refresh_token_invalid");
        ended(&shop, &second).await;
    }
    let odd = shop.refresh_under("", &first.refresh).await;
    refused(&odd, 400, "idempotency_key_invalid");
}

#[tokio::test]
async fn sessions_end_when_idle_and_in_any_case() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let idle = shop.session("zoe@example.com").await;
    let mut busy = shop.session("zoe@example.com").await;
    shop.clock.advance_ms(IDLE_DAYS * DAY_MS - 1);
    busy = tokens(&shop.refresh(&busy.refresh).await);
    shop.clock.advance_ms(1);
    ended(&shop, &idle).await;
    for _ in 0..2 {
        busy = tokens(&shop.refresh(&busy.refresh).await);
        shop.clock
            .advance_ms((ABSOLUTE_DAYS - IDLE_DAYS) / 2 * DAY_MS - 1);
    }
    busy = tokens(&shop.refresh(&busy.refresh).await);
    shop.clock.advance_ms(2);
    ended(&shop, &busy).await;
}

#[tokio::test]
async fn signing_out_ends_the_session_that_is_named() {
    let shop = Shop::open().await;
    shop.register("zoe@example.com").await;
    let [by_body, by_token, by_edge, stays] = {
        let mut all = Vec::new();
        for _ in 0..4 {
            all.push(shop.session("zoe@example.com").await);
        }
        <[Tokens; 4]>::try_from(all).unwrap()
    };
    let body = json!({"refresh_token": by_body.refresh}).to_string();
    for _ in 0..2 {
        let out = shop
            .ask("", "DELETE", "/sessions/current", &[JSON], &body)
            .await;
        assert_eq!((out.status, out.body.len()), (204, 0), "{out:?}");
    }
    let out = shop
        .ask(&by_token.access, "DELETE", "/sessions/current", &[], "")
        .await;
    assert_eq!(out.status, 204, "{out:?}");
    let session: uuid::Uuid =
        sqlx::query_scalar("select session_id from refresh_tokens where hash = sha256($1)")
            .bind(decoded(&by_edge.refresh))
            .fetch_one(&shop.app.shop.pool)
            .await
            .unwrap();
    let provenance = Provenance {
        session: Some(shared::id::SessionId::from_uuid(session).to_string()),
        ..Provenance::default()
    };
    let assertion = shop.asserted("DELETE", "/sessions/current", &provenance);
    let fields = [("headgate-assertion", assertion.as_str())];
    let out = shop
        .ask("", "DELETE", "/sessions/current", &fields, "")
        .await;
    assert_eq!(out.status, 204, "{out:?}");
    for session in [&by_body, &by_token, &by_edge] {
        ended(&shop, session).await;
    }
    tokens(&shop.refresh(&stays.refresh).await);
    let nobody = shop.ask("", "DELETE", "/sessions/current", &[], "").await;
    refused(&nobody, 401, "token_missing");
    // A token that belongs to no session.
    let none = shop
        .ask(&shop.customer, "DELETE", "/sessions/current", &[], "")
        .await;
    refused(&none, 401, "token_missing");
}

fn decoded(token: &str) -> Vec<u8> {
    use base64::Engine;
    let text = token.strip_prefix("hgr_").unwrap();
    base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(text)
        .unwrap()
}

#[tokio::test]
async fn another_password_ends_the_other_sessions_and_a_deletion_all() {
    let shop = Shop::open().await;
    let at = shop.register("zoe@example.com").await;
    let other = shop.session("zoe@example.com").await;
    let current = shop.session("zoe@example.com").await;
    let any = ("if-match", "*");
    let name = json!({"name": "Z"}).to_string();
    let changed = shop
        .ask(&current.access, "PATCH", &at, &[MERGE, any], &name)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    let other = tokens(&shop.refresh(&other.refresh).await);
    let password = json!({"password": "another horse"}).to_string();
    let changed = shop
        .ask(&current.access, "PATCH", &at, &[MERGE, any], &password)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    ended(&shop, &other).await;
    let current = tokens(&shop.refresh(&current.refresh).await);
    refused(
        &shop.sign_in("zoe@example.com", PASSWORD).await,
        401,
        "credentials_invalid",
    );
    let newer = tokens(&shop.sign_in("zoe@example.com", "another horse").await);
    // An admin's change ends them all: none of them is the admin's.
    let changed = shop
        .ask(&shop.admin, "PATCH", &at, &[MERGE, any], &password)
        .await;
    assert_eq!(changed.status, 200, "{changed:?}");
    ended(&shop, &current).await;
    ended(&shop, &newer).await;

    let last = tokens(&shop.sign_in("zoe@example.com", "another horse").await);
    let gone = shop.ask(&last.access, "DELETE", &at, &[any], "").await;
    assert_eq!(gone.status, 204, "{gone:?}");
    ended(&shop, &last).await;
    assert_eq!(
        shop.count("select count(*) from sessions where revoked_at is null")
            .await,
        0
    );
    refused(
        &shop.sign_in("zoe@example.com", "another horse").await,
        401,
        "credentials_invalid",
    );
}

#[tokio::test]
async fn a_user_has_so_many_sessions() {
    let shop = Shop::open().await;
    let at = shop.register("zoe@example.com").await;
    let oldest = shop.session("zoe@example.com").await;
    let id: shared::id::UserId = at.trim_start_matches("/users/").parse().unwrap();
    sqlx::query(
        "insert into sessions (id, user_id, created_at, last_used_at, expires_at)
         select gen_random_uuid(), $1, created_at, created_at + interval '1 second', expires_at
         from sessions, generate_series(2, $2)",
    )
    .bind(id.uuid())
    .bind(i32::try_from(SESSIONS_MAX).unwrap())
    .execute(&shop.app.shop.pool)
    .await
    .unwrap();
    shop.clock.advance_ms(2000);
    shop.session("zoe@example.com").await;
    ended(&shop, &oldest).await;
    assert_eq!(
        shop.count("select count(*) from sessions where revoked_at is null")
            .await,
        SESSIONS_MAX
    );
}
