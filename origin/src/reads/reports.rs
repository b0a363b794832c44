//! Reports: what admins look at. They have few connections of their own, so that however long they take, and
//! however many are asked for, nobody who shops waits for a connection that they hold.
//!
//! The replica, while it is there and not far behind; else the primary.

use std::sync::Arc;

use sqlx::PgPool;

use super::replica::Replica;
use crate::store::analytics::{self, AnalyticsDay, Span};
use crate::store::page::{Place, Slice};
use crate::store::pool;
use crate::store::stock_notice::{self, LowStock};

/// Reports.
pub struct Reports {
    pub(super) primary: PgPool,
    pub(super) replica: Option<Arc<Replica>>,
}

impl Reports {
    /// Closes what is this one's own.
    pub async fn close(&self) {
        self.primary.close().await;
    }

    /// A page of days.
    pub async fn days(
        &self,
        span: Span,
        place: Option<Place<analytics::Position>>,
        limit: i64,
    ) -> sqlx::Result<Slice<AnalyticsDay, analytics::Position>> {
        if let Some(replica) = &self.replica
            && let Some(mut connection) = replica.report().await
        {
            match analytics::list(&mut connection, span, place, limit).await {
                Ok(days) => return Ok(days),
                Err(error) => replica.failed(&error),
            }
        }
        let mut primary = pool::acquire(&self.primary).await?;
        analytics::list(&mut primary, span, place, limit).await
    }

    /// A page of products of which little is left.
    pub async fn low_stock(
        &self,
        place: Option<Place<stock_notice::Position>>,
        limit: i64,
    ) -> sqlx::Result<Slice<LowStock, stock_notice::Position>> {
        if let Some(replica) = &self.replica
            && let Some(mut connection) = replica.report().await
        {
            match stock_notice::list(&mut connection, place, limit).await {
                Ok(products) => return Ok(products),
                Err(error) => replica.failed(&error),
            }
        }
        let mut primary = pool::acquire(&self.primary).await?;
        stock_notice::list(&mut primary, place, limit).await
    }
}
