//! The AsyncAPI 3.1 document of the events: one message a type and version, in the envelope that
//! queues carry. Its schemas are the OpenAPI document's, so that the two can't drift apart.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use shared::event::EventType;

use crate::openapi;

/// What the data of a type is, by the name of its schema, and what has happened. `None` for what
/// nobody outside hears of.
const fn told(kind: EventType) -> Option<(&'static str, &'static str)> {
    use EventType::{
        ApiKeyRevoked, ApiKeyUpdated, CachePurgeRequested, FirewallUpdated, InventoryLow,
        OrderCancelled, OrderConfirmed, OrderCreated, OrderFulfilled, OrderRefunded, OrderRejected,
        OriginsUpdated, PaymentFailed, PlanDeleted, PlanUpdated, ProductCreated, ProductDeleted,
        ProductUpdated, TokenRevoked,
    };
    Some(match kind {
        OrderCreated => ("Order", "An order was accepted; its payment is under way."),
        OrderConfirmed => ("Order", "An order's payment succeeded."),
        PaymentFailed => ("Order", "An order's payment was declined."),
        OrderCancelled => ("Order", "An order was called off."),
        OrderFulfilled => ("Order", "An order was sent."),
        OrderRefunded => ("Order", "What was paid for an order was paid back."),
        OrderRejected => (
            "Order",
            "An order was refused after it was accepted for later.",
        ),
        ProductCreated => ("Product", "A product was created."),
        ProductUpdated => ("Product", "A product, or its class of stock, has changed."),
        ProductDeleted => ("Product", "A product was deleted."),
        InventoryLow => (
            "Inventory",
            "A product has fallen into a scarcer class of stock.",
        ),
        CachePurgeRequested | PlanUpdated | PlanDeleted | ApiKeyUpdated | ApiKeyRevoked
        | TokenRevoked | FirewallUpdated | OriginsUpdated => return None,
    })
}

/// The document.
pub fn document() -> serde_json::Result<Value> {
    let api = openapi::document()?;
    let (mut messages, mut named) = (Map::new(), Map::new());
    let mut wanted = BTreeSet::new();
    for kind in EventType::ALL {
        let Some((schema, summary)) = told(kind) else {
            continue;
        };
        wanted.insert(schema.to_owned());
        let name = kind.as_str();
        named.insert(name.to_owned(), reference("messages", name));
        messages.insert(name.to_owned(), message(kind, schema, summary));
    }
    let mut schemas = taken(&api, wanted);
    schemas.insert("Inventory".to_owned(), inventory(&api));
    let references: Vec<_> = named
        .keys()
        .map(|name| json!({"$ref": format!("#/channels/events/messages/{name}")}))
        .collect();
    Ok(json!({
        "asyncapi": "3.1.0",
        "info": {
            "title": "Headgate events",
            "version": api["info"]["version"],
            "description": "What happened in the shop. Each event is delivered at least once, with the \
                same id every time; events of one `aggregate_id` come in their order where the \
                receiver's queue keeps one. A new `schema_version` is a breaking change of `data`; \
                members may be added without one.",
            "contact": api["info"]["contact"],
            "license": {"name": "Apache-2.0"},
            "tags": [{"name": "events", "description": "What happened in the shop."}],
        },
        "servers": {
            "nats": {"host": "nats.example:4222", "protocol": "nats",
                "description": "Where the shop's events go through NATS JetStream."},
            "sqs": {"host": "sqs.eu-central-1.amazonaws.com", "protocol": "sqs",
                "description": "Where they go through Amazon SQS."},
        },
        "defaultContentType": "application/json",
        "channels": {"events": {
            "description": "The log of events: one queue or subscription a consumer.",
            "messages": named,
        }},
        "operations": {"receiveEvents": {
            "action": "receive",
            "channel": {"$ref": "#/channels/events"},
            "summary": "Hear of what happened.",
            "description": "A consumer's own messages, each until it is done.",
            "messages": references,
        }},
        "components": {"messages": messages, "schemas": schemas},
    }))
}

/// The document as indented JSON.
pub fn pretty() -> serde_json::Result<String> {
    serde_json::to_string_pretty(&document()?)
}

fn reference(folder: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{folder}/{name}")})
}

fn message(kind: EventType, schema: &str, summary: &str) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "name": kind.as_str(),
        "title": kind.as_str(),
        "summary": summary,
        "payload": {
            "type": "object",
            "required": ["id", "type", "schema_version", "aggregate_id", "data", "created_at"],
            "properties": {
                "id": text("The same in every delivery: what was seen before can be dropped by it."),
                "type": {"const": kind.as_str()},
                "schema_version": {"const": kind.schema_version()},
                "aggregate_id": text("To what it happened."),
                "data": reference("schemas", schema),
                "created_at": {"type": "string", "format": "date-time",
                    "description": "When it happened, UTC."},
            },
        },
    })
}

/// `inventory.low` is told by the database, so its shape stands here.
fn inventory(api: &Value) -> Value {
    let product = &api["components"]["schemas"]["Product"]["properties"];
    json!({
        "type": "object",
        "required": ["object", "id", "sku", "name", "availability", "available"],
        "properties": {
            "object": {"const": "inventory"},
            "id": product["id"],
            "sku": product["sku"],
            "name": product["name"],
            "availability": product["availability"],
            "available": {"type": "integer", "description": "Units that are left."},
        },
    })
}

/// These schemas of the API, and those that they refer to.
fn taken(api: &Value, wanted: BTreeSet<String>) -> Map<String, Value> {
    let all = &api["components"]["schemas"];
    let mut open: Vec<_> = wanted.into_iter().collect();
    // What `inventory` takes from a product.
    open.push("Product".to_owned());
    let mut found = Map::new();
    while let Some(name) = open.pop() {
        let schema = &all[&name];
        if schema.is_null() || found.contains_key(&name) {
            continue;
        }
        refers(schema, &mut open);
        found.insert(name, schema.clone());
    }
    found
}

fn refers(node: &Value, to: &mut Vec<String>) {
    match node {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            let name = target.and_then(|target| target.strip_prefix("#/components/schemas/"));
            to.extend(name.map(str::to_owned));
            members.values().for_each(|member| refers(member, to));
        }
        Value::Array(items) => items.iter().for_each(|item| refers(item, to)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_leaves_the_platform_is_told_with_its_version() {
        let document = document().unwrap();
        let messages = document["components"]["messages"].as_object().unwrap();
        for kind in EventType::ALL {
            let message = messages.get(kind.as_str());
            assert_eq!(message.is_none(), kind.is_internal(), "{kind:?}");
            let Some(message) = message else {
                continue;
            };
            let version = &message["payload"]["properties"]["schema_version"]["const"];
            assert_eq!(version, kind.schema_version());
        }
        assert_eq!(
            document["operations"]["receiveEvents"]["messages"]
                .as_array()
                .unwrap()
                .len(),
            messages.len()
        );
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let text = pretty().unwrap();
        let document = document().unwrap();
        let mut count = 0;
        for reference in text.split("\"$ref\": \"#").skip(1) {
            let pointer = reference.split('"').next().unwrap();
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            count += 1;
        }
        assert!(count > 20, "{count}");
    }
}
