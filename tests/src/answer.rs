//! An answer, read whole, and held against what every answer promises.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use shared::problem::{Code, MEDIA_TYPE};

/// Status, fields, body.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Fields.
    pub fields: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Sends the request and reads its answer; a connection that ends early fails the test, and so
    /// does a refusal that is no problem document of the catalogue, a success with an error inside,
    /// or a cookie.
    pub async fn to(request: RequestBuilder) -> Self {
        let response = request.send().await.expect("an answer");
        let (status, fields) = (response.status(), response.headers().clone());
        let body = response.bytes().await.expect("a whole body").to_vec();
        let answer = Self {
            status,
            fields,
            body,
        };
        if answer.status.as_u16() >= 400 {
            answer.is_of_the_catalogue();
        } else if answer.field("content-type") == "application/json" && answer.is_readable() {
            let json = answer.json();
            assert!(
                json.get("error").is_none() && json.get("errors").is_none(),
                "{json}"
            );
        }
        assert_eq!(answer.field("set-cookie"), "", "there are no sessions");
        answer
    }

    /// Whether there is a body that is not encoded: the answer to HEAD has none, and who asks for
    /// a coding decodes it.
    fn is_readable(&self) -> bool {
        !self.body.is_empty() && self.field("content-encoding").is_empty()
    }

    fn is_of_the_catalogue(&self) {
        let named = self.field("error-code");
        let code = Code::ALL.iter().find(|code| code.as_str() == named);
        let code = code.unwrap_or_else(|| panic!("`{named}` is no code: {}", self.text()));
        assert_eq!(code.status(), self.status.as_u16(), "{named}");
        assert_eq!(self.field("content-type"), MEDIA_TYPE, "{named}");
        if !self.is_readable() {
            return;
        }
        let problem = self.json();
        for (member, expected) in [
            ("code", Value::from(named)),
            ("status", code.status().into()),
            ("title", code.title().into()),
        ] {
            assert_eq!(problem[member], expected, "{member}: {problem}");
        }
        assert_eq!(problem["error"]["code"], problem["code"], "{problem}");
        let page = format!("/problems/{named}");
        for url in [&problem["type"], &problem["error"]["doc_url"]] {
            assert!(
                url.as_str().is_some_and(|url| url.ends_with(&page)),
                "{problem}"
            );
        }
        for member in ["detail", "instance", "request_id"] {
            assert!(problem[member].is_string(), "{member}: {problem}");
        }
        assert!(problem["errors"].is_array(), "{problem}");
        assert_eq!(problem["retry"]["retryable"], code.retryable(), "{problem}");
    }

    /// A field's value, empty if there is none.
    pub fn field(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
