//! The sandbox provider: in this process, with a book in a database of its own.
//!
//! Its methods: `pm_card_visa` succeeds; `pm_card_insufficient_funds`, `pm_card_declined` and
//! `pm_card_expired` decline; `pm_card_slow` takes three seconds; `pm_card_lost_reply` charges and
//! then drops the connection; `pm_card_unavailable` answers 503 and charges nothing. Any other
//! method is declined as unknown. It honours its keys: a key has one charge, or one refund. All refunds
//! of a charge together are never more than the charge.

use std::time::Duration;

use async_trait::async_trait;
use sqlx::PgPool;

use super::{Charge, Charged, NoAnswer, PaymentGateway, Refund, Refunded};
use crate::platform::Platform;

/// How long `pm_card_slow` takes.
const SLOW: Duration = Duration::from_secs(3);

/// The provider.
pub struct Sandbox {
    pool: PgPool,
    platform: Platform,
}

impl Sandbox {
    /// Over its book.
    pub const fn new(pool: PgPool, platform: Platform) -> Self {
        Self { pool, platform }
    }
}

/// Why the method is declined, if it is.
fn decline_code(method: &str) -> Option<&'static str> {
    match method {
        "pm_card_visa" | "pm_card_slow" | "pm_card_lost_reply" => None,
        "pm_card_insufficient_funds" => Some("insufficient_funds"),
        "pm_card_declined" => Some("card_declined"),
        "pm_card_expired" => Some("expired_card"),
        _ => Some("payment_method_unknown"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "map_err hands it over")]
fn no_answer(error: sqlx::Error) -> NoAnswer {
    NoAnswer(error.to_string())
}

#[async_trait]
impl PaymentGateway for Sandbox {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        match charge.method {
            "pm_card_unavailable" => return Err(NoAnswer("503".to_owned())),
            "pm_card_slow" => tokio::time::sleep(SLOW).await,
            _ => {}
        }
        let declined = decline_code(charge.method);
        let id = self
            .platform
            .payment_id()
            .to_string()
            .replacen("pay", "ch", 1);
        let inserted = sqlx::query(
            "insert into sandbox_charges (id, reference, provider_key, status, decline_code, method,
                                          amount, currency, created_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
             on conflict (provider_key) do nothing",
        )
        .bind(&id)
        .bind(charge.reference)
        .bind(charge.provider_key)
        .bind(if declined.is_some() { "declined" } else { "succeeded" })
        .bind(declined)
        .bind(charge.method)
        .bind(charge.amount.amount)
        .bind(charge.amount.currency.as_str())
        .bind(self.platform.now())
        .execute(&self.pool)
        .await
        .map_err(no_answer)?;
        if charge.method == "pm_card_lost_reply" {
            return Err(NoAnswer("connection reset".to_owned()));
        }
        if inserted.rows_affected() == 1 {
            return Ok(Charged {
                id,
                decline_code: declined.map(str::to_owned),
            });
        }
        // The key has its charge already. A statement of its own sees what a concurrent one has
        // committed, which the insertion only waited for.
        self.look_up(charge.reference)
            .await?
            .ok_or_else(|| NoAnswer("the key belongs to another charge".to_owned()))
    }

    async fn look_up(&self, reference: &str) -> Result<Option<Charged>, NoAnswer> {
        let row: Option<(String, Option<String>)> =
            sqlx::query_as("select id, decline_code from sandbox_charges where reference = $1")
                .bind(reference)
                .fetch_optional(&self.pool)
                .await
                .map_err(no_answer)?;
        Ok(row.map(|(id, decline_code)| Charged { id, decline_code }))
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer> {
        let id = self
            .platform
            .payment_id()
            .to_string()
            .replacen("pay", "re", 1);
        let mut transaction = self.pool.begin().await.map_err(no_answer)?;
        // The charge's row is locked, so that refunds of it come one after the other.
        sqlx::query("select from sandbox_charges where reference = $1 for update")
            .bind(refund.reference)
            .execute(&mut *transaction)
            .await
            .map_err(no_answer)?;
        sqlx::query(
            "insert into sandbox_refunds (id, reference, provider_key, amount, currency, created_at)
             select $1, reference, $3, $4, currency, $6 from sandbox_charges
             where reference = $2 and status = 'succeeded' and currency = $5
               and amount >= $4 + (select coalesce(sum(amount), 0) from sandbox_refunds
                                   where reference = $2)
             on conflict (provider_key) do nothing",
        )
        .bind(&id)
        .bind(refund.reference)
        .bind(refund.provider_key)
        .bind(refund.amount.amount)
        .bind(refund.amount.currency.as_str())
        .bind(self.platform.now())
        .execute(&mut *transaction)
        .await
        .map_err(no_answer)?;
        let kept: Option<String> = sqlx::query_scalar(
            "select id from sandbox_refunds
             where provider_key = $1 and reference = $2 and amount = $3",
        )
        .bind(refund.provider_key)
        .bind(refund.reference)
        .bind(refund.amount.amount)
        .fetch_optional(&mut *transaction)
        .await
        .map_err(no_answer)?;
        transaction.commit().await.map_err(no_answer)?;
        kept.map(|id| Refunded { id })
            .ok_or_else(|| NoAnswer("there is no such charge to pay back from".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_decline_by_name() {
        for (method, code) in [
            ("pm_card_visa", None),
            ("pm_card_lost_reply", None),
            ("pm_card_insufficient_funds", Some("insufficient_funds")),
            ("pm_card_declined", Some("card_declined")),
            ("pm_card_expired", Some("expired_card")),
            ("pm_nothing", Some("payment_method_unknown")),
        ] {
            assert_eq!(decline_code(method), code, "{method}");
        }
    }
}
