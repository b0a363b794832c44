//! The key that pushes are signed with: made when it is first needed, and then the same for good.

use anyhow::Context;
use sqlx::PgPool;

use crate::identity::pair::{Algorithm, generate};
use crate::platform::Platform;
use crate::push::vapid::Vapid;

/// The key.
pub async fn ensure(pool: &PgPool, platform: &Platform) -> anyhow::Result<Vapid> {
    let mut secret = stored(pool).await?;
    if secret.is_none() {
        let made = generate(Algorithm::Es256, platform);
        let made = made.context("the system has no randomness")?;
        // Of two who make one at once, one's stays.
        sqlx::query(
            "insert into push_keys (secret, created_at) values ($1, $2) on conflict do nothing",
        )
        .bind(&made.secret)
        .bind(platform.now())
        .execute(pool)
        .await?;
        secret = stored(pool).await?;
    }
    let secret = secret.context("the key for pushes is gone")?;
    Vapid::read(&secret).context("the key for pushes can't be read")
}

async fn stored(pool: &PgPool) -> sqlx::Result<Option<Vec<u8>>> {
    sqlx::query_scalar("select secret from push_keys")
        .fetch_optional(pool)
        .await
}
