//! `origin explain`: what one request decided and what followed from it, with times.
//!
//! It tells what is in the database: the key and its answer, order, payments, events, and what each consumer
//! made of them. A request that changed nothing left nothing there; its line in the edge's access log, and its
//! trace, are all there is of it.

use anyhow::{Result, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde_json::{Value, json};
use shared::id::{EventId, OrderId, PaymentId, RefundId, RequestId, WebhookId};
use sqlx::PgPool;
use uuid::Uuid;

use super::Said;
use crate::config::Databases;
use crate::platform::{Platform, rfc3339};
use crate::store::explain::{self as store, Row, Which};

/// Clocks of edge and origin may be so far apart.
const CLOCKS_APART: TimeDelta = TimeDelta::minutes(1);
/// For so long after a request its events are looked for.
const FOLLOWS: TimeDelta = TimeDelta::days(1);
/// For so long back the events of a trace are looked for whose id has no time.
const KEPT: TimeDelta = TimeDelta::days(31);

/// Which request.
#[derive(Debug, Clone, Args)]
pub struct Asked {
    /// Where the shop is.
    #[command(flatten)]
    pub databases: Databases,
    /// Its id as answers, problems and logs have it (`req_…`), or a trace's (32 hexadecimal digits).
    #[arg(value_name = "REQUEST_ID")]
    pub what: String,
}

/// What is asked for, and when it began, where its id says so.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    which: Which,
    began: Option<DateTime<Utc>>,
}

impl Wanted {
    fn of(what: &str, now: DateTime<Utc>) -> Result<Self> {
        if let Ok(id) = what.parse::<RequestId>() {
            let began = time_of(id.uuid()).unwrap_or(now);
            let which = Which {
                request_id: Some(id.to_string()),
                // A request without a trace of its client's began one by this name.
                trace_id: id.uuid().simple().to_string(),
                since: began - CLOCKS_APART,
                until: began + FOLLOWS,
            };
            return Ok(Self {
                which,
                began: Some(began),
            });
        }
        let is_trace = what.len() == 32
            && what
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !is_trace {
            bail!("`{what}` is no request: write its id, req_…, or its trace's 32 digits");
        }
        let which = Which {
            request_id: None,
            trace_id: what.to_owned(),
            since: now - KEPT,
            until: now + CLOCKS_APART,
        };
        Ok(Self { which, began: None })
    }
}

/// The time that a `UUIDv7` begins with.
fn time_of(id: Uuid) -> Option<DateTime<Utc>> {
    let ms = i64::try_from(id.as_u128() >> 80).ok()?;
    DateTime::from_timestamp_millis(ms)
}

/// Tells it.
pub async fn run(asked: &Asked, pool: &PgPool, platform: &Platform) -> Result<Said> {
    let wanted = Wanted::of(&asked.what, platform.now())?;
    let rows = store::read(pool, &wanted.which).await?;
    if rows.is_empty() {
        bail!(
            "nothing is known of {}: it changed nothing, was refused before it could, or its key and \
             events are no longer kept. The edge's access log has its line, and the trace {} whatever \
             was collected of it.",
            asked.what,
            wanted.which.trace_id
        );
    }
    Ok(said(&wanted, rows))
}

fn said(wanted: &Wanted, rows: Vec<Row>) -> Said {
    let first = rows.first().map(|row| row.at);
    let which = &wanted.which;
    let began = wanted.began.or(first).unwrap_or(which.since);
    let rows: Vec<Row> = rows.into_iter().map(named).collect();
    let claimed = rows.iter().find(|row| row.what == "key_claimed");
    let fact = |name: &str| {
        let fact = claimed.and_then(|row| row.facts[name].as_str());
        fact.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let request_id = which.request_id.clone().or_else(|| fact("request_id"));
    let trace_id = fact("trace_id").unwrap_or_else(|| which.trace_id.clone());
    let head = format!(
        "request {} of {}, trace {trace_id}",
        request_id.as_deref().unwrap_or("without an id"),
        rfc3339(began),
    );
    let lines = rows.iter().map(|row| {
        let after = (row.at - began).num_milliseconds();
        format!("{after:>+10} ms  {}", sentence(row))
    });
    let text = [head].into_iter().chain(lines).collect::<Vec<_>>();
    let steps: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({"at": rfc3339(row.at), "after_ms": (row.at - began).num_milliseconds(),
                "what": row.what, "facts": row.facts})
        })
        .collect();
    Said {
        document: json!({"request_id": request_id, "trace_id": trace_id, "began_at": rfc3339(began),
            "steps": steps}),
        text: text.join("\n"),
    }
}

/// How an id is written.
type Shown = fn(Uuid) -> String;

/// Ids as everybody else has them.
fn named(mut row: Row) -> Row {
    let names: [(&str, Shown); 6] = [
        ("order", |id| OrderId::from_uuid(id).to_string()),
        ("payment", |id| PaymentId::from_uuid(id).to_string()),
        ("refund", |id| RefundId::from_uuid(id).to_string()),
        ("event", |id| EventId::from_uuid(id).to_string()),
        ("webhook", |id| WebhookId::from_uuid(id).to_string()),
        ("letter", |id| {
            shared::id::DeadLetterId::from_uuid(id).to_string()
        }),
    ];
    for (name, shown) in names {
        let id = row.facts[name].as_str().and_then(|id| id.parse().ok());
        if let (Some(id), Some(facts)) = (id, row.facts.as_object_mut()) {
            facts.insert(name.to_owned(), shown(id).into());
        }
    }
    row
}

fn sentence(row: &Row) -> String {
    let says = |name: &str| match &row.facts[name] {
        Value::String(text) => text.clone(),
        Value::Null => "none".to_owned(),
        other => other.to_string(),
    };
    match row.what.as_str() {
        "key_claimed" => format!(
            "{} claimed the key {} for {} ({}, {})",
            says("account"),
            says("key"),
            says("path"),
            says("kind"),
            says("mode")
        ),
        "answer_kept" => format!("the answer {} was kept with the key", says("status")),
        "key_open" => format!(
            "the key is still open ({}, tries: {}); its lease ends",
            says("phase"),
            says("tries")
        ),
        "order_placed" => format!(
            "order {} was placed and its stock reserved; it is {} now",
            says("order"),
            says("status")
        ),
        "payment_attempt" => format!(
            "payment {}, attempt {}: the provider is asked for {}",
            says("payment"),
            says("attempt"),
            says("reference")
        ),
        "payment_settled" => match says("decline_code").as_str() {
            "none" => format!("payment {} is {}", says("payment"), says("status")),
            code => format!("payment {} is {}: {code}", says("payment"), says("status")),
        },
        "refund" => format!("refund {} is {}", says("refund"), says("status")),
        "event_written" => format!("event {} {} was written", says("type"), says("event")),
        "consumer_done" => format!("{} has done {}", says("consumer"), says("type")),
        "consumer_waits" => format!(
            "{} tries {} again (tries: {}): {}",
            says("consumer"),
            says("type"),
            says("attempts"),
            says("error")
        ),
        "dead_letter" => format!(
            "{} gave up ({}), dead letter {} is {}: {}",
            says("consumer"),
            says("reason"),
            says("letter"),
            says("status"),
            says("error")
        ),
        "webhook_tried" => format!(
            "webhook {} was told, try {}: status {} in {} ms, error: {}",
            says("webhook"),
            says("try"),
            says("status"),
            says("took_ms"),
            says("error")
        ),
        other => format!("{other} {}", row.facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_traces_are_told_apart() {
        let now = DateTime::from_timestamp_millis(1_800_000_000_000).unwrap();
        let id = RequestId::new(1_799_999_000_000, [7; 10]);
        let wanted = Wanted::of(&id.to_string(), now).unwrap();
        assert_eq!(
            wanted.began,
            DateTime::from_timestamp_millis(1_799_999_000_000)
        );
        assert_eq!(wanted.which.trace_id, id.uuid().simple().to_string());
        let trace = "0af7651916cd43dd8448eb211c80319c";
        let which = Wanted::of(trace, now).unwrap().which;
        assert_eq!((which.request_id, which.trace_id.as_str()), (None, trace));
        for wrong in ["", "ord_01h455vb4pex5vsknk084sn02q", "0af7", "%"] {
            assert!(Wanted::of(wrong, now).is_err(), "{wrong}");
        }
    }
}
