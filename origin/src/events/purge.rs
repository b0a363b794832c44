//! Tells the edge which copies are no longer true.
//!
//! What an event makes untrue (the routes of products tag their answers accordingly):
//! 1. `product.created`: every list and search, and those of its category.
//! 2. `product.updated`: its own page and every list that shows it, by the product's tag, and the
//!    lists of its category, in which it may now stand elsewhere. The lists of a category that it
//!    left show it, so they carry its tag.
//! 3. `product.deleted`: all of these.
//! 4. `cache.purge_requested`: what an admin asked for.
//! 5. Plans, keys, revoked tokens, and what else the edge has records of: by [`untrue`].
//!
//! The cache that processes share is told of products as well, once for all of them, behind the edge: it is
//! judged by labels like every copy, so this spares it what nobody will be answered with, and no more.
//!
//! A step's events are told together, each name once, with the position in the database's log that
//! fills have to reach ([`log::mark`]). The inbox rows are written behind the edge's word, so a crash
//! in between tells again, which is harmless. The edge is down: the step is tried again and grows
//! meanwhile; nothing else waits for it.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use serde::Deserialize;
use shared::event::EventType;
use shared::feed::{NOTICE_BYTES_MAX, Notice, Position, UNTRUE_MAX, Untrue};
use shared::id::ProductId;
use sqlx::PgConnection;

use super::{Consumer, untrue};
use crate::feed::FeedDoor;
use crate::platform::Platform;
use crate::reads::cache::SharedCache;
use crate::store::log;
use crate::store::outbox::Delivery;
use crate::trace;

/// What a notice has around its names, in bytes.
const ENVELOPE_BYTES: usize = 100;
/// What a product's tag begins with.
const PRODUCT: &str = "product:";

/// The consumer.
pub struct Purge {
    door: Option<Arc<dyn FeedDoor>>,
    cache: Option<Arc<SharedCache>>,
    platform: Platform,
}

impl Purge {
    /// Tells through this door. Without one it hears nothing, and its subscription moves on all the
    /// same: a door that is opened later does not hear of months.
    pub fn new(
        door: Option<Arc<dyn FeedDoor>>,
        cache: Option<Arc<SharedCache>>,
        platform: Platform,
    ) -> Self {
        Self {
            door,
            cache,
            platform,
        }
    }
}

#[async_trait]
impl Consumer for Purge {
    fn name(&self) -> &'static str {
        "purge"
    }

    fn kinds(&self) -> &'static [EventType] {
        if self.door.is_none() {
            return &[];
        }
        &[
            EventType::ProductCreated,
            EventType::ProductUpdated,
            EventType::ProductDeleted,
            EventType::CachePurgeRequested,
            EventType::PlanUpdated,
            EventType::PlanDeleted,
            EventType::ApiKeyUpdated,
            EventType::ApiKeyRevoked,
            EventType::TokenRevoked,
            EventType::FirewallUpdated,
            EventType::OriginsUpdated,
        ]
    }

    fn takes_whole_steps(&self) -> bool {
        true
    }

    async fn deliver(
        &self,
        delivery: &Delivery,
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        self.deliver_all(std::slice::from_ref(delivery), connection)
            .await
    }

    async fn deliver_all(
        &self,
        deliveries: &[Delivery],
        connection: &mut PgConnection,
    ) -> anyhow::Result<()> {
        let (Some(door), Some(oldest)) = (&self.door, deliveries.first()) else {
            return Ok(());
        };
        // The tick has seen all of these events, so everybody who reads from here on does.
        let position = log::mark(connection).await?;
        let notices = notices(deliveries, position);
        for notice in &notices {
            let telling = async {
                let ours = trace::traceparent();
                let trace = ours.as_deref().or(oldest.traceparent.as_deref());
                door.tell(notice, trace).await
            };
            let count = notice.untrue.len().to_string();
            trace::part("purge tell", &[("headgate.names", count.as_str())], telling).await?;
            if let Some(cache) = &self.cache {
                cache.changed(&products(notice), position).await;
            }
        }
        let since = DateTime::parse_from_rfc3339(&oldest.event.created_at).ok();
        let lag = since.map(|since| (self.platform.now() - since.to_utc()).num_milliseconds());
        tracing::info!(
            events = deliveries.len(),
            names = notices
                .iter()
                .map(|notice| notice.untrue.len())
                .sum::<usize>(),
            position = position.0,
            lag_ms = lag,
            trace = oldest.traceparent,
            "the edge was told"
        );
        Ok(())
    }
}

/// What an admin asks for, as the event holds it.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    tags: Vec<String>,
    urls: Vec<String>,
    everything: bool,
    soft: bool,
}

/// Names in the order in which they came, each once.
#[derive(Debug, Default)]
struct Names {
    known: HashSet<Untrue>,
    all: Vec<Untrue>,
}

impl Names {
    fn add(&mut self, name: Untrue) {
        if self.known.insert(name.clone()) {
            self.all.push(name);
        }
    }

    /// Everything includes every other copy; records and tokens are no copies.
    fn finish(mut self) -> Vec<Untrue> {
        if self.known.contains(&Untrue::Everything) {
            self.all
                .retain(|name| !matches!(name, Untrue::Tag(_) | Untrue::Url(_)));
        }
        self.all
    }
}

/// All that the events make untrue, in as few notices as hold it: what may answer while it is
/// fetched anew is told apart from what may not.
fn notices(deliveries: &[Delivery], position: Position) -> Vec<Notice> {
    let (mut hard, mut soft) = (Names::default(), Names::default());
    for delivery in deliveries {
        name(delivery, &mut hard, &mut soft);
    }
    let mut notices = Vec::new();
    for (names, soft) in [(hard, false), (soft, true)] {
        let mut untrue = Vec::new();
        let mut bytes = ENVELOPE_BYTES;
        for name in names.finish() {
            let length = serde_json::to_vec(&name).map_or(0, |bytes| bytes.len() + 1);
            if untrue.len() >= UNTRUE_MAX || bytes + length > NOTICE_BYTES_MAX {
                notices.push(Notice {
                    untrue: std::mem::take(&mut untrue),
                    position: Some(position),
                    soft,
                });
                bytes = ENVELOPE_BYTES;
            }
            bytes += length;
            untrue.push(name);
        }
        if !untrue.is_empty() {
            notices.push(Notice {
                untrue,
                position: Some(position),
                soft,
            });
        }
    }
    notices
}

/// The products that a notice names.
fn products(notice: &Notice) -> Vec<ProductId> {
    let names = notice.untrue.iter().filter_map(|name| match name {
        Untrue::Tag(tag) => tag.strip_prefix(PRODUCT)?.parse().ok(),
        _ => None,
    });
    names.collect()
}

/// Adds what one event makes untrue.
fn name(delivery: &Delivery, hard: &mut Names, soft: &mut Names) {
    let event = &delivery.event;
    let product = format!("{PRODUCT}{}", ProductId::from_uuid(delivery.aggregate));
    let category = event.data.get("category").and_then(|value| value.as_str());
    let category = category.map(|slug| Untrue::Tag(format!("category:{slug}")));
    let lists = Untrue::Tag("products".to_owned());
    let names = match event.kind {
        EventType::ProductCreated => vec![Some(lists), category],
        EventType::ProductUpdated => vec![Some(Untrue::Tag(product)), category],
        EventType::ProductDeleted => vec![Some(Untrue::Tag(product)), category, Some(lists)],
        EventType::CachePurgeRequested => {
            // What can't be read is no reason to hold up every other change.
            let asked: Asked = serde_json::from_value(event.data.clone()).unwrap_or_else(|error| {
                tracing::error!(%error, event = %event.id, "a purge can't be read");
                Asked::default()
            });
            let names = if asked.soft { soft } else { hard };
            asked
                .tags
                .into_iter()
                .map(Untrue::Tag)
                .for_each(|name| names.add(name));
            asked
                .urls
                .into_iter()
                .map(Untrue::Url)
                .for_each(|name| names.add(name));
            if asked.everything {
                names.add(Untrue::Everything);
            }
            return;
        }
        _ => {
            let names = untrue::of(event, delivery.aggregate);
            for name in names {
                hard.add(name);
            }
            return;
        }
    };
    names.into_iter().flatten().for_each(|name| hard.add(name));
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use shared::event::Event;
    use shared::id::EventId;
    use uuid::Uuid;

    use super::*;

    fn delivery(kind: EventType, product: u128, data: Value) -> Delivery {
        Delivery {
            event: Event {
                id: EventId::from_uuid(Uuid::from_u128(1)),
                kind,
                schema_version: 1,
                aggregate_id: String::new(),
                data,
                created_at: "2026-11-24T00:00:00.000Z".to_owned(),
            },
            aggregate: Uuid::from_u128(product),
            seq: 1,
            traceparent: None,
            attempts: 0,
        }
    }

    /// Tags as they are, URLs as they are, `*` for everything; `~` before a soft notice.
    fn told(deliveries: &[Delivery]) -> Vec<String> {
        let shown = |notice: Notice| {
            let names = notice.untrue.into_iter().map(|name| match name {
                Untrue::Tag(name) | Untrue::Url(name) => name,
                Untrue::Everything => "*".to_owned(),
                other => format!("{other:?}"),
            });
            let names = names.collect::<Vec<_>>().join(" ");
            format!("{}{names}", if notice.soft { "~" } else { "" })
        };
        notices(deliveries, Position(7))
            .into_iter()
            .map(shown)
            .collect()
    }

    #[test]
    fn events_name_what_they_make_untrue() {
        use EventType::{
            CachePurgeRequested as Asked, OrderCreated, ProductCreated as Created,
            ProductDeleted as Deleted, ProductUpdated as Updated,
        };
        let tea = || json!({"category": "tea"});
        let one = format!("product:{}", ProductId::from_uuid(Uuid::from_u128(1)));
        let asked = |soft: bool, everything: bool| json!({"tags": ["a", "b"], "urls": ["/x?y=1"], "everything": everything, "soft": soft});
        for (events, expected) in [
            (
                vec![(Created, tea())],
                vec!["products category:tea".to_owned()],
            ),
            (vec![(Updated, tea())], vec![format!("{one} category:tea")]),
            (
                vec![(Deleted, tea())],
                vec![format!("{one} category:tea products")],
            ),
            (vec![(Updated, json!({}))], vec![one.clone()]),
            (vec![(OrderCreated, tea())], vec![]),
            (
                vec![
                    (Updated, tea()),
                    (Updated, json!({"category": "cups"})),
                    (Updated, tea()),
                ],
                vec![format!("{one} category:tea category:cups")],
            ),
            (
                vec![(Asked, asked(false, false))],
                vec!["a b /x?y=1".to_owned()],
            ),
            (
                vec![(Asked, asked(true, false)), (Updated, tea())],
                vec![format!("{one} category:tea"), "~a b /x?y=1".to_owned()],
            ),
            (
                vec![(Updated, tea()), (Asked, asked(false, true))],
                vec!["*".to_owned()],
            ),
            (vec![(Asked, json!({"tags": 1}))], vec![]),
        ] {
            let events: Vec<_> = events
                .into_iter()
                .map(|(kind, data)| delivery(kind, 1, data))
                .collect();
            assert_eq!(told(&events), expected, "{events:?}");
        }
    }

    #[test]
    fn products_are_found_in_a_notice() {
        let one = ProductId::from_uuid(Uuid::from_u128(1));
        let tag = |tag: &str| Untrue::Tag(tag.to_owned());
        let notice = Notice {
            untrue: vec![
                tag("products"),
                tag("category:tea"),
                tag(&format!("product:{one}")),
                tag("product:of-an-admins-own"),
                Untrue::Url("/products".to_owned()),
                Untrue::Everything,
            ],
            position: Some(Position(7)),
            soft: false,
        };
        assert_eq!(products(&notice), [one]);
    }

    #[test]
    fn no_notice_is_larger_than_the_edge_takes() {
        let many: Vec<_> = (0..1200)
            .map(|number| {
                let slug = format!("{number:0>100}");
                delivery(EventType::ProductUpdated, number, json!({"category": slug}))
            })
            .collect();
        let urls: Vec<_> = (0..100).map(|number| format!("/{number:0>2000}")).collect();
        let asked = json!({"tags": [], "urls": urls, "everything": false, "soft": true});
        let asked = delivery(EventType::CachePurgeRequested, 1, asked);
        let all: Vec<_> = many.into_iter().chain([asked]).collect();
        let mut names = 0;
        for notice in notices(&all, Position(7)) {
            let bytes = serde_json::to_vec(&notice).unwrap();
            assert_eq!(Notice::read(&bytes).as_ref(), Some(&notice));
            assert_eq!(notice.position, Some(Position(7)));
            names += notice.untrue.len();
        }
        assert_eq!(names, 2400 + 100);
    }
}
