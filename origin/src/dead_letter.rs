//! Dead letters as operators see and settle them, by the API or by the command.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::body::{Check, Checks};
use shared::id::{DeadLetterId, EventId};
use shared::problem::{Code, Problem};
use sqlx::PgPool;

use crate::platform::{Platform, rfc3339};
use crate::refusal::Refusal;
use crate::store::dead_letters::{self, Filter, Letter};

/// Most letters that one request redrives.
pub const REDRIVE_MAX: i64 = 10_000;
/// Redriven letters a second, unless asked otherwise.
pub const RATE_DEFAULT: i64 = 50;
/// Most redriven letters a second.
pub const RATE_MAX: i64 = 1000;
/// Longest reason, in characters.
pub const REASON_CHARS_MAX: usize = 500;
/// Longest name of a consumer or a type.
pub const NAME_CHARS_MAX: usize = 64;

/// What may become of a letter.
pub const STATUSES: [&str; 4] = ["dead", "redriven", "done", "discarded"];

/// What was to be delivered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct LetterEvent {
    /// Its id, the same in every delivery.
    pub id: EventId,
    /// Its type.
    #[schema(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    pub r#type: String,
    /// Which version of the type's data it holds.
    #[schema(minimum = 1)]
    pub schema_version: i16,
    /// What is delivered when it is redriven.
    #[schema(value_type = Object)]
    pub data: Value,
    /// When it happened.
    pub created_at: String,
}

/// A try that failed.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Attempt {
    /// When.
    #[schema(format = DateTime, max_length = 24)]
    pub at: String,
    /// Why.
    #[schema(max_length = 2000, pattern = r"^[\s\S]*$")]
    pub error: String,
}

/// A change of what is delivered.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Edit {
    /// When.
    #[schema(format = DateTime, max_length = 24)]
    pub at: String,
    /// By whom.
    #[schema(max_length = 255, pattern = r"^[\s\S]*$")]
    pub by: String,
    /// The data before it.
    #[schema(value_type = Object)]
    pub data: Value,
}

/// An event that a consumer gave up.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeadLetter {
    /// Always `dead_letter`.
    object: &'static str,
    /// Its id.
    pub id: DeadLetterId,
    /// Who gave it up.
    #[schema(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    pub consumer: String,
    /// What became of it: `dead`, `redriven` (it is being tried again), `done`, or `discarded`.
    #[schema(max_length = 20, pattern = "^[a-z_]+$")]
    pub status: String,
    /// Why it was given up: `tries`, `permanent`, `worker_lost`, or `schema_unknown`.
    #[schema(max_length = 20, pattern = "^[a-z_]+$")]
    pub reason: String,
    /// The last error.
    #[schema(max_length = 2000, pattern = r"^[\s\S]*$")]
    pub error: String,
    /// How often it was tried.
    #[schema(minimum = 0)]
    pub attempts: i32,
    /// Its tries, the newest last; the oldest are forgotten.
    #[schema(max_items = 50)]
    pub history: Vec<Attempt>,
    /// What was to be delivered.
    pub event: LetterEvent,
    /// The trace that it belongs to [W3C Trace Context].
    #[schema(required, max_length = 55, pattern = "^[0-9a-f-]+$")]
    pub traceparent: Option<String>,
    /// Edits of its data, the newest last.
    #[schema(max_items = 1000)]
    pub edits: Vec<Edit>,
    /// Why it was discarded.
    #[schema(required)]
    pub note: Option<String>,
    /// When it was given up.
    pub died_at: String,
    /// When that ended, or null.
    #[schema(required)]
    pub settled_at: Option<String>,
}

impl From<Letter> for DeadLetter {
    fn from(letter: Letter) -> Self {
        Self {
            object: "dead_letter",
            id: DeadLetterId::from_uuid(letter.id),
            consumer: letter.consumer,
            status: letter.status,
            reason: letter.reason,
            error: letter.error,
            attempts: letter.attempts,
            // We wrote it; what could not be read would be left out.
            history: serde_json::from_value(letter.history).unwrap_or_default(),
            event: LetterEvent {
                id: EventId::from_uuid(letter.event_id),
                r#type: letter.r#type,
                schema_version: letter.schema_version,
                data: letter.payload,
                created_at: rfc3339(letter.created_at),
            },
            traceparent: letter.traceparent,
            edits: edits(&letter.edits),
            note: letter.note,
            died_at: rfc3339(letter.died_at),
            settled_at: letter.settled_at.map(rfc3339),
        }
    }
}

fn edits(kept: &Value) -> Vec<Edit> {
    let text = |edit: &Value, name: &str| edit[name].as_str().unwrap_or_default().to_owned();
    let edits = kept.as_array().into_iter().flatten();
    edits
        .map(|edit| Edit {
            at: text(edit, "at"),
            by: text(edit, "by"),
            data: edit["payload"].clone(),
        })
        .collect()
}

/// Which letters are tried again, and how fast: without a filter all that are dead.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Redrive {
    /// Of this consumer.
    #[serde(default)]
    #[schema(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    pub consumer: Option<String>,
    /// Of this type.
    #[serde(default)]
    #[schema(max_length = 64, pattern = "^[a-z0-9_.-]+$")]
    pub r#type: Option<String>,
    /// How many a second.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1000, default = 50)]
    pub per_second: Option<i64>,
}

impl Check for Redrive {
    fn check(&self, checks: &mut Checks) {
        for (pointer, text) in [("/consumer", &self.consumer), ("/type", &self.r#type)] {
            if text.as_deref().is_some_and(|text| !is_name(text)) {
                checks.fault(
                    pointer,
                    "format",
                    "not such a name".to_owned(),
                    format!("Send 1 to {NAME_CHARS_MAX} of a-z, 0-9, `_`, `-` and `.`."),
                );
            }
        }
        let rate = self.per_second.unwrap_or(RATE_DEFAULT);
        checks.range("/per_second", rate, 1, RATE_MAX);
    }
}

/// Whether a consumer or a type may be called that.
pub fn is_name(text: &str) -> bool {
    let fits =
        |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || "_-.".contains(char);
    (1..=NAME_CHARS_MAX).contains(&text.len()) && text.chars().all(fits)
}

/// Other data for an event.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewData {
    /// All of the data that is to be delivered.
    #[schema(value_type = Object)]
    pub data: serde_json::Map<String, Value>,
}

impl Check for NewData {
    fn check(&self, checks: &mut Checks) {
        if self
            .data
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value))
        {
            checks.fault(
                "/data",
                "format",
                "it holds U+0000, which Postgres can't keep".to_owned(),
                "Remove the character.".to_owned(),
            );
        }
    }
}

fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(holds_nul),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| name.contains('\0') || holds_nul(value)),
        _ => false,
    }
}

/// Why a letter is not to be delivered.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Discard {
    /// For whoever looks at it later.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"^[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*\S[^\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]*$"
    )]
    pub reason: String,
}

impl Check for Discard {
    fn check(&self, checks: &mut Checks) {
        checks.text("/reason", &self.reason, 1, REASON_CHARS_MAX);
    }
}

/// What a redrive set going.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Redriven {
    /// Always `dead_letter_redrive`.
    object: &'static str,
    /// How many letters are tried again.
    #[schema(minimum = 0, maximum = 10_000)]
    pub redriven: i64,
    /// Whether more of them are dead: send the request again.
    pub more: bool,
    /// When the last of them is due.
    pub due_at: String,
}

/// Which letters, as operators name them.
pub fn filter(consumer: Option<&str>, kind: Option<&str>, status: Option<&str>) -> Filter {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Filter {
        consumer: owned(consumer),
        kind: owned(kind),
        status: owned(status),
        ..Filter::default()
    }
}

/// One letter.
pub async fn read(pool: &PgPool, id: DeadLetterId) -> Result<DeadLetter, Refusal> {
    let letter = dead_letters::read(pool, id.uuid()).await?;
    letter.map(DeadLetter::from).ok_or(Refusal::NotFound)
}

/// What an operator does with one letter.
#[derive(Debug)]
pub enum Settling<'a> {
    /// Has it tried again.
    Redrive,
    /// Has it tried again with other data.
    Edit {
        /// The data.
        data: Value,
        /// Who says so.
        by: &'a str,
    },
    /// Ends it without a delivery.
    Discard {
        /// Why.
        reason: &'a str,
    },
}

/// Settles a letter that is dead, and shows it.
pub async fn settle(
    pool: &PgPool,
    platform: &Platform,
    id: DeadLetterId,
    settling: Settling<'_>,
) -> Result<DeadLetter, Refusal> {
    let now = platform.now();
    let mut transaction = pool.begin().await?;
    let letter = dead_letters::lock(&mut transaction, id.uuid()).await?;
    let letter = letter.ok_or(Refusal::NotFound)?;
    if letter.status != "dead" {
        return Err(settled(&letter).into());
    }
    match settling {
        Settling::Redrive => {
            dead_letters::redrive(&mut transaction, id.uuid(), now, now).await?;
        }
        Settling::Edit { data, by } => {
            dead_letters::edit(&mut transaction, id.uuid(), &data, by, now).await?;
            dead_letters::redrive(&mut transaction, id.uuid(), now, now).await?;
        }
        Settling::Discard { reason } => {
            dead_letters::discard(&mut transaction, id.uuid(), reason, now).await?;
        }
    }
    transaction.commit().await?;
    read(pool, id).await
}

fn settled(letter: &Letter) -> Problem {
    let detail = format!(
        "The letter is `{}`; only one that is `dead` can be redriven, edited or discarded.",
        letter.status
    );
    Problem::new(Code::DeadLetterSettled, detail).with("letter_status", json!(letter.status))
}

/// Has all dead letters of a filter tried again, the oldest first, spread over time by the rate.
pub async fn redrive(
    pool: &PgPool,
    platform: &Platform,
    filter: &Filter,
    per_second: i64,
) -> sqlx::Result<Redriven> {
    let now = platform.now();
    let mut transaction = pool.begin().await?;
    let ids = dead_letters::dead(&mut transaction, filter, REDRIVE_MAX).await?;
    let mut last = now;
    for (place, id) in ids.iter().enumerate() {
        last = due(now, place, per_second);
        dead_letters::redrive(&mut transaction, *id, last, now).await?;
    }
    transaction.commit().await?;
    let redriven = i64::try_from(ids.len()).unwrap_or(REDRIVE_MAX);
    Ok(Redriven {
        object: "dead_letter_redrive",
        redriven,
        more: redriven == REDRIVE_MAX,
        due_at: rfc3339(last),
    })
}

/// When the letter of that place is due.
fn due(now: DateTime<Utc>, place: usize, per_second: i64) -> DateTime<Utc> {
    let place = i64::try_from(place).unwrap_or(i64::MAX);
    now + TimeDelta::milliseconds(place.saturating_mul(1000) / per_second.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_due_at_their_rate() {
        let now = DateTime::from_timestamp_millis(0).unwrap();
        for (place, per_second, ms) in [(0, 50, 0), (1, 50, 20), (50, 50, 1000), (9999, 1000, 9999)]
        {
            let due = due(now, place, per_second);
            assert_eq!(due.timestamp_millis(), ms, "{place} at {per_second}");
        }
    }
}
