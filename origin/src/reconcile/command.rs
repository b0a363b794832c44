//! `origin payments reconcile`.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde_json::json;

use super::{Report, Span, run};
use crate::commands::print::say;
use crate::config::{Databases, Payments};
use crate::platform::{Platform, rfc3339};
use crate::store;

/// From when on, unless it is said.
const DAYS_DEFAULT: i64 = 7;

/// What is compared.
#[derive(Debug, Args)]
pub struct Asked {
    #[command(flatten)]
    payments: Payments,
    /// From when on, such as 2026-11-01T00:00:00Z; a week ago, if it is not said.
    #[arg(long, value_parser = DateTime::parse_from_rfc3339)]
    since: Option<DateTime<chrono::FixedOffset>>,
    /// Have charges that nobody ordered paid back by the process that works.
    #[arg(long)]
    refund: bool,
}

/// Compares, and prints what it found. Differences are an error, as `diff` has it.
pub async fn command(
    json: bool,
    databases: &Databases,
    asked: Asked,
    platform: &Platform,
) -> anyhow::Result<()> {
    let now = platform.now();
    let span = Span {
        since: asked
            .since
            .map_or(now - TimeDelta::days(DAYS_DEFAULT), |since| {
                since.with_timezone(&Utc)
            }),
        now,
        refund: asked.refund,
    };
    let gateway = asked.payments.gateway()?;
    let pool = store::pool::reach(databases).await?;
    let report = run(&pool, &*gateway, span)
        .await
        .context("the books could not be compared")?;
    pool.close().await;
    let Report {
        charges,
        payments,
        differences,
    } = &report;
    let document = json!({"since": rfc3339(span.since), "charges": charges, "payments": payments,
        "differences": differences});
    say(json, &document, &text(&report))?;
    match report.differences.len() {
        0 => Ok(()),
        1 => bail!("the books differ in one place"),
        many => bail!("the books differ in {many} places"),
    }
}

fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    for found in &report.differences {
        let order = found
            .order
            .map_or_else(String::new, |id| format!(" ({id})"));
        lines.push(format!("{}{order}", found.reference));
        lines.push(format!(
            "  the provider: {}; we: {}",
            found.theirs, found.ours
        ));
        lines.push(if found.is_paid_back {
            "  It is paid back in a minute.".to_owned()
        } else {
            format!("  {}", found.suggestion)
        });
    }
    lines.push(format!(
        "{} charges and {} payments were compared.",
        report.charges, report.payments
    ));
    lines.join("\n")
}
