//! Every fault of a request, what becomes of an answer, and that up and down undo each other.

use proptest::prelude::*;

use super::*;

fn pairs(faults: &[FieldError]) -> Vec<(&str, &str)> {
    faults
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code))
        .collect()
}

type Row = (
    Resource,
    Form,
    Value,
    Result<Value, Vec<(&'static str, &'static str)>>,
);

fn go_up(rows: Vec<Row>) {
    for (resource, form, body, expected) in rows {
        let found = up(resource, form, body.clone());
        let found = match &found {
            Ok(raised) => Ok(raised.clone()),
            Err(faults) => Err(pairs(faults)),
        };
        assert_eq!(found, expected, "{body}");
    }
}

fn usd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

#[test]
fn products_go_up_or_say_what_is_wrong() {
    use Form::Whole;
    use Resource::Product;
    go_up(vec![
        (
            Product,
            Whole,
            json!({"sku": "A", "price": "29.99", "currency": "USD", "name": "N"}),
            Ok(json!({"sku": "A", "price": usd(2_999), "name": "N"})),
        ),
        (
            Product,
            Whole,
            json!({"price": "100", "currency": "JPY"}),
            Ok(json!({"price": {"amount": 100, "currency": "JPY"}})),
        ),
        (
            Product,
            Whole,
            json!({"name": "N"}),
            Ok(json!({"name": "N"})),
        ),
        (Product, Whole, json!([1]), Ok(json!([1]))),
        (
            Product,
            Whole,
            json!({"price": null, "currency": "USD"}),
            Ok(json!({"price": null})),
        ),
        (
            Product,
            Whole,
            json!({"price": null}),
            Ok(json!({"price": null})),
        ),
        (
            Product,
            Whole,
            json!({"price": "29.99"}),
            Err(vec![("/currency", "required")]),
        ),
        (
            Product,
            Whole,
            json!({"price": 29.99, "currency": 7}),
            Err(vec![("/currency", "type"), ("/price", "type")]),
        ),
        (
            Product,
            Whole,
            json!({"price": {"amount": 1, "currency": "USD"}, "currency": "usd"}),
            Err(vec![("/currency", "format"), ("/price", "type")]),
        ),
        (
            Product,
            Whole,
            json!({"price": "29.999", "currency": "USD"}),
            Err(vec![("/price", "format")]),
        ),
        (
            Product,
            Whole,
            json!({"price": "99999999999999", "currency": "USD"}),
            Err(vec![("/price", "range")]),
        ),
    ]);
}

#[test]
fn patches_orders_and_payments_go_up_or_say_what_is_wrong() {
    use Form::{MergePatch, Whole};
    use Resource::{Order, Payment, Product};
    go_up(vec![
        (
            Product,
            MergePatch,
            json!({"price": "29.99"}),
            Ok(json!({"price": {"amount": 2_999}})),
        ),
        (
            Product,
            MergePatch,
            json!({"price": "1.234", "currency": "KWD"}),
            Ok(json!({"price": {"amount": 1_234, "currency": "KWD"}})),
        ),
        (
            Product,
            MergePatch,
            json!({"currency": "EUR"}),
            Err(vec![("/price", "required")]),
        ),
        (
            Order,
            MergePatch,
            json!({"note": null}),
            Ok(json!({"note": null})),
        ),
        (
            Order,
            Whole,
            json!({"items": [{"quantity": 2}], "expected_total": "59.98", "currency": "USD"}),
            Ok(json!({"items": [{"quantity": 2}], "expected_total": usd(5_998)})),
        ),
        (Order, Whole, json!({"items": []}), Ok(json!({"items": []}))),
        (
            Order,
            Whole,
            json!({"status": "complete"}),
            Ok(json!({"status": "confirmed"})),
        ),
        (
            Order,
            Whole,
            json!({"status": "cancelled"}),
            Ok(json!({"status": "cancelled"})),
        ),
        (
            Payment,
            Whole,
            json!({"amount": "5.00", "currency": "USD"}),
            Ok(json!({"amount": usd(500)})),
        ),
    ]);
}

#[test]
fn an_answer_of_another_shape_stays_as_it_is() {
    for body in [
        json!(null),
        json!("text"),
        json!({"price": "29.99", "name": 1}),
        json!({"price": {"amount": "x"}}),
        json!({"object": "list", "data": null}),
    ] {
        assert_eq!(down(Resource::Product, body.clone()), body);
    }
}

#[test]
fn problems_point_at_members_that_the_client_knows() {
    let document = json!({
        "status": 409,
        "errors": [
            {"pointer": "/expected_total/amount", "code": "range"},
            {"pointer": "/expected_total/currency", "code": "format"},
            {"pointer": "/expected_total", "code": "required"},
            {"pointer": "/items/0/quantity", "code": "range"},
        ],
        "error": {"param": "/expected_total/amount"},
        "total": {"amount": 5_998, "currency": "USD"},
        "current": "confirmed",
    });
    assert_eq!(
        problem_down(Resource::Order, document),
        json!({
            "status": 409,
            "errors": [
                {"pointer": "/expected_total", "code": "range"},
                {"pointer": "/currency", "code": "format"},
                {"pointer": "/expected_total", "code": "required"},
                {"pointer": "/items/0/quantity", "code": "range"},
            ],
            "error": {"param": "/expected_total"},
            "total": "59.98",
            "currency": "USD",
            "current": "complete",
        })
    );
}

fn currency() -> impl Strategy<Value = Currency> {
    prop_oneof!["USD", "JPY", "KWD", "CLF", "[A-Z]{3}"].prop_map(|code| code.parse().unwrap())
}

fn amount_of(currency: Currency) -> impl Strategy<Value = Money> {
    (0..=crate::money::AMOUNT_MAX).prop_map(move |amount| Money { amount, currency })
}

/// A product as version 2 has it; the members that no converter looks at may hold anything.
fn product() -> impl Strategy<Value = Value> {
    (currency().prop_flat_map(amount_of), ".*", any::<i64>()).prop_map(|(price, text, version)| {
        json!({"object": "product", "name": text, "price": price, "version": version})
    })
}

fn order() -> impl Strategy<Value = Value> {
    let money = |currency| (amount_of(currency), amount_of(currency));
    let items = move |currency| proptest::collection::vec(money(currency), 0..4);
    let statuses = prop_oneof![
        "pending",
        "processing",
        "confirmed",
        "fulfilled",
        "rejected"
    ];
    (currency().prop_flat_map(move |of| (amount_of(of), items(of))), statuses, ".*").prop_map(
        |((total, items), status, note)| {
            let items: Vec<_> = items
                .into_iter()
                .map(|(unit, line)| json!({"unit_price": unit, "line_total": line, "quantity": 1}))
                .collect();
            json!({"object": "order", "status": status, "items": items, "total": total, "note": note})
        },
    )
}

fn new_order() -> impl Strategy<Value = Value> {
    (
        proptest::option::of(currency().prop_flat_map(amount_of)),
        ".*",
    )
        .prop_map(|(total, note)| {
            let mut order =
                json!({"items": [{"product_id": "prd_1", "quantity": 1}], "note": note});
            if let Some(total) = total {
                order["expected_total"] = json!(total);
            }
            order
        })
}

fn raised(shape: &Shape, value: &Value) -> Value {
    let mut checks = Checks::default();
    let raised = raise(shape, Form::Whole, value.clone(), "", &mut checks);
    assert_eq!(checks.into_faults(), vec![], "{value}");
    raised
}

/// Down and up again is the same, and so is up and down again; texts compare the members' order too.
fn undo_each_other(shape: &Shape, new: &Value) {
    let old = lower(shape, new.clone());
    let up = raised(shape, &old);
    assert_eq!(up.to_string(), new.to_string());
    assert_eq!(lower(shape, up).to_string(), old.to_string());
}

proptest! {
    #[test]
    fn products_survive(product in product()) {
        undo_each_other(&PRODUCT, &product);
    }

    #[test]
    fn orders_survive(order in order()) {
        undo_each_other(&ORDER, &order);
    }

    #[test]
    fn new_orders_survive(order in new_order()) {
        undo_each_other(&ORDER_REQUEST, &order);
    }
}

#[test]
fn queries_of_orders_go_up() {
    for (resource, query, latest) in [
        (
            Resource::Order,
            "limit=2&status=complete",
            "limit=2&status=confirmed",
        ),
        // What a page of version 1 links to.
        (Resource::Order, "status=confirmed", "status=confirmed"),
        (Resource::Order, "status=odd&status", "status=odd&status"),
        (Resource::Order, "q=complete", "q=complete"),
        (Resource::Product, "status=complete", "status=complete"),
    ] {
        assert_eq!(query_up(resource, query), latest);
    }
}
