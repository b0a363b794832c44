//! Patch documents: what PATCH takes, and how it changes a resource.
//!
//! Decides, in this order:
//! 1. The body's size: 413.
//! 2. Its media type: a merge patch [RFC 7396] or a JSON Patch [RFC 6902], else 415 with
//!    `Accept-Patch`.
//! 3. Its own shape, and what a merge patch holds: 400.
//! 4. Once the resource is locked: the patch is applied to the document of what a client may
//!    write. A `test` that fails is 409, a path that leads nowhere 400; nothing is half-applied.
//! 5. The outcome is read and checked like a body of PUT: 400 with pointers into the document.

use axum::body::Body;
use axum::http::HeaderMap;
use json_patch::{PatchErrorKind, PatchOperation};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use shared::body::Check;
use shared::problem::FieldError;
use utoipa::ToSchema;

use super::body;
use crate::openapi::shapes;
use crate::refusal::Refusal;

/// A JSON merge patch.
pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";
/// A JSON Patch.
pub(crate) const JSON_PATCH: &str = "application/json-patch+json";
/// Most operations in a JSON Patch.
pub(crate) const OPERATIONS_MAX: usize = 100;
/// Most bytes of the document while a JSON Patch is applied: `copy` could double it each time.
pub(crate) const DOCUMENT_BYTES_MAX: usize = 2 * body::BODY_BYTES_MAX;

/// A patch, read and not yet applied.
#[derive(Debug)]
pub(super) enum Patch {
    /// Members to set, and to remove by null.
    Merge(Map<String, Value>),
    /// Operations, in their order.
    Operations(Vec<PatchOperation>),
}

/// The document of a JSON Patch.
#[derive(Deserialize)]
#[serde(transparent)]
struct Operations(#[serde(deserialize_with = "shared::body::objects")] Vec<PatchOperation>);

impl Patch {
    /// Reads a request's patch, of such a document.
    pub(super) async fn read<T: ToSchema>(
        headers: &HeaderMap,
        content: Body,
    ) -> Result<Self, Refusal> {
        let bytes = body::read(content).await?;
        if body::is(headers, MERGE_PATCH) {
            let members = shared::body::shape(&bytes).map_err(Refusal::Body)?;
            let faults = shapes::of_patch::<T>(&members);
            if faults.is_empty() {
                Ok(Self::Merge(members))
            } else {
                Err(Refusal::Body(faults))
            }
        } else if body::is(headers, JSON_PATCH) {
            let Operations(operations) = shared::body::shape(&bytes).map_err(Refusal::Body)?;
            if operations.len() > OPERATIONS_MAX {
                return Err(fault(
                    String::new(),
                    "length",
                    format!("{} operations are too many", operations.len()),
                    &format!("Send at most {OPERATIONS_MAX}."),
                ));
            }
            Ok(Self::Operations(operations))
        } else {
            Err(Refusal::PatchType)
        }
    }

    /// The document after the patch, read and checked as if a client had sent it.
    pub(super) fn apply<T>(&self, document: &T) -> Result<T, Refusal>
    where
        T: Serialize + DeserializeOwned + Check + ToSchema,
    {
        let mut value = serde_json::to_value(document).map_err(|error| {
            tracing::error!(%error, "a document can't be written");
            Refusal::Internal
        })?;
        match self {
            Self::Merge(members) => {
                json_patch::merge(&mut value, &Value::Object(members.clone()));
            }
            Self::Operations(operations) => {
                for (place, operation) in operations.iter().enumerate() {
                    step(&mut value, operation, place)?;
                }
            }
        }
        body::checked(value.to_string().as_bytes())
    }
}

fn step(document: &mut Value, operation: &PatchOperation, place: usize) -> Result<(), Refusal> {
    json_patch::patch(document, std::slice::from_ref(operation)).map_err(|error| {
        let path = operation.path();
        match error.kind {
            PatchErrorKind::TestFailed => Refusal::PatchTest {
                operation: place,
                path: path.to_string(),
            },
            PatchErrorKind::InvalidFromPointer => fault(
                format!("/{place}/from"),
                "unknown",
                "`from` leads nowhere in the resource".to_owned(),
                "Name a member that is there.",
            ),
            _ => fault(
                format!("/{place}/path"),
                "unknown",
                format!("`{path}` leads nowhere in the resource"),
                "Name a member that is there, or add it.",
            ),
        }
    })?;
    let bytes = document.to_string().len();
    if bytes > DOCUMENT_BYTES_MAX {
        return Err(fault(
            format!("/{place}"),
            "length",
            format!("the document grows to {bytes} bytes"),
            &format!("Keep it below {DOCUMENT_BYTES_MAX} bytes."),
        ));
    }
    Ok(())
}

fn fault(pointer: String, code: &'static str, detail: String, fix: &str) -> Refusal {
    Refusal::Body(vec![FieldError {
        pointer,
        code,
        detail,
        fix: fix.to_owned(),
    }])
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, header};
    use serde::Deserialize;
    use serde_json::json;
    use shared::body::Checks;

    use super::*;

    #[derive(Debug, Serialize, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Document {
        name: String,
        #[serde(default)]
        note: Option<String>,
        #[serde(default)]
        tags: Vec<String>,
    }

    impl Check for Document {
        fn check(&self, checks: &mut Checks) {
            checks.text("/name", &self.name, 1, 20);
        }
    }

    /// The document after the patch, or the refusal's code and first pointer.
    async fn patched(media_type: &'static str, patch: &str) -> Value {
        let document = Document {
            name: "a".to_owned(),
            note: Some("n".to_owned()),
            tags: vec!["x".to_owned(), "y".to_owned()],
        };
        let headers =
            HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))]);
        let outcome = match Patch::read::<Document>(&headers, Body::from(patch.to_owned())).await {
            Ok(patch) => patch.apply(&document),
            Err(refusal) => Err(refusal),
        };
        match outcome {
            Ok(document) => json!([document.name, document.note, document.tags]),
            Err(refusal) => {
                let problem = refusal.problem();
                let pointer = problem.errors.first().map(|fault| fault.pointer.clone());
                json!({"code": problem.code.as_str(), "at": pointer})
            }
        }
    }

    #[tokio::test]
    async fn merge_patches() {
        let refused = |at: &str| json!({"code": "body_invalid", "at": at});
        for (patch, expected) in [
            ("{}", json!(["a", "n", ["x", "y"]])),
            (r#"{"name":"b"}"#, json!(["b", "n", ["x", "y"]])),
            (r#"{"note":null}"#, json!(["a", null, ["x", "y"]])),
            (r#"{"tags":["z"]}"#, json!(["a", "n", ["z"]])),
            (r#"{"name":"👩‍🚀 Zoë"}"#, json!(["👩‍🚀 Zoë", "n", ["x", "y"]])),
            (r#"{"name":null}"#, refused("/name")),
            (r#"{"name":""}"#, refused("/name")),
            (r#"{"name":7}"#, refused("/name")),
            (r#"{"nane":"b"}"#, refused("/nane")),
            ("[]", refused("")),
            ("\"b\"", refused("")),
            ("", refused("")),
        ] {
            let found = patched("application/merge-patch+json; charset=utf-8", patch).await;
            assert_eq!(found, expected, "{patch}");
        }
    }

    #[tokio::test]
    async fn json_patches() {
        let refused = |at: &str| json!({"code": "body_invalid", "at": at});
        let failed = json!({"code": "patch_test_failed", "at": null});
        let many = format!(
            "[{}]",
            vec![r#"{"op":"test","path":"/name","value":"a"}"#; 101].join(",")
        );
        let bomb = format!(
            "[{}]",
            vec![r#"{"op":"copy","from":"/tags","path":"/tags/-"}"#; 100].join(",")
        );
        for (patch, expected) in [
            ("[]", json!(["a", "n", ["x", "y"]])),
            (
                r#"[{"op":"test","path":"/name","value":"a"},{"op":"replace","path":"/name","value":"b"},
                   {"op":"remove","path":"/note"},{"op":"add","path":"/tags/-","value":"z"},
                   {"op":"move","from":"/tags/0","path":"/tags/1"}]"#,
                json!(["b", null, ["y", "x", "z"]]),
            ),
            (
                r#"[{"op":"copy","from":"/name","path":"/note"}]"#,
                json!(["a", "a", ["x", "y"]]),
            ),
            (
                r#"[{"op":"replace","path":"/name","value":"b"},{"op":"test","path":"/note","value":"m"}]"#,
                failed,
            ),
            (r#"[{"op":"remove","path":"/name"}]"#, refused("/name")),
            (
                r#"[{"op":"replace","path":"/nane","value":"b"}]"#,
                refused("/0/path"),
            ),
            (
                r#"[{"op":"move","from":"/nane","path":"/name"}]"#,
                refused("/0/from"),
            ),
            (
                r#"[{"op":"add","path":"/nane","value":"b"}]"#,
                refused("/nane"),
            ),
            (r#"[{"op":"explode","path":"/name"}]"#, refused("/0/op")),
            (r#"[{"op":"remove"}]"#, refused("/0/path")),
            (r#"[{"op":"remove","path":"name"}]"#, refused("/0")),
            (r#"[{"op":"add","path":"","value":[]}]"#, refused("")),
            ("{}", refused("")),
            (&many, refused("")),
        ] {
            let found = patched("application/json-patch+json", patch).await;
            assert_eq!(found, expected, "{patch}");
        }
        let grown = patched("application/json-patch+json", &bomb).await;
        assert_eq!(
            grown["code"], "body_invalid",
            "a document that doubles is stopped"
        );
    }

    #[tokio::test]
    async fn other_media_types_are_refused() {
        for media_type in ["application/json", "text/plain", ""] {
            let found = patched(media_type, "{}").await;
            assert_eq!(found["code"], "media_type_unsupported", "{media_type}");
        }
    }
}
