//! Holding the provider's book against ours.
//!
//! 1. Each of its charges since a time against the payment of that reference, and each of our payments
//!    since then against the charges. What is younger than [`SETTLING`] is left out: it is under way.
//! 2. Each difference has a suggestion. Nothing is changed, unless it is asked that charges which nobody
//!    ordered are paid back: they are kept as strays then, as the webhook keeps them.
//!
//! What a primary that was lost took along, and whose client never comes back, is found by this alone
//! if its webhook was heard before. The references of the time are held in memory.

pub mod command;
mod difference;

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use shared::id::OrderId;
use shared::money::Money;
use sqlx::PgPool;
use uuid::Uuid;

pub use difference::Kind;

use crate::order::stray::REFUND_AFTER_SECONDS;
use crate::payment::webhook::Notice;
use crate::payment::{Booked, Charged, PaymentGateway};
use crate::store::order::{book, stray};

/// How long a charge may take from end to end, with room to spare.
pub const SETTLING: TimeDelta = TimeDelta::minutes(2);
/// How far the two clocks may be apart.
const SKEW: TimeDelta = TimeDelta::minutes(1);
/// Payments of ours that are read at once.
const BATCH: i64 = 500;

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Of what kind.
    pub kind: Kind,
    /// Our name for the charge.
    pub reference: String,
    /// The provider's, if it knows it.
    pub charge: Option<String>,
    /// The order, if there is one.
    pub order: Option<OrderId>,
    /// What the provider says.
    pub theirs: String,
    /// What we say.
    pub ours: String,
    /// What to do about it.
    pub suggestion: &'static str,
    /// Whether it was kept as a stray just now.
    pub is_paid_back: bool,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many of the provider's charges were looked at.
    pub charges: usize,
    /// How many of our payments.
    pub payments: usize,
    /// How they differ.
    pub differences: Vec<Difference>,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// From when on.
    pub since: DateTime<Utc>,
    /// Now.
    pub now: DateTime<Utc>,
    /// Whether charges that nobody ordered are to be paid back.
    pub refund: bool,
}

/// Compares.
pub async fn run(
    pool: &PgPool,
    gateway: &dyn PaymentGateway,
    span: Span,
) -> anyhow::Result<Report> {
    let mut report = Report::default();
    let mut known: HashSet<String> = HashSet::new();
    let mut after: Option<String> = None;
    loop {
        // Beyond the span at both ends: what is there must not be missing for a clock's sake.
        let page = gateway.book(span.since - SKEW, after.as_deref()).await?;
        known.extend(page.charges.iter().map(|charge| charge.reference.clone()));
        charges(pool, page.charges, span, &mut report).await?;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    payments(pool, &known, span, &mut report).await?;
    Ok(report)
}

/// A page of the provider's charges against our payments.
async fn charges(
    pool: &PgPool,
    charges: Vec<Booked>,
    span: Span,
    report: &mut Report,
) -> anyhow::Result<()> {
    let old: Vec<_> = charges
        .into_iter()
        .filter(|charge| charge.created_at < span.now - SETTLING)
        .collect();
    let references: Vec<_> = old.iter().map(|charge| charge.reference.clone()).collect();
    let ids: Vec<_> = old.iter().map(|charge| charge.id.clone()).collect();
    let entries = book::of(pool, &references).await?;
    let strays = book::strays(pool, &ids).await?;
    report.charges += old.len();
    for charge in old {
        let entry = entries.get(&charge.reference);
        let stray = strays.get(&charge.id).copied();
        let Some(kind) = difference::of_charge(&charge, entry, stray) else {
            continue;
        };
        let is_paid_back =
            span.refund && kind.is_nobodys() && keep(pool, &charge, span.now).await?;
        report.differences.push(Difference {
            kind,
            theirs: told(&charge),
            ours: entry.map_or_else(|| "no payment".to_owned(), said),
            order: entry.map(|entry| entry.order),
            suggestion: kind.suggestion(),
            is_paid_back,
            reference: charge.reference,
            charge: Some(charge.id),
        });
    }
    Ok(())
}

/// Our payments against the references that the provider knows.
async fn payments(
    pool: &PgPool,
    known: &HashSet<String>,
    span: Span,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut behind = String::new();
    loop {
        let until = span.now - SETTLING;
        let entries = book::made(pool, span.since, until, &behind, BATCH).await?;
        let Some(last) = entries.last() else {
            return Ok(());
        };
        behind.clone_from(&last.reference);
        report.payments += entries.len();
        for entry in entries {
            if known.contains(&entry.reference) || !difference::is_missing(&entry) {
                continue;
            }
            report.differences.push(Difference {
                kind: Kind::Missing,
                theirs: "no charge".to_owned(),
                ours: said(&entry),
                order: Some(entry.order),
                suggestion: Kind::Missing.suggestion(),
                is_paid_back: false,
                reference: entry.reference,
                charge: None,
            });
        }
    }
}

fn told(charge: &Booked) -> String {
    let what = if charge.succeeded {
        "charged"
    } else {
        "declined"
    };
    let amount = difference::shown(charge.amount);
    format!("{what} {amount}, paid back {}", charge.paid_back)
}

fn said(entry: &book::Entry) -> String {
    let amount = difference::shown(entry.amount);
    let status = entry.status.as_str();
    format!("{status} {amount}, paid back {}", entry.paid_back)
}

/// Keeps a charge as a stray, as the webhook does. False if it is one.
async fn keep(pool: &PgPool, charge: &Booked, now: DateTime<Utc>) -> anyhow::Result<bool> {
    let notice = Notice {
        // Nobody looks for it in the inbox.
        event: Uuid::nil(),
        reference: charge.reference.clone(),
        charged: Charged {
            id: charge.id.clone(),
            decline_code: None,
        },
        amount: Money {
            amount: charge.amount.amount - charge.paid_back,
            ..charge.amount
        },
    };
    let refund_at = now + TimeDelta::seconds(REFUND_AFTER_SECONDS);
    let mut connection = pool.acquire().await?;
    Ok(stray::keep(&mut connection, &notice, now, refund_at).await?)
}
