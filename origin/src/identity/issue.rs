//! Access tokens for those who have proven who they are.

use shared::caller::Principal;
use shared::id::SessionId;

use super::token::{self, Grant, LIFETIME_SECONDS};
use crate::app::Shop;
use crate::refusal::Refusal;

/// A token of [`LIFETIME_SECONDS`], signed by the key that signs now.
pub async fn access_token(
    shop: &Shop,
    principal: &Principal,
    session: Option<SessionId>,
) -> Result<String, Refusal> {
    let now = shop.platform.now();
    let keys = shop.keys.current(&shop.pool, now).await?;
    let key = keys.signer(now).ok_or_else(|| {
        tracing::error!("there is no signing key: run `origin migrate`");
        Refusal::Internal
    })?;
    let token_id = shop.platform.token_id().to_string();
    let grant = Grant {
        issuer: &shop.issuer,
        audience: &shop.audience,
        token_id: &token_id,
        lifetime_seconds: LIFETIME_SECONDS,
    };
    Ok(token::sign_in_session(key, &grant, principal, session, now))
}
