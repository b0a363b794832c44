//! Every refusal of a user's routes, in the one order of checks.

use shared::caller::Role;

use super::{ada, registered};
use crate::callers::{JSON, MERGE, PATCH, Refused};
use crate::harness::Shop;

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one table, read as a whole")]
async fn refusals_come_in_their_order() {
    let shop = Shop::open().await;
    let (other, stranger) = registered(&shop, "zoe@example.com").await;
    let support = shop.token("usr_support", Role::Support).await;
    let me = shop.customer.clone();
    let nobody = "/users/usr_00000000000000000000000000";
    let good = r#"{"email":"ada@example.com","name":"Ada"}"#;
    let stale_version = r#"{"email":"ada@example.com","name":"Ada","version":9}"#;
    let taken = r#"{"email":"ZOE@example.com","name":"Ada"}"#;
    let tag = ("if-match", "\"1\"");
    let stale = ("if-match", "\"9\"");
    let weak = ("if-match", "W/\"1\"");
    let exists = ("if-none-match", "*");
    let path = ada();
    let rows: Vec<Refused<'_>> = vec![
        ("", "GET", &path, vec![], "", 401, "token_missing"),
        (&me, "GET", &other, vec![], "", 404, "not_found"),
        (&me, "GET", nobody, vec![], "", 404, "not_found"),
        (&me, "GET", "/users/x", vec![], "", 404, "not_found"),
        ("", "PUT", &path, vec![JSON], good, 401, "token_missing"),
        (&support, "PUT", &path, vec![], "{", 403, "scope_missing"),
        (
            &me,
            "PUT",
            &other,
            vec![],
            "{",
            415,
            "media_type_unsupported",
        ),
        (&me, "PUT", &other, vec![JSON], "{", 400, "body_invalid"),
        (
            &me,
            "PUT",
            &path,
            vec![JSON],
            r#"{"name":"Ada"}"#,
            400,
            "body_invalid",
        ),
        (&me, "PUT", &other, vec![JSON], good, 404, "not_found"),
        (&me, "PUT", nobody, vec![JSON], good, 404, "not_found"),
        (
            &me,
            "PUT",
            &path,
            vec![JSON],
            good,
            428,
            "precondition_required",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, stale],
            stale_version,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, weak],
            good,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, tag, exists],
            good,
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, tag],
            stale_version,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PUT",
            &path,
            vec![JSON, tag],
            taken,
            409,
            "email_taken",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![JSON],
            "{}",
            415,
            "media_type_unsupported",
        ),
        (&me, "PATCH", &other, vec![MERGE], "{}", 404, "not_found"),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE],
            "{}",
            428,
            "precondition_required",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, stale],
            "{}",
            412,
            "precondition_failed",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, tag],
            r#"{"version":9}"#,
            409,
            "version_conflict",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, tag],
            r#"{"role":"admin"}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![MERGE, tag],
            r#"{"name":null}"#,
            400,
            "body_invalid",
        ),
        (
            &me,
            "PATCH",
            &path,
            vec![PATCH, tag],
            r#"[{"op":"test","path":"/name","value":"Bob"}]"#,
            409,
            "patch_test_failed",
        ),
        (
            &support,
            "DELETE",
            &path,
            vec![tag],
            "",
            403,
            "scope_missing",
        ),
        (&me, "DELETE", &other, vec![], "", 404, "not_found"),
        (&stranger, "DELETE", &path, vec![tag], "", 404, "not_found"),
        (
            &me,
            "DELETE",
            &path,
            vec![],
            "",
            428,
            "precondition_required",
        ),
        (
            &me,
            "DELETE",
            &path,
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
            assert_eq!(answer.field("etag"), "\"1\"", "the current one");
        }
        if method == "PATCH" && status == 415 {
            assert_eq!(
                answer.field("accept-patch"),
                "application/merge-patch+json, application/json-patch+json"
            );
        }
    }
    // Nothing of it was written, and support and admin may look.
    for token in [&support, &shop.admin, &shop.customer] {
        let read = shop.ask(token, "GET", &ada(), &[], "").await;
        assert_eq!((read.status, read.field("etag")), (200, "\"1\""));
    }
}
