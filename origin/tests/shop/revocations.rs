//! Access tokens that end before their time.

use serde_json::{Value, json};
use shared::caller::Role;
use shared::feed::Untrue;

use crate::callers::JSON;
use crate::harness::Shop;

impl Shop {
    async fn revoke(&self, what: &Value) -> Value {
        let body = what.to_string();
        let made = self
            .ask(&self.admin, "POST", "/admin/revocations", &[JSON], &body)
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        made.json()
    }

    async fn holds(&self, token: &str) -> bool {
        let answer = self.ask(token, "GET", "/orders", &[], "").await;
        if answer.status == 401 {
            assert_eq!(answer.code(), "token_invalid", "{answer:?}");
        }
        answer.status == 200
    }
}

#[tokio::test]
async fn a_revoked_token_holds_no_more_and_others_do() {
    let shop = Shop::open().await;
    // The harness's tokens are `tok_1`, those that tests make `tok_2`.
    let amy = shop.token("usr_amy", Role::Customer).await;
    assert!(shop.holds(&amy).await && shop.holds(&shop.customer).await);
    let made = shop.revoke(&json!({"token_id": "tok_2"})).await;
    assert_eq!(
        (&made["token_id"], &made["issued_before"]),
        (&json!("tok_2"), &Value::Null)
    );
    assert!(!shop.holds(&amy).await && shop.holds(&shop.customer).await);
    let listed = shop
        .ask(&shop.admin, "GET", "/admin/revocations", &[], "")
        .await;
    assert_eq!(listed.json()["data"], json!([made]));
    let told = shop.untrue().await;
    let now = shop.app.shop.platform.now().timestamp();
    assert!(
        matches!(&told[..], [Untrue::Token { id, expires }] if id == "tok_2" && *expires > now),
        "{told:?}"
    );
}

#[tokio::test]
async fn a_subjects_tokens_until_now_hold_no_more_and_later_ones_do() {
    let shop = Shop::open().await;
    let early = shop.token("usr_zoe", Role::Customer).await;
    let other = shop.token("usr_amy", Role::Customer).await;
    shop.clock.advance_ms(1500);
    // Issued in the very second of the revocation.
    let same = shop.token("usr_zoe", Role::Customer).await;
    let made = shop.revoke(&json!({"subject": "usr_zoe"})).await;
    assert_eq!(made["subject"], "usr_zoe");
    shop.clock.advance_ms(500);
    let late = shop.token("usr_zoe", Role::Customer).await;
    for (token, holds) in [
        (&early, false),
        (&same, false),
        (&late, true),
        (&other, true),
    ] {
        assert_eq!(shop.holds(token).await, holds);
    }
    let told = shop.untrue().await;
    let now = shop.app.shop.platform.now().timestamp();
    assert!(
        matches!(&told[..], [Untrue::Subject { subject, before, .. }]
            if subject == "usr_zoe" && *before == now),
        "{told:?}"
    );
    // A month later nothing of that time holds, and the rows go.
    shop.clock.advance_ms(31 * 86_400_000);
    let admin = shop.token("usr_admin", Role::Admin).await;
    let listed = shop.ask(&admin, "GET", "/admin/revocations", &[], "").await;
    assert_eq!(listed.json()["data"], json!([]), "{listed:?}");
    let body = json!({"token_id": "tok_9"}).to_string();
    let made = shop
        .ask(&admin, "POST", "/admin/revocations", &[JSON], &body)
        .await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(shop.count("select count(*) from revocations").await, 1);
}
