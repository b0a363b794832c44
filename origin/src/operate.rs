//! The operator's commands over events and dead letters.

use std::time::Duration;

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Subcommand};
use origin::commands::print::{line, say, warn};
use origin::commands::told;
use origin::dead_letter::{
    self, DeadLetter, Discard, NewData, RATE_DEFAULT, Redrive, STATUSES, Settling,
};
use origin::event_log::LoggedEvent;
use origin::platform::{Platform, rfc3339};
use origin::refusal::Refusal;
use origin::store::rebase::{self, Replay};
use origin::store::webhook::letter;
use origin::store::{dead_letters, event_log};
use serde_json::{Value, json};
use shared::body::{Check, Checks};
use shared::event::EventType;
use shared::id::DeadLetterId;
use sqlx::PgPool;

/// Who edits, when it is this command.
const OPERATOR: &str = "operator";
/// How often the log is looked at while it is followed.
const FOLLOW: Duration = Duration::from_millis(250);

/// What is done with events.
#[derive(Subcommand)]
pub(crate) enum Events {
    /// Print the newest events, oldest first.
    Tail {
        /// Go on with what comes, until it is interrupted.
        #[arg(long)]
        follow: bool,
        /// Only this type.
        #[arg(long = "type", value_name = "TYPE",
              value_parser = PossibleValuesParser::new(EventType::ALL.map(EventType::as_str)))]
        kind: Option<String>,
        /// How many of the past ones.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(i64).range(0..=1000))]
        last: i64,
    },
    /// Put the subscriptions onto this database after it was restored from a dump.
    Rebase,
    /// Move a consumer back in time: what it did since then is delivered again.
    Replay {
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
        which: Which,
        /// In this state.
        #[arg(long, default_value = "dead", value_parser = PossibleValuesParser::new(STATUSES))]
        status: String,
        /// How many.
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=1000))]
        limit: i64,
    },
    /// Show one with its data, history and trace.
    Show {
        /// The letter.
        id: DeadLetterId,
    },
    /// Have one tried again, or all.
    #[command(group(ArgGroup::new("letters").required(true).args(["id", "all"])))]
    Redrive {
        /// The letter.
        #[arg(conflicts_with_all = ["consumer", "kind", "per_second"])]
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
        /// The letter.
        id: DeadLetterId,
        /// Why.
        #[arg(long)]
        reason: String,
    },
}

pub(crate) async fn events(
    json: bool,
    asked: Events,
    pool: &PgPool,
    platform: &Platform,
) -> anyhow::Result<()> {
    match asked {
        Events::Tail { follow, kind, last } => tail(json, pool, follow, kind, last).await,
        Events::Rebase => {
            let rebased = rebase::rebase(pool, platform.now()).await?;
            let text = if rebased.subscriptions == 0 {
                "nothing to do: the log is of this database".to_owned()
            } else {
                format!(
                    "{} subscriptions moved; {} deliveries were not known to be done and are due",
                    rebased.subscriptions, rebased.owed
                )
            };
            let document = json!({"subscriptions": rebased.subscriptions, "owed": rebased.owed});
            say(json, &document, &text)
        }
        Events::Replay { consumer, since } => match rebase::replay(pool, &consumer, since).await? {
            Replay::From { time, forgotten } => {
                let time = rfc3339(time);
                let text = format!(
                    "{consumer} begins again at {time}; {forgotten} deliveries are done again"
                );
                say(json, &json!({"since": time, "forgotten": forgotten}), &text)
            }
            Replay::NoSuchConsumer => bail!("there is no consumer `{consumer}`"),
            Replay::TooLongAgo { oldest } => bail!(
                "the log can be replayed from {} on; name a later time",
                rfc3339(oldest)
            ),
        },
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
        say(json, &json!(event), &text)
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
            show(event.into())?;
        }
    }
    if !follow {
        return Ok(());
    }
    loop {
        let (next, rows) = event_log::since(pool, Some(&snapshot), kind.as_deref()).await?;
        snapshot = next;
        for event in rows {
            show(event.into())?;
        }
        tokio::time::sleep(FOLLOW).await;
    }
}

pub(crate) async fn letters(
    json: bool,
    asked: Letters,
    pool: &PgPool,
    platform: &Platform,
) -> anyhow::Result<()> {
    match asked {
        Letters::List {
            which,
            status,
            limit,
        } => {
            known(pool, &which).await?;
            let filter = dead_letter::filter(
                which.consumer.as_deref(),
                which.kind.as_deref(),
                Some(&status),
            );
            let page = dead_letters::list(pool, &filter, None, limit).await?;
            let has_more = page.next.is_some();
            for letter in page.rows {
                one(json, &letter.into())?;
            }
            if has_more {
                // Beside the answer, which is a line a letter.
                warn(&format!(
                    "there are more than these {limit}: see --limit, --consumer and --type"
                ));
            }
            Ok(())
        }
        Letters::Show { id } => {
            let letter = dead_letter::read(pool, id).await;
            let letter = letter.map_err(|refusal| refused(id, refusal))?;
            // One form for people and scripts: all of it.
            line(&serde_json::to_string_pretty(&letter)?)
        }
        Letters::Redrive {
            id: Some(id), data, ..
        } => {
            let settling = match data {
                Some(data) => Settling::Edit {
                    data: object(&data)?,
                    by: OPERATOR,
                },
                None => Settling::Redrive,
            };
            settle(json, pool, platform, id, settling).await
        }
        Letters::Redrive {
            which, per_second, ..
        } => {
            let asked = Redrive {
                consumer: which.consumer.clone(),
                r#type: which.kind.clone(),
                per_second: Some(per_second),
            };
            fine(&asked)?;
            known(pool, &which).await?;
            let filter =
                dead_letter::filter(asked.consumer.as_deref(), asked.r#type.as_deref(), None);
            let redriven = dead_letter::redrive(pool, platform, &filter, per_second).await?;
            let text = format!("{} letters, due by {}", redriven.redriven, redriven.due_at);
            say(json, &json!(redriven), &text)
        }
        Letters::Discard { id, reason } => {
            let asked = Discard { reason };
            fine(&asked)?;
            let reason = &asked.reason;
            settle(json, pool, platform, id, Settling::Discard { reason }).await
        }
    }
}

/// Refuses names that nobody has, which would only find nothing.
async fn known(pool: &PgPool, which: &Which) -> anyhow::Result<()> {
    if let Some(consumer) = &which.consumer {
        let consumers = dead_letters::consumers(pool).await?;
        // A webhook may have no letters yet.
        let is_webhook = letter::kind(consumer) != consumer;
        if !is_webhook && !consumers.contains(consumer) {
            bail!(
                "there is no consumer `{consumer}`; there are {}",
                consumers.join(", ")
            );
        }
    }
    if let Some(kind) = &which.kind
        && EventType::parse(kind).is_none()
    {
        // Those that a newer release wrote are letters because this one does not know them.
        let kinds = dead_letters::kinds(pool).await?;
        if !kinds.contains(kind) {
            let known = EventType::ALL.map(EventType::as_str).join(", ");
            bail!("there is no type `{kind}`; there are {known}");
        }
    }
    Ok(())
}

async fn settle(
    json: bool,
    pool: &PgPool,
    platform: &Platform,
    id: DeadLetterId,
    settling: Settling<'_>,
) -> anyhow::Result<()> {
    let letter = dead_letter::settle(pool, platform, id, settling).await;
    one(json, &letter.map_err(|refusal| refused(id, refusal))?)
}

fn one(json: bool, letter: &DeadLetter) -> anyhow::Result<()> {
    let text = format!(
        "{} {} {:<10} {:<12} {:<20} {}",
        letter.died_at,
        letter.id,
        letter.status,
        letter.consumer,
        letter.event.r#type,
        letter.error
    );
    say(json, &json!(letter), &text)
}

/// A refusal in words.
fn refused(id: DeadLetterId, refusal: Refusal) -> anyhow::Error {
    match refusal {
        Refusal::NotFound => anyhow::anyhow!("there is no dead letter {id}"),
        other => anyhow::anyhow!(other.problem().detail),
    }
}

/// Refuses what the API would refuse.
fn fine(asked: &impl Check) -> anyhow::Result<()> {
    let mut checks = Checks::default();
    asked.check(&mut checks);
    let faults = checks.into_faults();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(told(&faults))
    }
}

fn object(text: &str) -> anyhow::Result<Value> {
    let data = serde_json::from_str(text).context("--data takes a JSON object")?;
    let new = NewData { data };
    fine(&new)?;
    Ok(Value::Object(new.data))
}
