//! Problem documents [RFC 9457], which carry Stripe's error shape as well.
//!
//! Edge and origin answer every refusal through [`Problem`]; the codes, their statuses and their
//! pages come from one catalogue, [`Code`].

mod catalogue;
mod page;

pub use catalogue::{Code, Kind};
pub use page::page;

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value, json};

/// Media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";
/// Most entries in `errors`.
pub const FIELD_ERRORS_MAX: usize = 50;
/// Most characters in the sentence about a request.
pub const DETAIL_CHARS_MAX: usize = 4000;
/// Most characters in the sentence about one fault, and in its fix.
pub const FAULT_CHARS_MAX: usize = 1000;

/// One thing wrong with the request's body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// JSON pointer [RFC 6901] into the body.
    pub pointer: String,
    /// Machine-readable: `required`, `unknown`, `type`, `range`, `length`, `format`.
    pub code: &'static str,
    /// What is wrong.
    pub detail: String,
    /// What would be right.
    pub fix: String,
}

/// What became of the work that a failed keyed call asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Nothing happened, or all of it was undone.
    NotApplied,
    /// It may have happened; only the same key tells.
    Unknown,
    /// It happened, and the answer is final (a declined payment).
    Applied,
}

impl Outcome {
    /// Whether a new key can't double anything.
    pub const fn safe_new_key(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// A refusal, before it is written as JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Which one, from the catalogue.
    pub code: Code,
    /// What is wrong with this request, in a sentence that names the fix.
    pub detail: String,
    /// What is wrong with the body, all at once.
    pub errors: Vec<FieldError>,
    /// Seconds until a retry makes sense; also the `Retry-After` field.
    pub after_seconds: Option<u64>,
    /// Set on every failed call that carries an idempotency key.
    pub outcome: Option<Outcome>,
    /// Whether nobody could look what became of earlier calls under the key.
    pub of_this_call_alone: bool,
    /// A card's decline code.
    pub decline_code: Option<String>,
    /// Further members, such as `total` of `price_changed`.
    pub extra: Map<String, Value>,
}

impl Problem {
    /// A problem with its own sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            after_seconds: None,
            outcome: None,
            of_this_call_alone: false,
            decline_code: None,
            extra: Map::new(),
        }
    }

    /// With field errors, of which the first [`FIELD_ERRORS_MAX`] are kept.
    #[must_use]
    pub fn with_errors(mut self, mut errors: Vec<FieldError>) -> Self {
        errors.truncate(FIELD_ERRORS_MAX);
        self.errors = errors;
        self
    }

    /// With the seconds after which a retry makes sense.
    #[must_use]
    pub const fn with_retry_after(mut self, seconds: u64) -> Self {
        self.after_seconds = Some(seconds);
        self
    }

    /// With what became of the keyed work.
    #[must_use]
    pub const fn with_outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = Some(outcome);
        self
    }

    /// The outcome is this call's alone: nobody could look whether an earlier one under the same key did
    /// the work, so a new key might do it twice.
    #[must_use]
    pub const fn of_this_call_alone(mut self) -> Self {
        self.of_this_call_alone = true;
        self
    }

    /// With one more member.
    #[must_use]
    pub fn with(mut self, member: &str, value: Value) -> Self {
        self.extra.insert(member.to_owned(), value);
        self
    }

    /// The document, each text within its bound: some quote what the client sent. `base` is the public URL under which `/problems/{code}` is served, without a
    /// trailing slash; `path` the request's; `request_id` ours.
    pub fn document(&self, base: &str, path: &str, request_id: &str) -> Value {
        let code = self.code.as_str();
        let page = format!("{base}/problems/{code}");
        let detail = bounded(&self.detail, DETAIL_CHARS_MAX);
        let errors: Vec<_> = self.errors.iter().map(FieldError::bounded).collect();
        let mut error = json!({
            "type": self.code.kind().as_str(),
            "code": code,
            "message": detail,
            "doc_url": page,
        });
        if let (Some(decline), Some(error)) = (&self.decline_code, error.as_object_mut()) {
            error.insert("decline_code".into(), json!(decline));
        }
        if let (Some(first), Some(error)) = (self.errors.first(), error.as_object_mut()) {
            error.insert("param".into(), json!(first.pointer));
        }
        for member in ["charge", "order"] {
            if let (Some(value), Some(error)) = (self.extra.get(member), error.as_object_mut()) {
                error.insert(member.into(), value.clone());
            }
        }
        let mut document = json!({
            "type": page,
            "title": self.code.title(),
            "status": self.code.status(),
            "detail": detail,
            "instance": path,
            "code": code,
            "request_id": request_id,
            "errors": errors,
            "retry": {
                "retryable": self.code.retryable(),
                "after_seconds": self.after_seconds,
                "same_key": self.code.retryable(),
            },
            "error": error,
        });
        if let Some(members) = document.as_object_mut() {
            if let Some(outcome) = self.outcome {
                let safe = outcome.safe_new_key() && !self.of_this_call_alone;
                members.insert("outcome".into(), json!(outcome));
                members.insert("safe_new_key".into(), json!(safe));
            }
            for (member, value) in &self.extra {
                members
                    .entry(member.clone())
                    .or_insert_with(|| value.clone());
            }
        }
        document
    }
}

impl FieldError {
    fn bounded(&self) -> Self {
        Self {
            detail: bounded(&self.detail, FAULT_CHARS_MAX).into_owned(),
            fix: bounded(&self.fix, FAULT_CHARS_MAX).into_owned(),
            ..self.clone()
        }
    }
}

/// The text, or its beginning and `…`.
fn bounded(text: &str, chars_max: usize) -> Cow<'_, str> {
    if text.chars().nth(chars_max).is_none() {
        return Cow::Borrowed(text);
    }
    let kept = text.chars().take(chars_max.saturating_sub(1));
    Cow::Owned(kept.chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_both_shapes() {
        let document = Problem::new(Code::PriceChanged, "It costs 31.00 USD now.")
            .with_outcome(Outcome::NotApplied)
            .with("total", json!({"amount": 3100, "currency": "USD"}))
            .document("https://shop.example", "/v2/orders", "req_1");
        assert_eq!(
            document["type"],
            "https://shop.example/problems/price_changed"
        );
        assert_eq!(document["status"], 409);
        assert_eq!(document["code"], document["error"]["code"]);
        assert_eq!(document["outcome"], "not_applied");
        assert_eq!(document["safe_new_key"], true);
        assert_eq!(document["total"]["amount"], 3100);
        assert_eq!(document["errors"], json!([]));
    }

    #[test]
    fn an_unknown_outcome_forbids_a_new_key() {
        let document = Problem::new(Code::OperationUncertain, "")
            .with_outcome(Outcome::Unknown)
            .document("", "/", "req_1");
        assert_eq!(document["safe_new_key"], false);
        assert_eq!(document["retry"]["same_key"], true);
    }

    #[test]
    fn what_says_nothing_of_earlier_calls_forbids_a_new_key_too() {
        let document = Problem::new(Code::Unavailable, "")
            .with_outcome(Outcome::NotApplied)
            .of_this_call_alone()
            .document("", "/", "req_1");
        assert_eq!(document["outcome"], "not_applied");
        assert_eq!(document["safe_new_key"], false);
    }

    #[test]
    fn a_member_of_ours_is_never_overwritten() {
        let document = Problem::new(Code::NotFound, "")
            .with("status", json!(200))
            .document("", "/", "req_1");
        assert_eq!(document["status"], 404);
    }

    #[test]
    fn field_errors_are_bounded() {
        let one = FieldError {
            pointer: "/x".into(),
            code: "unknown",
            detail: String::new(),
            fix: String::new(),
        };
        let problem = Problem::new(Code::BodyInvalid, "").with_errors(vec![one; 60]);
        assert_eq!(problem.errors.len(), FIELD_ERRORS_MAX);
    }

    #[test]
    fn texts_that_quote_the_client_are_bounded() {
        let long = "ä".repeat(70_000);
        let fault = FieldError {
            pointer: "/x".into(),
            code: "unknown",
            detail: long.clone(),
            fix: "Remove it.".into(),
        };
        let document = Problem::new(Code::BodyInvalid, long)
            .with_errors(vec![fault])
            .document("", "/", "req_1");
        let chars = |text: &Value| text.as_str().unwrap().chars().count();
        assert_eq!(chars(&document["detail"]), DETAIL_CHARS_MAX);
        assert_eq!(chars(&document["error"]["message"]), DETAIL_CHARS_MAX);
        let fault = &document["errors"][0];
        assert_eq!(chars(&fault["detail"]), FAULT_CHARS_MAX);
        assert!(fault["detail"].as_str().unwrap().ends_with("ä…"));
        assert_eq!(fault["fix"], "Remove it.");
    }
}
