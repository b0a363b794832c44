//! What an event about plans, keys, tokens, the firewall and the pools' origins makes untrue at the edge, in the
//! feed's words. Whoever tells the edge of changes asks here; products have their own rules.

use serde::Deserialize;
use shared::api_key::KeyHash;
use shared::event::{Event, EventType};
use shared::feed::Untrue;
use shared::id::PlanId;
use shared::record;
use uuid::Uuid;

#[derive(Deserialize)]
struct Key {
    hash: KeyHash,
}

#[derive(Deserialize)]
struct Revoked {
    token_id: Option<String>,
    subject: Option<String>,
    before: i64,
    expires: i64,
}

/// What is no longer true. What can't be read is logged and tells nothing: it holds up no other change.
pub fn of(event: &Event, aggregate: Uuid) -> Vec<Untrue> {
    match event.kind {
        EventType::PlanUpdated | EventType::PlanDeleted => {
            vec![Untrue::Record(record::plan_name(PlanId::from_uuid(
                aggregate,
            )))]
        }
        EventType::ApiKeyUpdated | EventType::ApiKeyRevoked => read::<Key>(event)
            .map(|key| Untrue::Record(record::key_name(key.hash)))
            .into_iter()
            .collect(),
        EventType::FirewallUpdated => vec![Untrue::Record(record::FIREWALL.to_owned())],
        EventType::OriginsUpdated => vec![Untrue::Record(record::ORIGINS.to_owned())],
        EventType::TokenRevoked => read::<Revoked>(event).map(tokens).unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn tokens(revoked: Revoked) -> Vec<Untrue> {
    let Revoked {
        token_id,
        subject,
        before,
        expires,
    } = revoked;
    let token = token_id.map(|id| Untrue::Token { id, expires });
    let subject = subject.map(|subject| Untrue::Subject {
        subject,
        before,
        expires,
    });
    token.into_iter().chain(subject).collect()
}

fn read<T: serde::de::DeserializeOwned>(event: &Event) -> Option<T> {
    serde_json::from_value(event.data.clone())
        .inspect_err(|error| tracing::error!(%error, event = %event.id, "it can't be read"))
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::id::EventId;

    use super::*;

    #[test]
    fn events_name_what_they_make_untrue() {
        let hash = KeyHash([0xab; 32]);
        let plan = PlanId::from_uuid(Uuid::from_u128(7));
        let token = Untrue::Token {
            id: "tok_1".into(),
            expires: 9,
        };
        let subject = Untrue::Subject {
            subject: "usr_1".into(),
            before: 5,
            expires: 9,
        };
        let revoked = |token: Value, subject: Value| json!({"token_id": token, "subject": subject, "before": 5, "expires": 9});
        let key = || vec![Untrue::Record(format!("key:{}", "ab".repeat(32)))];
        for (kind, data, expected) in [
            (
                EventType::PlanUpdated,
                json!({}),
                vec![Untrue::Record(format!("plan:{plan}"))],
            ),
            (
                EventType::PlanDeleted,
                json!({}),
                vec![Untrue::Record(format!("plan:{plan}"))],
            ),
            (EventType::ApiKeyRevoked, json!({"hash": hash}), key()),
            (EventType::ApiKeyUpdated, json!({"hash": hash}), key()),
            (EventType::ApiKeyRevoked, json!({"hash": "x"}), vec![]),
            (
                EventType::TokenRevoked,
                revoked(json!("tok_1"), json!(null)),
                vec![token.clone()],
            ),
            (
                EventType::TokenRevoked,
                revoked(json!("tok_1"), json!("usr_1")),
                vec![token, subject],
            ),
            (
                EventType::FirewallUpdated,
                json!({"version": 1}),
                vec![Untrue::Record("firewall".into())],
            ),
            (
                EventType::OriginsUpdated,
                json!({"version": 1}),
                vec![Untrue::Record("origins".into())],
            ),
            (EventType::ProductUpdated, json!({}), vec![]),
        ] {
            let event = Event {
                id: EventId::from_uuid(Uuid::from_u128(1)),
                kind,
                schema_version: 1,
                aggregate_id: String::new(),
                data,
                created_at: String::new(),
            };
            assert_eq!(of(&event, plan.uuid()), expected, "{event:?}");
        }
    }
}
