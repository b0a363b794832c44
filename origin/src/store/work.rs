//! The transaction of a change. With an idempotency key it is the one that the key was claimed in, and
//! ends only when the answer is in it too.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use sqlx::{PgConnection, PgPool, Postgres, Transaction};

/// The transaction that a key was claimed in, on its way from who claimed it to who does the work and
/// back.
#[derive(Clone, Default)]
pub struct Claimed(Arc<Mutex<Option<Transaction<'static, Postgres>>>>);

impl fmt::Debug for Claimed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Claimed(…)")
    }
}

impl Claimed {
    /// Lays the transaction down.
    pub fn put(&self, transaction: Transaction<'static, Postgres>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(transaction);
    }

    /// Takes it up. There is none if the work was given up: it was rolled back then.
    pub fn take(&self) -> Option<Transaction<'static, Postgres>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A transaction that something is changed in. Dropped, it is rolled back, and a key stays free.
#[derive(Debug)]
pub struct Work {
    transaction: Transaction<'static, Postgres>,
    claimed: Option<Claimed>,
}

impl Work {
    /// Begins, or goes on where the key was claimed.
    pub async fn begin(pool: &PgPool, claimed: Option<&Claimed>) -> sqlx::Result<Self> {
        let Some(claimed) = claimed else {
            return Ok(Self {
                transaction: super::pool::begin(pool).await?,
                claimed: None,
            });
        };
        Ok(Self {
            transaction: claimed.take().ok_or(sqlx::Error::BeginFailed)?,
            claimed: Some(claimed.clone()),
        })
    }

    /// Commits; with a key, leaves that to who claimed it.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self.claimed {
            None => self.transaction.commit().await,
            Some(claimed) => {
                claimed.put(self.transaction);
                Ok(())
            }
        }
    }
}

impl Deref for Work {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.transaction
    }
}

impl DerefMut for Work {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }
}
