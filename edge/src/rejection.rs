//! Every way in which the edge refuses a request, and the one place where a refusal becomes a
//! problem document.

use serde_json::json;
use shared::header::BOUNDED_BYTES_MAX;
use shared::idempotency::InvalidKey;
use shared::problem::{Code, FieldError, Outcome, Problem};
use shared::version::ApiVersion;

use crate::config::Moment;
use crate::encoding;
use crate::identity::token;
use crate::limit::book::Violated;
use crate::platform::FetchError;

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub enum Rejection {
    /// The request's URI or fields can't be read.
    Malformed(&'static str),
    /// The path names a version that is not served.
    VersionUnknown(String),
    /// The Accept field does.
    VersionNotAcceptable(String),
    /// Path and Accept name different versions.
    VersionConflict,
    /// The version was served, and is no longer.
    VersionRetired {
        /// Which one.
        version: ApiVersion,
        /// Since when.
        sunset: Moment,
    },
    /// The version is switched off for a while.
    VersionBrownout {
        /// Which one.
        version: ApiVersion,
        /// For how long still.
        retry_after_seconds: u64,
    },
    /// The URI is over the limit, in bytes.
    UriTooLong(usize),
    /// The header section is, in bytes.
    HeadersTooLarge(usize),
    /// There are more fields than may be.
    FieldsTooMany(usize),
    /// The client is not let in, or its request shows what the route keeps out.
    AccessDenied,
    /// This header field is longer than such fields may be.
    FieldTooLong(&'static str),
    /// Accept excludes what the route answers with.
    NotAcceptable(Vec<String>),
    /// No route has this path.
    NoRoute,
    /// The path's routes have other methods.
    MethodNotAllowed {
        /// Value of the `Allow` field.
        allow: String,
    },
    /// A token is needed.
    TokenMissing,
    /// The token does not hold.
    TokenRefused(token::Refused),
    /// The issuer's keys can't be fetched, so nobody can tell.
    KeysUnavailable,
    /// The caller lacks a scope.
    ScopeMissing(String),
    /// The API key does not hold.
    ApiKeyRefused,
    /// A record that is needed can't be had, so nobody can tell.
    RecordUnavailable,
    /// The caller has used up what it may.
    Limited {
        /// Name of the policy.
        policy: String,
        /// Which of its limits refuse.
        violated: Violated,
        /// When it will do.
        retry_after_seconds: u64,
    },
    /// The limiter is down and the route is closed without it.
    LimiterDown,
    /// The account's record of deprecated uses is down.
    UsageDown,
    /// The route needs a key.
    KeyRequired,
    /// The key can't be read.
    KeyInvalid(InvalidKey),
    /// The key belongs to another request.
    KeyReused {
        /// The parts that differ.
        differing: Vec<String>,
    },
    /// A request with the key is under way.
    InProgress,
    /// The body is over the route's limit, in bytes.
    BodyTooLarge(usize),
    /// The body ended before its length.
    BodyCut,
    /// The body is in a coding that is not read.
    ContentEncoding,
    /// The body is not what its coding says.
    BodyCorrupt,
    /// The body is of another media type than the route takes.
    MediaType {
        /// Those that it takes.
        accepted: Vec<String>,
        /// Whether the method is PATCH, whose list has a field of its own [RFC 5789 §3.1].
        patch: bool,
    },
    /// The body is not as the client's version documents it.
    BodyInvalid(Vec<FieldError>),
    /// The query holds parameters that the route does not take.
    QueryUnknown(Vec<String>),
    /// Nobody knows what was revoked, so that nothing may be changed.
    FeedUnreachable,
    /// The feed's object does not take a notice.
    FeedDown,
    /// A notice is not signed by the origin.
    NoticeUnsigned,
    /// The range lies outside what is stored, whose length in bytes this is.
    RangeNotSatisfiable(usize),
    /// Only a copy would do, and there is none.
    NotStored,
    /// There is a copy that must not be used without asking, and the origin gave no answer.
    Unvalidated(FetchError),
    /// The origin gave no answer.
    Origin(FetchError),
    /// It said, to another request for the same, that it failed.
    OriginFailed(u16),
}

impl Rejection {
    /// The problem.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Malformed(what) => Problem::new(Code::RequestInvalid, *what),
            Self::VersionUnknown(asked) => versions(Code::ApiVersionUnknown, asked),
            Self::VersionNotAcceptable(asked) => versions(Code::NotAcceptable, asked),
            Self::VersionRetired { version, sunset } => retired(*version, *sunset),
            Self::VersionBrownout {
                version,
                retry_after_seconds,
            } => browned_out(*version, *retry_after_seconds),
            Self::UriTooLong(bytes) => Problem::new(
                Code::UriTooLong,
                format!("Path and query may take {bytes} bytes together."),
            ),
            Self::HeadersTooLarge(bytes) => headers_too_large(format!(
                "Names and values of all header fields may take {bytes} bytes together."
            )),
            Self::FieldTooLong(name) => headers_too_large(format!(
                "The field {name} is over {BOUNDED_BYTES_MAX} bytes."
            )),
            Self::FieldsTooMany(most) => fields_too_many(*most),
            Self::AccessDenied => access_denied(),
            Self::NotAcceptable(produced) => not_acceptable(produced),
            Self::VersionConflict => Problem::new(
                Code::ApiVersionConflict,
                "The path and the Accept field name different versions; name one of them.",
            ),
            Self::NoRoute => Problem::new(Code::NotFound, "No resource has this path."),
            Self::MethodNotAllowed { allow } => Problem::new(
                Code::MethodNotAllowed,
                format!("This resource takes {allow}."),
            ),
            Self::TokenMissing => Problem::new(
                Code::TokenMissing,
                "This route needs a caller: send `Authorization: Bearer <access token>`.",
            ),
            Self::TokenRefused(token::Refused::Expired) => {
                Problem::new(Code::TokenExpired, "The access token has expired; get a new one.")
            }
            Self::TokenRefused(refused) => {
                Problem::new(Code::TokenInvalid, format!("The access token is refused: {refused}."))
            }
            Self::KeysUnavailable => keys_unavailable(),
            Self::ScopeMissing(scope) => Problem::new(
                Code::ScopeMissing,
                format!("This route needs the scope `{scope}`, which the token does not carry."),
            ),
            Self::ApiKeyRefused | Self::RecordUnavailable => self.of_keys(),
            Self::Limited {
                policy,
                violated,
                retry_after_seconds,
            } => limited(policy, *violated, *retry_after_seconds),
            Self::LimiterDown => Problem::new(
                Code::Unavailable,
                "The rate limiter does not answer, and this route is closed without it.",
            )
            .with_retry_after(1),
            Self::UsageDown => usage_down(),
            Self::KeyRequired => Problem::new(
                Code::IdempotencyKeyRequired,
                "Send an Idempotency-Key field, such as a random UUID, and the same one on a retry.",
            ),
            Self::KeyInvalid(invalid) => {
                Problem::new(Code::IdempotencyKeyInvalid, format!("{invalid}."))
            }
            Self::KeyReused { differing } => key_reused(differing),
            Self::InProgress => Problem::new(
                Code::IdempotencyInProgress,
                "The first request with this key is still being worked on; repeat with the same key.",
            )
            .with_retry_after(1),
            Self::BodyTooLarge(bytes) => {
                Problem::new(Code::BodyTooLarge, format!("This route takes at most {bytes} bytes."))
            }
            Self::BodyCut => {
                Problem::new(Code::RequestInvalid, "The body ended before its announced length.")
            }
            Self::ContentEncoding => Problem::new(
                Code::ContentEncodingUnsupported,
                format!("Send the body plain, or in one of {}.", encoding::ACCEPTED),
            )
            .with("accepted", json!(encoding::Coding::ALL.map(encoding::Coding::as_str))),
            Self::BodyCorrupt => Problem::new(
                Code::RequestInvalid,
                "The body can't be decoded as its Content-Encoding field says.",
            ),
            Self::MediaType { accepted, .. } => media_type(accepted),
            Self::BodyInvalid(errors) => Problem::new(
                Code::BodyInvalid,
                "The body is not as documented; `errors` lists each fault with its fix.",
            )
            .with_errors(errors.clone()),
            Self::QueryUnknown(names) => query_unknown(names),
            Self::FeedUnreachable | Self::FeedDown | Self::NoticeUnsigned => self.of_feed(),
            Self::RangeNotSatisfiable(bytes) => range_not_satisfiable(*bytes),
            Self::NotStored => not_stored(),
            Self::Unvalidated(error) => unvalidated(*error),
            Self::Origin(error) => origin(*error),
            Self::OriginFailed(status) => origin_failed(*status),
        }
    }

    fn of_keys(&self) -> Problem {
        match self {
            Self::ApiKeyRefused => Problem::new(
                Code::TokenInvalid,
                "The API key is refused: it was mistyped or cut, has ended, or was revoked.",
            ),
            _ => Problem::new(
                Code::Unavailable,
                "What is known of the API key can't be read for the moment, so it can't be checked.",
            )
            .with_retry_after(5),
        }
    }

    fn of_feed(&self) -> Problem {
        match self {
            Self::FeedUnreachable => Problem::new(
                Code::FeedUnreachable,
                "What was revoked is not known for the moment, so nothing is changed. Reads go on.",
            )
            .with_retry_after(5),
            Self::NoticeUnsigned => {
                Problem::new(Code::TokenInvalid, "A notice must be signed by the origin.")
            }
            _ => Problem::new(Code::Unavailable, "The feed takes nothing for the moment.")
                .with_retry_after(1),
        }
    }

    /// What became of the work, when the request carried a key.
    pub const fn outcome(&self) -> Outcome {
        match self {
            Self::Origin(FetchError::Cut | FetchError::Timeout) | Self::InProgress => {
                Outcome::Unknown
            }
            _ => Outcome::NotApplied,
        }
    }

    /// Whether the request is refused for what it says, so that no earlier one like it can have done the
    /// work. Others speak of this call alone: only the origin knows what became of earlier ones.
    pub const fn holds_for_its_like(&self) -> bool {
        matches!(
            self,
            Self::NoRoute
                | Self::MethodNotAllowed { .. }
                | Self::VersionConflict
                | Self::VersionUnknown(_)
                | Self::VersionNotAcceptable(_)
                | Self::UriTooLong(_)
                | Self::KeyInvalid(_)
                | Self::KeyReused { .. }
                | Self::BodyTooLarge(_)
                | Self::BodyCorrupt
                | Self::ContentEncoding
                | Self::MediaType { .. }
                | Self::BodyInvalid(_)
        )
    }

    /// Fields that the refusal brings along.
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::MethodNotAllowed { allow } => vec![("allow", allow.clone())],
            Self::ContentEncoding => vec![("accept-encoding", encoding::ACCEPTED.to_owned())],
            Self::MediaType { accepted, patch } => {
                let field = if *patch { "accept-patch" } else { "accept" };
                vec![(field, accepted.join(", "))]
            }
            Self::RangeNotSatisfiable(bytes) => vec![("content-range", format!("bytes */{bytes}"))],
            Self::TokenMissing => vec![("www-authenticate", "Bearer".to_owned())],
            Self::NoticeUnsigned => vec![("www-authenticate", "Headgate-Assertion".to_owned())],
            Self::ApiKeyRefused => vec![(
                "www-authenticate",
                "Bearer error=\"invalid_token\", error_description=\"the API key is refused\""
                    .to_owned(),
            )],
            Self::TokenRefused(refused) => vec![(
                "www-authenticate",
                format!("Bearer error=\"invalid_token\", error_description=\"{refused}\"")
                    .replace('`', "'"),
            )],
            Self::ScopeMissing(scope) => vec![(
                "www-authenticate",
                format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""),
            )],
            Self::Origin(error) | Self::Unvalidated(error) => {
                let error = match error {
                    FetchError::Unreachable => "connection_refused",
                    FetchError::Cut => "connection_terminated",
                    FetchError::Timeout => "http_response_timeout",
                    FetchError::Out => "destination_unavailable",
                };
                // [RFC 9209 §2.3]
                vec![("proxy-status", format!("headgate; error={error}"))]
            }
            Self::OriginFailed(status) => {
                vec![(
                    "proxy-status",
                    format!("headgate; received-status={status}"),
                )]
            }
            _ => Vec::new(),
        }
    }
}

/// The longest wait names the code.
fn limited(policy: &str, violated: Violated, seconds: u64) -> Problem {
    let (code, what) = if violated.quota {
        (Code::QuotaExceeded, "calendar quota is used up")
    } else if violated.concurrency {
        (Code::ConcurrencyExceeded, "places are all taken")
    } else {
        (Code::RateLimited, "bucket is empty")
    };
    let names = [
        (violated.rate, policy),
        (violated.quota, "quota"),
        (violated.concurrency, "concurrency"),
    ];
    let names = names.into_iter().filter(|(refuses, _)| *refuses);
    let names: Vec<&str> = names.map(|(_, name)| name).collect();
    let detail = format!("The {what} (policy `{policy}`); retry in {seconds} s.");
    Problem::new(code, detail)
        .with_retry_after(seconds)
        .with("violated-policies", json!(names))
}

fn retired(version: ApiVersion, sunset: Moment) -> Problem {
    let latest = ApiVersion::LATEST;
    Problem::new(
        Code::ApiVersionRetired,
        format!("Version {version} ended at {sunset}; use {latest} in its place."),
    )
    .with("successor", json!(latest.as_str()))
}

fn browned_out(version: ApiVersion, seconds: u64) -> Problem {
    let latest = ApiVersion::LATEST;
    Problem::new(
        Code::ApiVersionBrownout,
        format!(
            "Version {version} is deprecated and switched off for {seconds} s more; move to {latest}."
        ),
    )
    .with_retry_after(seconds)
    .with("successor", json!(latest.as_str()))
}

fn fields_too_many(most: usize) -> Problem {
    headers_too_large(format!("A request may have {most} header fields."))
}

fn access_denied() -> Problem {
    Problem::new(
        Code::AccessDenied,
        "This request is not let in from where it comes, or as it is written.",
    )
}

fn headers_too_large(detail: String) -> Problem {
    Problem::new(Code::HeadersTooLarge, detail)
}

fn not_acceptable(produced: &[String]) -> Problem {
    let listed = produced.join(" or ");
    Problem::new(
        Code::NotAcceptable,
        format!("This route answers with {listed}, which Accept excludes."),
    )
    .with("produces", json!(produced))
}

fn media_type(accepted: &[String]) -> Problem {
    let listed = accepted.join("` or `");
    Problem::new(
        Code::MediaTypeUnsupported,
        format!("Send the body as `{listed}`."),
    )
    .with("accepted", json!(accepted))
}

fn key_reused(differing: &[String]) -> Problem {
    let listed = differing.join(" and ");
    Problem::new(
        Code::IdempotencyKeyReused,
        format!("This key came before with a different {listed}."),
    )
    .with("differing", json!(differing))
}

fn keys_unavailable() -> Problem {
    Problem::new(
        Code::Unavailable,
        "The issuer's keys can't be fetched for the moment, so the token can't be checked.",
    )
    .with_retry_after(5)
}

fn query_unknown(names: &[String]) -> Problem {
    Problem::new(
        Code::RequestInvalid,
        format!("This resource takes no parameter `{}`.", names.join("`, `")),
    )
    .with("parameters", json!(names))
}

fn range_not_satisfiable(bytes: usize) -> Problem {
    Problem::new(
        Code::RangeNotSatisfiable,
        format!("There are {bytes} bytes, and none of them is in the range."),
    )
}

fn not_stored() -> Problem {
    Problem::new(
        Code::NotStored,
        "Nothing is stored that answers this, and only-if-cached forbids to ask the origin.",
    )
    .with_retry_after(1)
}

fn unvalidated(error: FetchError) -> Problem {
    Problem::new(
        Code::OriginTimeout,
        format!("What is stored must be asked about before it is used, and {error}."),
    )
    .with_retry_after(1)
}

fn origin(error: FetchError) -> Problem {
    let code = match error {
        FetchError::Timeout => Code::OriginTimeout,
        FetchError::Unreachable | FetchError::Cut => Code::OriginUnreachable,
        FetchError::Out => Code::Unavailable,
    };
    Problem::new(code, format!("{}.", sentence(&error.to_string()))).with_retry_after(1)
}

fn usage_down() -> Problem {
    Problem::new(
        Code::Unavailable,
        "The record of what your account uses does not answer.",
    )
    .with_retry_after(1)
}

fn origin_failed(status: u16) -> Problem {
    let code = match status {
        502 => Code::OriginUnreachable,
        503 => Code::Unavailable,
        504 => Code::OriginTimeout,
        _ => Code::Internal,
    };
    let problem = Problem::new(code, "The origin failed on another request for the same.");
    match code {
        Code::Internal => problem,
        _ => problem.with_retry_after(1),
    }
}

fn versions(code: Code, asked: &str) -> Problem {
    let served: Vec<_> = ApiVersion::ALL
        .iter()
        .map(|version| version.as_str())
        .collect();
    Problem::new(
        code,
        format!(
            "`{asked}` is no version of this API; ask for {}.",
            served.join(" or ")
        ),
    )
    .with("versions", json!(served))
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
