//! The operator's commands over events and dead letters.

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use origin::config::Databases;
use origin::dead_letter::{self, DeadLetter, Discard, NewData, RATE_DEFAULT, Redrive, Settling};
use origin::event_log::LoggedEvent;
use origin::platform::{Platform, rfc3339};
use origin::refusal::Refusal;
use origin::store::rebase::{self, Replay};
use origin::store::{dead_letters, event_log, pool};
use serde_json::{Value, json};
use shared::body::{Check, Checks};
use shared::id::DeadLetterId;
use sqlx::PgPool;

use super::say;

/// Who edits, when it is this command.
const OPERATOR: &str = "operator";
/// How often the log is looked at while it is followed.
const FOLLOW: Duration = Duration::from_millis(250);

/// What is done with events.
#[derive(Subcommand)]
pub(crate) enum Events {
    /// Print the newest events, oldest first.
    Tail {
        #[command(flatten)]
        databases: Databases,
        /// Go on with what comes, until it is interrupted.
        #[arg(long)]
        follow: bool,
        /// Only this type.
        #[arg(long = "type", value_name = "TYPE")]
        kind: Option<String>,
        /// How many of the past ones.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(0..=1000))]
        last: i64,
    },
    /// Put the subscriptions onto this database after it was restored from a dump.
    Rebase(Databases),
    /// Move a consumer back in time: what it did since then is delivered again.
    Replay {
        #[command(flatten)]
        databases: Databases,
        /// The consumer.
        #[arg(long)]
        consumer: String,
        /// The time [RFC 3339].
        #[arg(long)]
        since: DateTime<Utc>,
    },
}

/// Which letters.
#[derive(Args)]
pub(crate) struct Which {
    /// Of this consumer.
    #[arg(long)]
    consumer: Option<String>,
    /// Of this type.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
}

/// What is done with dead letters.
#[derive(Subcommand)]
pub(crate) enum Letters {
    /// List them, newest first.
    List {
        #[command(flatten)]
        databases: Databases,
        #[command(flatten)]
        which: Which,
        /// In this state: dead, redriven, done, discarded.
        #[arg(long, default_value = "dead")]
        status: String,
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// Show one with its data, history and trace.
    Show {
        #[command(flatten)]
        databases: Databases,
        /// The letter.
        id: DeadLetterId,
    },
    /// Have one tried again, or all.
    Redrive {
        #[command(flatten)]
        databases: Databases,
        /// The letter.
        #[arg(required_unless_present = "all", conflicts_with_all = ["all", "consumer", "kind", "per_second"])]
        id: Option<DeadLetterId>,
        /// All of the filter, the oldest first.
        #[arg(long)]
        all: bool,
        #[command(flatten)]
        which: Which,
        /// How many a second.
        #[arg(long, default_value_t = RATE_DEFAULT)]
        per_second: i64,
        /// Put this JSON object into its data first.
        #[arg(long, value_name = "JSON", conflicts_with = "all")]
        data: Option<String>,
    },
    /// End one without a delivery.
    Discard {
        #[command(flatten)]
        databases: Databases,
        /// The letter.
        id: DeadLetterId,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

pub(crate) async fn events(json: bool, asked: Events, platform: &Platform) -> anyhow::Result<()> {
    match asked {
        Events::Tail {
            databases,
            follow,
            kind,
            last,
        } => {
            let pool = pool::shop(&databases)?;
            tail(json, &pool, follow, kind, last).await
        }
        Events::Rebase(databases) => {
            let pool = pool::shop(&databases)?;
            let rebased = rebase::rebase(&pool, platform.now()).await?;
            pool.close().await;
            let text = if rebased.subscriptions == 0 {
                "nothing to do: the log is of this database".to_owned()
            } else {
                format!(
                    "{} subscriptions moved; {} deliveries were not known to be done and are due",
                    rebased.subscriptions, rebased.owed
                )
            };
            let document = json!({"subscriptions": rebased.subscriptions, "owed": rebased.owed});
            say(json, &document, &text);
            Ok(())
        }
        Events::Replay {
            databases,
            consumer,
            since,
        } => {
            let pool = pool::shop(&databases)?;
            let replay = rebase::replay(&pool, &consumer, since).await?;
            pool.close().await;
            match replay {
                Replay::From { time, forgotten } => {
                    let time = rfc3339(time);
                    let text = format!(
                        "{consumer} begins again at {time}; {forgotten} deliveries are done again"
                    );
                    say(json, &json!({"since": time, "forgotten": forgotten}), &text);
                    Ok(())
                }
                Replay::NoSuchConsumer => bail!("there is no consumer `{consumer}`"),
                Replay::TooLongAgo { oldest } => bail!(
                    "the log can be replayed from {} on; name a later time",
                    rfc3339(oldest)
                ),
            }
        }
    }
}

async fn tail(
    json: bool,
    pool: &PgPool,
    follow: bool,
    kind: Option<String>,
    last: i64,
) -> anyhow::Result<()> {
    let show = |event: LoggedEvent| {
        let text = format!(
            "{} {:<24} {} {}",
            event.created_at, event.r#type, event.aggregate_id, event.id
        );
        say(json, &json!(event), &text);
    };
    // The snapshot comes first: what commits in between is shown by both, and lost by none.
    let (mut snapshot, _) = event_log::since(pool, None, kind.as_deref()).await?;
    let filter = event_log::Filter {
        kind: kind.clone(),
        ..event_log::Filter::default()
    };
    if last > 0 {
        let page = event_log::list(pool, &filter, None, last).await?;
        for event in page.rows.into_iter().rev() {
            show(event.into());
        }
    }
    if !follow {
        return Ok(());
    }
    loop {
        let (next, rows) = event_log::since(pool, Some(&snapshot), kind.as_deref()).await?;
        snapshot = next;
        for event in rows {
            show(event.into());
        }
        tokio::time::sleep(FOLLOW).await;
    }
}

pub(crate) async fn letters(json: bool, asked: Letters, platform: &Platform) -> anyhow::Result<()> {
    match asked {
        Letters::List {
            databases,
            which,
            status,
            limit,
        } => {
            let pool = pool::shop(&databases)?;
            let filter = dead_letter::filter(
                which.consumer.as_deref(),
                which.kind.as_deref(),
                Some(&status),
            );
            let page = dead_letters::list(&pool, &filter, None, limit).await?;
            pool.close().await;
            for letter in page.rows {
                one(json, &letter.into());
            }
            Ok(())
        }
        Letters::Show { databases, id } => {
            let pool = pool::shop(&databases)?;
            let letter = dead_letter::read(&pool, id).await.map_err(told)?;
            pool.close().await;
            // One form for people and scripts: all of it.
            println!("{}", serde_json::to_string_pretty(&letter)?);
            Ok(())
        }
        Letters::Redrive {
            databases,
            id: Some(id),
            data,
            ..
        } => {
            let pool = pool::shop(&databases)?;
            let settling = match data {
                Some(data) => Settling::Edit {
                    data: object(&data)?,
                    by: OPERATOR,
                },
                None => Settling::Redrive,
            };
            settle(json, &pool, platform, id, settling).await
        }
        Letters::Redrive {
            databases,
            which,
            per_second,
            ..
        } => {
            let asked = Redrive {
                consumer: which.consumer,
                r#type: which.kind,
                per_second: Some(per_second),
            };
            fine(&asked)?;
            let pool = pool::shop(&databases)?;
            let filter =
                dead_letter::filter(asked.consumer.as_deref(), asked.r#type.as_deref(), None);
            let redriven = dead_letter::redrive(&pool, platform, &filter, per_second).await?;
            pool.close().await;
            let text = format!("{} letters, due by {}", redriven.redriven, redriven.due_at);
            say(json, &json!(redriven), &text);
            Ok(())
        }
        Letters::Discard {
            databases,
            id,
            reason,
        } => {
            let asked = Discard { reason };
            fine(&asked)?;
            let pool = pool::shop(&databases)?;
            let reason = &asked.reason;
            settle(json, &pool, platform, id, Settling::Discard { reason }).await
        }
    }
}

async fn settle(
    json: bool,
    pool: &PgPool,
    platform: &Platform,
    id: DeadLetterId,
    settling: Settling<'_>,
) -> anyhow::Result<()> {
    let letter = dead_letter::settle(pool, platform, id, settling).await;
    pool.close().await;
    one(json, &letter.map_err(told)?);
    Ok(())
}

fn one(json: bool, letter: &DeadLetter) {
    let text = format!(
        "{} {} {:<10} {:<12} {:<20} {}",
        letter.died_at,
        letter.id,
        letter.status,
        letter.consumer,
        letter.event.r#type,
        letter.error
    );
    say(json, &json!(letter), &text);
}

/// A refusal in words.
fn told(refusal: Refusal) -> anyhow::Error {
    anyhow::anyhow!(refusal.problem().detail)
}

/// Refuses what the API would refuse.
fn fine(asked: &impl Check) -> anyhow::Result<()> {
    let mut checks = Checks::default();
    asked.check(&mut checks);
    if let Some(fault) = checks.into_faults().first() {
        bail!("{}: {} ({})", fault.detail, fault.fix, fault.pointer);
    }
    Ok(())
}

fn object(text: &str) -> anyhow::Result<Value> {
    let data = serde_json::from_str(text).context("--data takes a JSON object")?;
    let new = NewData { data };
    fine(&new)?;
    Ok(Value::Object(new.data))
}
