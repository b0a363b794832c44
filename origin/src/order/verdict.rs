//! What T1 refused, as problems that name the lines at fault.

use serde_json::json;
use shared::money::AMOUNT_MAX;
use shared::order::NewOrder;
use shared::problem::{Code, FieldError, Outcome, Problem};

use crate::store::order::{Line, Verdict};

/// The problem of a refusing verdict.
pub(super) fn problem(new: &NewOrder, verdict: Verdict) -> Problem {
    match verdict {
        Verdict::ProductUnavailable(lines) => {
            let errors = faults(new, &lines, "product_id", |line| {
                (!line.sold).then(|| {
                    (
                        "unavailable",
                        "the product does not exist or is no longer sold".to_owned(),
                        "Remove the line.".to_owned(),
                    )
                })
            });
            let detail = "At least one product can't be ordered; nothing was reserved or charged.";
            Problem::new(Code::ProductUnavailable, detail).with_errors(errors)
        }
        Verdict::OutOfStock(lines) => {
            let errors = faults(new, &lines, "quantity", |line| {
                let short = line.available < line.item.quantity.into();
                short.then(|| {
                    (
                        "out_of_stock",
                        format!(
                            "{} are ordered, {} are left",
                            line.item.quantity, line.available
                        ),
                        "Order fewer, or remove the line.".to_owned(),
                    )
                })
            });
            let detail = "At least one product has too few units; nothing was reserved or charged.";
            Problem::new(Code::OutOfStock, detail).with_errors(errors)
        }
        Verdict::PriceChanged(total) => Problem::new(
            Code::PriceChanged,
            "The order's total is not the expected one. Show `total` to the customer, and order \
             again.",
        )
        .with("total", json!(total)),
        // Not refusals; their callers have taken them out.
        Verdict::Accepted { .. } | Verdict::Known => {
            Problem::new(Code::Internal, "The fault is ours and has been logged.")
        }
    }
}

/// A constraint that only the request can have hit.
pub(super) fn violation(constraint: Option<&str>) -> Problem {
    match constraint {
        Some("inventory_available_not_negative") => {
            Problem::new(Code::OutOfStock, "At least one product has too few units.")
        }
        // Only an order that expects no total gets this far.
        Some("orders_total_range") => Problem::new(
            Code::BodyInvalid,
            "The body is not as documented; `errors` lists each fault with its fix.",
        )
        .with_errors(vec![FieldError {
            pointer: "/items".to_owned(),
            code: "range",
            detail: "the items cost more than one order may".to_owned(),
            fix: format!("Order for at most {AMOUNT_MAX} minor units at once."),
        }]),
        name => {
            tracing::error!(constraint = name, "T1 hit a constraint");
            Problem::new(Code::Internal, "The fault is ours and has been logged.")
                .with_outcome(Outcome::NotApplied)
        }
    }
}

/// The faulty lines, each at the place where the client wrote it.
fn faults(
    new: &NewOrder,
    lines: &[Line],
    member: &str,
    fault: impl Fn(&Line) -> Option<(&'static str, String, String)>,
) -> Vec<FieldError> {
    new.items
        .iter()
        .enumerate()
        .filter_map(|(place, item)| {
            let same = |line: &&Line| line.item.product_id == item.product_id;
            let (code, detail, fix) = fault(lines.iter().find(same)?)?;
            Some(FieldError {
                pointer: format!("/items/{place}/{member}"),
                code,
                detail,
                fix,
            })
        })
        .collect()
}
