//! API keys as an admin manages them. The key itself is [`crate::api_key`].

use serde::{Deserialize, Serialize};

use crate::body::{Check, Checks};
use crate::caller::{Mode, Role};
use crate::id::{ApiKeyId, PlanId};
use crate::plan;

/// Longest account, in characters.
pub const ACCOUNT_CHARS_MAX: usize = 200;
/// Longest overlap of a rotation, in seconds: 7 days.
pub const OVERLAP_SECONDS_MAX: i64 = 604_800;
/// The overlap unless it is said, in seconds: a day.
pub const OVERLAP_SECONDS_DEFAULT: i64 = 86_400;
/// Whoever calls with a key is a partner.
pub const ROLE: Role = Role::Partner;

/// The body of POST /admin/api-keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewApiKey {
    /// What people call it.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\u0000-\u001F\u007F-\u009F]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F]*$",
            example = "Acme's warehouse"
        )
    )]
    pub name: String,
    /// Whose limits, idempotency keys and orders they are.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 200,
            pattern = r"^[\x21-\x7e]+$",
            example = "acme"
        )
    )]
    pub account: String,
    /// Whether real money moves.
    pub mode: Mode,
    /// The id or the name of its plan.
    #[cfg_attr(
        feature = "openapi",
        schema(
            min_length = 1,
            max_length = 100,
            pattern = r"^[^\u0000-\u001F\u007F-\u009F]+$",
            example = "gold"
        )
    )]
    pub plan: String,
    /// What it may do: some of what a partner may.
    #[cfg_attr(
        feature = "openapi",
        schema(min_items = 1, max_items = 20, example = json!(["orders:read", "orders:write"]))
    )]
    pub scopes: Vec<String>,
}

impl Check for NewApiKey {
    fn check(&self, checks: &mut Checks) {
        check_name(checks, "/name", &self.name);
        check_name(checks, "/plan", &self.plan);
        check_account(checks, &self.account);
        let known = ROLE.scopes();
        checks.count("/scopes", self.scopes.len(), 1, known.len());
        for (place, scope) in self.scopes.iter().enumerate() {
            let pointer = format!("/scopes/{place}");
            if !known.contains(&scope.as_str()) {
                let detail = "a partner can't carry this scope".to_owned();
                let fix = format!("Send some of {}.", known.join(", "));
                checks.fault(&pointer, "format", detail, fix);
            } else if self.scopes.iter().take(place).any(|other| other == scope) {
                let fix = "Send each once.".to_owned();
                checks.fault(&pointer, "duplicate", "it stands twice".to_owned(), fix);
            }
        }
    }
}

/// Checks what people call something: a line.
pub fn check_name(checks: &mut Checks, pointer: &str, name: &str) {
    checks.text(pointer, name, 1, plan::NAME_CHARS_MAX);
    if name.contains(['\n', '\r', '\t']) {
        let fix = "Send one line.".to_owned();
        checks.fault(pointer, "format", "it has several lines".to_owned(), fix);
    }
}

/// Checks whose limits, keys and orders they shall be.
pub fn check_account(checks: &mut Checks, account: &str) {
    let fits = (1..=ACCOUNT_CHARS_MAX).contains(&account.len());
    if !fits || !account.bytes().all(|byte| byte.is_ascii_graphic()) {
        let detail = "not an account's name".to_owned();
        let fix = format!("Send 1 to {ACCOUNT_CHARS_MAX} printable ASCII characters.");
        checks.fault("/account", "format", detail, fix);
    }
}

/// The body of POST /admin/api-keys/{id}/rotate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Rotate {
    /// For how long the old key still holds; 0 ends it now. A day unless it says otherwise.
    #[serde(default = "a_day", deserialize_with = "crate::number::whole")]
    #[cfg_attr(
        feature = "openapi",
        schema(minimum = 0, maximum = 604_800, example = 86_400)
    )]
    pub overlap_seconds: i64,
}

const fn a_day() -> i64 {
    OVERLAP_SECONDS_DEFAULT
}

impl Default for Rotate {
    fn default() -> Self {
        Self {
            overlap_seconds: OVERLAP_SECONDS_DEFAULT,
        }
    }
}

impl Check for Rotate {
    fn check(&self, checks: &mut Checks) {
        checks.range(
            "/overlap_seconds",
            self.overlap_seconds,
            0,
            OVERLAP_SECONDS_MAX,
        );
    }
}

/// An API key, without the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ApiKeyView {
    /// Always `api_key`.
    pub object: String,
    /// Its id.
    pub id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// Whose limits, idempotency keys and orders they are.
    pub account: String,
    /// Whether real money moves.
    pub mode: Mode,
    /// Its plan.
    pub plan: PlanId,
    /// What it may do.
    #[cfg_attr(feature = "openapi", schema(max_items = 20))]
    pub scopes: Vec<String>,
    /// How the key begins, to tell keys apart.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 12, pattern = "^hg_(live|test)_[0-9A-Za-z]{4}$")
    )]
    pub hint: String,
    /// The key that it was rotated to.
    pub successor: Option<ApiKeyId>,
    /// RFC 3339, UTC.
    pub created_at: String,
    /// When it ends, if it was rotated, RFC 3339, UTC.
    pub expires_at: Option<String>,
    /// When it was last used, RFC 3339, UTC; a minute or so behind.
    pub last_used_at: Option<String>,
    /// When it was revoked, RFC 3339, UTC.
    pub revoked_at: Option<String>,
}

/// A new API key: the one answer that holds the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CreatedApiKey {
    /// For `X-Api-Key` or `Authorization: Bearer …`. It is shown this once.
    #[cfg_attr(
        feature = "openapi",
        schema(max_length = 44, pattern = "^hg_(live|test)_[0-9A-Za-z]{36}$")
    )]
    pub key: String,
    /// The rest.
    #[serde(flatten)]
    pub view: ApiKeyView,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::parse;

    #[test]
    fn keys_are_checked_all_at_once() {
        for (body, pointers) in [
            (
                r#"{"name":"A","account":"acme","mode":"test","plan":"gold","scopes":["orders:read"]}"#,
                &[][..],
            ),
            (
                r#"{"name":"","account":"a b","mode":"live","plan":"","scopes":[]}"#,
                &["/account", "/name", "/plan", "/scopes"],
            ),
            (
                r#"{"name":"A","account":"a","mode":"live","plan":"p","scopes":["admin","orders:read","orders:read"]}"#,
                &["/scopes/0", "/scopes/2"],
            ),
            (
                r#"{"name":"A","account":"a","mode":"dead","plan":"p","scopes":[]}"#,
                &["/mode"],
            ),
        ] {
            let faults = parse::<NewApiKey>(body.as_bytes())
                .err()
                .unwrap_or_default();
            let found: Vec<_> = faults.iter().map(|fault| fault.pointer.as_str()).collect();
            assert_eq!(found, pointers, "{body}");
        }
        for (seconds, fine) in [
            ("0", true),
            ("604800", true),
            ("604801", false),
            ("-1", false),
        ] {
            let body = format!(r#"{{"overlap_seconds":{seconds}}}"#);
            assert_eq!(parse::<Rotate>(body.as_bytes()).is_ok(), fine, "{seconds}");
        }
    }
}
