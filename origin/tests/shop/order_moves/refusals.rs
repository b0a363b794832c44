//! Every refusal of a change to an order, in the one order of checks.

use shared::caller::Role;

use super::{CANCEL, FULFIL};
use crate::callers::{JSON, MERGE, PATCH, Refused, path};
use crate::harness::Shop;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table, read as a whole")]
async fn refusals_come_in_their_order() {
    let shop = Shop::open().await;
    let placed = shop.confirmed("k").await;
    let at = path(&placed);
    let status = format!("{at}/status");
    let (me, admin) = (shop.customer.clone(), shop.admin.clone());
    let support = shop.token("usr_support", Role::Support).await;
    let stranger = shop.token("usr_stranger", Role::Customer).await;
    let nothing = "/orders/ord_00000000000000000000000000";
    let nowhere = "/orders/ord_00000000000000000000000000/status";
    let tag = ("if-match", "\"2\"");
    let stale = ("if-match", "\"1\"");
    let none = ("if-none-match", "*");
    let illegal = "illegal_transition";
    let rows: Vec<Refused<'_>> = vec![
        ("", "PATCH", &at, vec![MERGE], "{}", 401, "token_missing"),
        (&support, "PATCH", &at, vec![], "", 403, "scope_missing"),
        (
            &me,
            "PATCH",
            nothing,
            vec![JSON],
            "{",
            415,
            "media_type_unsupported",
        ),
        (&me, "PATCH", nothing, vec![MERGE], "{", 400, "body_invalid"),
        (
            &me,
            "PATCH",
            nothing,
            vec![MERGE],
            r#"{"status":"cancelled"}"#,
            400,
            "body_invalid",
        ),
        (&me, "PATCH", nothing, vec![MERGE], "{}", 404, "not_found"),
        (&stranger, "PATCH", &at, vec![MERGE], "{}", 404, "not_found"),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE],
            "{}",
            428,
            "precondition_required",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, stale],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag, none],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag],
            r#"{"version":1}"#,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag],
            r#"{"status":"fulfilled"}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![MERGE, tag],
            r#"{"shipping_address":null}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &at,
            vec![PATCH, tag],
            r#"[{"op":"test","path":"/note","value":"x"}]"#,
            409,
            "patch_test_failed",
        ),
        ("", "PUT", &status, vec![JSON], CANCEL, 401, "token_missing"),
        (
            &support,
            "PUT",
            &status,
            vec![JSON],
            CANCEL,
            403,
            "scope_missing",
        ),
        (
            &me,
            "PUT",
            nowhere,
            vec![],
            CANCEL,
            415,
            "media_type_unsupported",
        ),
        (&me, "PUT", nowhere, vec![JSON], "{}", 400, "body_invalid"),
        (
            &me,
            "PUT",
            nowhere,
            vec![JSON],
            r#"{"status":"eaten"}"#,
            400,
            "body_invalid",
        ),
        (&me, "PUT", nowhere, vec![JSON], CANCEL, 404, "not_found"),
        (
            &stranger,
            "PUT",
            &status,
            vec![JSON],
            CANCEL,
            404,
            "not_found",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON, stale],
            FULFIL,
            403,
            "scope_missing",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON, stale],
            CANCEL,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON],
            r#"{"status":"cancelled","version":1}"#,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PUT",
            &status,
            vec![JSON],
            r#"{"status":"pending"}"#,
            409,
            illegal,
        ),
        (
            &admin,
            "PUT",
            &status,
            vec![JSON],
            r#"{"status":"refunded"}"#,
            409,
            illegal,
        ),
        (&support, "DELETE", &at, vec![tag], "", 403, "scope_missing"),
        (&me, "DELETE", nothing, vec![], "", 404, "not_found"),
        (&stranger, "DELETE", &at, vec![], "", 404, "not_found"),
        (&admin, "DELETE", &at, vec![tag], "", 403, "forbidden"),
        (&me, "DELETE", &at, vec![], "", 428, "precondition_required"),
        (
            &me,
            "DELETE",
            &at,
            vec![stale],
            "",
            412,
            "precondition_failed",
        ),
    ];
    for (token, method, path, fields, body, status, code) in rows {
        let answer = shop.ask(token, method, path, &fields, body).await;
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (status, code),
            "{method} {path} {fields:?} {body}"
        );
        if status == 412 || code == "version_conflict" {
            assert_eq!(answer.field("etag"), "\"2\"", "the current one");
        }
    }
    let read = shop.ask(&me, "GET", &at, &[], "").await;
    assert_eq!(read.json(), placed, "nothing was written");
}
