//! Version 1: money is decimal text with a `currency` beside it, and a confirmed order is
//! `complete`.
//!
//! What differs is told by tables ([`Shape`]); two functions read them in both directions. In a
//! merge patch a price without its currency is read with two decimals, since only the origin knows
//! the currency that it is merged into.

use serde_json::{Map, Value, json};

use super::{Form, Resource};
use crate::body::Checks;
use crate::money::{Currency, DECIMALS_DEFAULT, InvalidDecimal, Money, minor_units};
use crate::problem::FieldError;

/// What differs in one kind of object.
struct Shape {
    /// Members that are money; `currency` stands behind the last of them and holds for all.
    money: &'static [&'static str],
    /// Members that name an order's status.
    statuses: &'static [&'static str],
    /// Members that are lists of objects.
    lists: &'static [(&'static str, &'static Shape)],
}

const NOTHING: Shape = Shape {
    money: &[],
    statuses: &[],
    lists: &[],
};
const PRODUCT: Shape = Shape {
    money: &["price"],
    ..NOTHING
};
const ITEM: Shape = Shape {
    money: &["unit_price", "line_total"],
    ..NOTHING
};
const ORDER: Shape = Shape {
    money: &["total"],
    statuses: &["status"],
    lists: &[("items", &ITEM)],
};
/// POST /orders, and PUT on an order's status.
const ORDER_REQUEST: Shape = Shape {
    money: &["expected_total"],
    statuses: &["status"],
    ..NOTHING
};
/// `price_changed` tells the total, `illegal_transition` two statuses.
const ORDER_PROBLEM: Shape = Shape {
    money: &["total"],
    statuses: &["current", "requested"],
    ..NOTHING
};
const PAYMENT: Shape = Shape {
    money: &["amount"],
    ..NOTHING
};

/// An order's status in version 1, and in version 2.
const STATUSES: [(&str, &str); 1] = [("complete", "confirmed")];

impl Resource {
    const fn request(self) -> &'static Shape {
        match self {
            Self::Product => &PRODUCT,
            Self::Order => &ORDER_REQUEST,
            Self::Payment => &PAYMENT,
        }
    }

    const fn answer(self) -> &'static Shape {
        match self {
            Self::Product => &PRODUCT,
            Self::Order => &ORDER,
            Self::Payment => &PAYMENT,
        }
    }

    const fn problem(self) -> &'static Shape {
        match self {
            Self::Order | Self::Payment => &ORDER_PROBLEM,
            Self::Product => &NOTHING,
        }
    }
}

/// Carries a query up: orders are asked for by their status.
pub(super) fn query_up(resource: Resource, query: &str) -> String {
    let up = |pair: &str| match pair.split_once('=') {
        Some(("status", name)) if resource == Resource::Order => {
            let known = STATUSES.iter().find(|(ours, _)| *ours == name);
            format!("status={}", known.map_or(name, |(_, latest)| latest))
        }
        _ => pair.to_owned(),
    };
    query.split('&').map(up).collect::<Vec<_>>().join("&")
}

pub(super) fn up(resource: Resource, form: Form, body: Value) -> Result<Value, Vec<FieldError>> {
    let mut checks = Checks::default();
    let raised = raise(resource.request(), form, body, "", &mut checks);
    let faults = checks.into_faults();
    if faults.is_empty() {
        Ok(raised)
    } else {
        Err(faults)
    }
}

pub(super) fn down(resource: Resource, body: Value) -> Value {
    let shape = resource.answer();
    match body {
        Value::Object(mut list) if list.get("object") == Some(&json!("list")) => {
            if let Some(data) = list.get_mut("data") {
                *data = each(data.take(), &mut |element| lower(shape, element));
            }
            Value::Object(list)
        }
        single => lower(shape, single),
    }
}

pub(super) fn problem_down(resource: Resource, document: Value) -> Value {
    let mut document = lower(resource.problem(), document);
    let rename = |pointer: &mut Value| {
        if let Some(old) = pointer.as_str().and_then(|text| renamed(resource, text)) {
            *pointer = Value::String(old);
        }
    };
    if let Some(errors) = document.get_mut("errors").and_then(Value::as_array_mut) {
        for error in errors {
            error.get_mut("pointer").into_iter().for_each(rename);
        }
    }
    let param = document
        .get_mut("error")
        .and_then(|error| error.get_mut("param"));
    param.into_iter().for_each(rename);
    document
}

/// `/price/amount` is `/price` here, and `/price/currency` is `/currency`.
fn renamed(resource: Resource, pointer: &str) -> Option<String> {
    let member = resource.request().money.iter().find_map(|member| {
        let rest = pointer.strip_prefix('/')?.strip_prefix(member)?;
        Some((member, rest))
    });
    match member {
        Some((member, "/amount")) => Some(format!("/{member}")),
        Some((_, "/currency")) => Some("/currency".to_owned()),
        _ => None,
    }
}

fn each(list: Value, change: &mut dyn FnMut(Value) -> Value) -> Value {
    match list {
        Value::Array(elements) => elements.into_iter().map(change).collect(),
        other => other,
    }
}

/// An object as version 1 has it.
fn lower(shape: &Shape, value: Value) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let money = |name: &str, value: &Value| {
        let held = shape.money.contains(&name).then_some(value)?;
        serde_json::from_value::<Money>(held.clone()).ok()
    };
    let mut left = members
        .iter()
        .filter_map(|(name, value)| money(name, value))
        .count();
    let mut lowered = Map::with_capacity(members.len().saturating_add(1));
    for (name, value) in members {
        if let Some(amount) = money(&name, &value) {
            lowered.insert(name, amount.decimal().into());
            left = left.saturating_sub(1);
            if left == 0 {
                lowered.insert("currency".into(), amount.currency.as_str().into());
            }
        } else if let Some((_, of)) = shape.lists.iter().find(|(list, _)| *list == name) {
            lowered.insert(name, each(value, &mut |element| lower(of, element)));
        } else {
            let status = shape.statuses.contains(&name.as_str());
            let old = STATUSES.iter().find(|(_, new)| status && value == *new);
            lowered.insert(name, old.map_or(value, |(old, _)| (*old).into()));
        }
    }
    Value::Object(lowered)
}

/// An object as version 2 has it.
fn raise(shape: &Shape, form: Form, value: Value, at: &str, checks: &mut Checks) -> Value {
    let Value::Object(members) = value else {
        return value;
    };
    let has_money = shape.money.iter().any(|name| members.contains_key(*name));
    let currency = currency(shape, form, &members, at, checks);
    let mut raised = Map::with_capacity(members.len());
    for (name, value) in members {
        let here = format!("{at}/{name}");
        if shape.money.contains(&name.as_str()) {
            raised.insert(name, amount(value, currency, &here, checks));
        } else if name == "currency" && has_money {
            // It went into each amount.
        } else if let Some((_, of)) = shape.lists.iter().find(|(list, _)| *list == name) {
            let mut place = 0_usize;
            let list = each(value, &mut |element| {
                let raised = raise(of, form, element, &format!("{here}/{place}"), checks);
                place = place.saturating_add(1);
                raised
            });
            raised.insert(name, list);
        } else {
            let status = shape.statuses.contains(&name.as_str());
            let new = STATUSES.iter().find(|(old, _)| status && value == *old);
            raised.insert(name, new.map_or(value, |(_, new)| (*new).into()));
        }
    }
    Value::Object(raised)
}

/// The currency of an object's amounts.
fn currency(
    shape: &Shape,
    form: Form,
    members: &Map<String, Value>,
    at: &str,
    checks: &mut Checks,
) -> Option<Currency> {
    let named = members.get("currency");
    let Some(money) = shape.money.iter().find(|name| members.contains_key(**name)) else {
        // Alone it would turn an amount into another one.
        if let (Some(first), Form::MergePatch, Some(_)) = (shape.money.first(), form, named) {
            checks.fault(
                &format!("{at}/{first}"),
                "required",
                format!("a currency without its `{first}`"),
                format!("Send `{first}` with it, as decimal text."),
            );
        }
        return None;
    };
    let pointer = format!("{at}/currency");
    let fix = "Send an ISO 4217 code of three upper-case letters, such as USD.".to_owned();
    match named {
        Some(Value::String(code)) => match code.parse() {
            Ok(currency) => return Some(currency),
            Err(_) => checks.fault(&pointer, "format", "not a currency".to_owned(), fix),
        },
        Some(_) => checks.fault(&pointer, "type", "the currency is not text".to_owned(), fix),
        None if form == Form::Whole && members.get(*money) != Some(&Value::Null) => {
            let detail = format!("the currency of `{money}` is missing");
            checks.fault(&pointer, "required", detail, fix);
        }
        None => {}
    }
    None
}

/// Decimal text as money. Without a currency it is what a merge patch adds to the amount.
fn amount(value: Value, currency: Option<Currency>, at: &str, checks: &mut Checks) -> Value {
    let text = match &value {
        Value::String(text) => text,
        Value::Null => return value,
        _ => {
            checks.fault(
                at,
                "type",
                "the amount is not decimal text".to_owned(),
                "Send it as text in major units, such as \"29.99\".".to_owned(),
            );
            return value;
        }
    };
    let decimals = currency.map_or(DECIMALS_DEFAULT, Currency::decimals);
    match minor_units(text, decimals) {
        Ok(amount) => match currency {
            Some(currency) => json!({"amount": amount, "currency": currency}),
            None => json!({"amount": amount}),
        },
        Err(fault) => {
            let (code, fix) = match fault {
                InvalidDecimal::NotDecimal => ("format", "Send digits, such as \"29.99\".".into()),
                InvalidDecimal::TooFine => (
                    "format",
                    format!("Send at most {decimals} digits behind the point."),
                ),
                InvalidDecimal::TooLarge => ("range", "Send a smaller amount.".to_owned()),
            };
            checks.fault(at, code, fault.to_string(), fix);
            value
        }
    }
}

#[cfg(test)]
mod tests;
