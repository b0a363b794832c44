//! Which operation an answer leads to, and with which of its values [OpenAPI 3.1 §4.8.20]: readers
//! see how the resources hang together, and tools can walk from one to the next. None leads from a list:
//! an empty one has no row to lead from, and a link can't say so.

use serde_json::{Map, Value, json};

/// The id of a resource that was answered.
const ID: Taken = ("path.id", "$response.body#/id");
/// What a change must name: the tag of the state that was answered.
const STATE: Taken = ("header.If-Match", "$response.header.ETag");
/// The user of the path, once more.
const USER: Taken = ("path.id", "$request.path.id");
/// The payment of an order that was answered.
const PAYMENT: Taken = ("path.id", "$response.body#/payment/id");
/// The order of a payment that was answered.
const ORDER: Taken = ("path.id", "$response.body#/order_id");
/// A payment method that was answered.
const METHOD: Taken = ("path.method_id", "$response.body#/id");

/// A value by the name of the parameter that takes it.
type Taken = (&'static str, &'static str);

/// From which operations, to which, with what.
const LINKS: [(&[&str], &[&str], &[Taken]); 14] = [
    (
        &["createProduct", "replaceProduct"],
        &["readProduct"],
        &[ID],
    ),
    (
        &["createProduct", "readProduct"],
        &["replaceProduct", "patchProduct", "deleteProduct"],
        &[ID, STATE],
    ),
    (
        &["createPlan", "replacePlan"],
        &["readPlan", "replacePlan", "deletePlan"],
        &[ID],
    ),
    (
        &["createApiKey", "rotateApiKey"],
        &["readApiKey", "rotateApiKey", "revokeApiKey"],
        &[ID],
    ),
    (&["createOrder"], &["readOrder"], &[ID]),
    (
        &["createOrder", "readOrder"],
        &["patchOrder", "moveOrder", "deleteOrder"],
        &[ID, STATE],
    ),
    (&["createOrder", "readOrder"], &["readPayment"], &[PAYMENT]),
    (&["readPayment"], &["readOrder"], &[ORDER]),
    (
        &["createUser"],
        &[
            "readUser",
            "readProfile",
            "listUserOrders",
            "listPaymentMethods",
            "createPaymentMethod",
        ],
        &[ID],
    ),
    (
        &["createUser", "readUser"],
        &["replaceUser", "patchUser", "deleteUser"],
        &[ID, STATE],
    ),
    (
        &["createPaymentMethod"],
        &["readPaymentMethod"],
        &[USER, METHOD],
    ),
    (
        &["createPaymentMethod", "readPaymentMethod"],
        &["deletePaymentMethod"],
        &[USER, METHOD, STATE],
    ),
    (
        &["createWebhook"],
        &[
            "readWebhook",
            "testWebhook",
            "rotateWebhookSecret",
            "listWebhookDeliveries",
        ],
        &[ID],
    ),
    (
        &["createWebhook", "readWebhook"],
        &["patchWebhook", "deleteWebhook"],
        &[ID, STATE],
    ),
];

/// Writes them into the answers that carry a body.
pub(super) fn write(document: &mut Value) {
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let links = of(operation["operationId"].as_str().unwrap_or_default());
            if links.is_empty() {
                continue;
            }
            for status in ["200", "201"] {
                if let Some(answer) = operation["responses"].get_mut(status) {
                    answer["links"] = Value::Object(links.clone());
                }
            }
        }
    }
}

fn of(operation: &str) -> Map<String, Value> {
    let leading = LINKS.iter().filter(|(from, ..)| from.contains(&operation));
    leading
        .flat_map(|(_, to, taken)| to.iter().map(move |to| (to, taken)))
        .map(|(to, taken)| {
            let parameters: Map<_, _> = taken
                .iter()
                .map(|(name, value)| ((*name).to_owned(), json!(value)))
                .collect();
            let link = json!({"operationId": to, "parameters": parameters});
            ((*to).to_owned(), link)
        })
        .collect()
}
