//! Version: which one the client speaks, and whether it still may.
//!
//! 1. `/v2/…` names it in the path, `Accept: application/vnd.headgate.v2+json` in a field; neither
//!    means the latest. The answer's media type stays `application/json`, as GitHub's does, so that
//!    every JSON reader takes it; `API-Version` says which version it is.
//! 2. Both and different: 400. An unknown one: 404 by path, 406 by field, with the list.
//! 3. A deprecated version says so in every answer [RFC 9745, 8594]; in a brownout it is 503 until
//!    the brownout's end, after its sunset 410.
//!
//! Needs no store.

use http::request::Parts;
use shared::version::ApiVersion;

use crate::config::{Gateway, Lifecycle};
use crate::negotiation::Accept;
use crate::rejection::Rejection;

/// What the request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) version: ApiVersion,
    /// Without the version.
    pub(super) path: String,
    /// Whether the path names it; if not, the answer varies by Accept.
    pub(super) in_path: bool,
    /// Whether Accept names it.
    pub(super) in_field: bool,
}

impl Asked {
    /// What the path has before it, if it names the version.
    pub(super) fn prefix(&self) -> String {
        if self.in_path {
            format!("/{}", self.version)
        } else {
            String::new()
        }
    }
}

/// The version, and the path without it.
pub(super) fn resolve(parts: &Parts, accept: &Accept) -> Result<Asked, Rejection> {
    let (in_path, path) = by_path(parts.uri.path())?;
    let in_field = by_field(accept)?;
    let version = match in_path {
        Some(version) if !in_field.is_empty() && !in_field.contains(&version) => {
            return Err(Rejection::VersionConflict);
        }
        Some(version) => version,
        None => in_field.first().copied().unwrap_or(ApiVersion::LATEST),
    };
    Ok(Asked {
        version,
        path: path.to_owned(),
        in_path: in_path.is_some(),
        in_field: !in_field.is_empty(),
    })
}

/// The end of a version, if it has one.
pub(super) fn lifecycle(gateway: &Gateway, version: ApiVersion) -> Option<&Lifecycle> {
    gateway.versions.get(version.as_str())
}

/// Whether a version is served at this time.
pub(super) fn served(
    version: ApiVersion,
    lifecycle: &Lifecycle,
    now_seconds: i64,
) -> Result<(), Rejection> {
    if now_seconds >= lifecycle.sunset.unix_seconds() {
        return Err(Rejection::VersionRetired {
            version,
            sunset: lifecycle.sunset,
        });
    }
    let inside = lifecycle.brownouts.iter().find(|brownout| {
        (brownout.from.unix_seconds()..brownout.to.unix_seconds()).contains(&now_seconds)
    });
    match inside {
        Some(brownout) => Err(Rejection::VersionBrownout {
            version,
            retry_after_seconds: brownout.to.unix_seconds().abs_diff(now_seconds),
        }),
        None => Ok(()),
    }
}

fn by_path(path: &str) -> Result<(Option<ApiVersion>, &str), Rejection> {
    let Some(rest) = path.strip_prefix('/') else {
        return Err(Rejection::Malformed("The path must start with `/`."));
    };
    let (first, _) = rest.split_once('/').unwrap_or((rest, ""));
    let digits = first.strip_prefix('v').unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok((None, path));
    }
    let version = first
        .parse()
        .map_err(|_| Rejection::VersionUnknown(first.to_owned()))?;
    let rest = rest.get(first.len()..).unwrap_or_default();
    Ok((Some(version), if rest.is_empty() { "/" } else { rest }))
}

/// The versions that Accept names and that are served, the most wanted first.
fn by_field(accept: &Accept) -> Result<Vec<ApiVersion>, Rejection> {
    let asked = accept.versions();
    let known: Vec<ApiVersion> = asked.iter().filter_map(|name| name.parse().ok()).collect();
    match asked.first() {
        Some(unknown) if known.is_empty() => {
            Err(Rejection::VersionNotAcceptable((*unknown).to_owned()))
        }
        _ => Ok(known),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Brownout, Moment};

    fn asked(path: &str, accept: &str) -> Result<Asked, Rejection> {
        let request = http::Request::get(format!("https://x.example{path}"));
        let request = request.header("accept", accept).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        resolve(&parts, &Accept::of(&parts.headers))
    }

    #[test]
    fn versions() {
        use ApiVersion::{V1, V2};
        let unknown = |name: &str| Err(Rejection::VersionUnknown(name.to_owned()));
        for (path, accept, expected) in [
            ("/v2/orders", "", Ok((V2, "/orders"))),
            ("/v1/orders", "", Ok((V1, "/orders"))),
            ("/orders", "", Ok((V2, "/orders"))),
            ("/v2", "", Ok((V2, "/"))),
            ("/v2/", "", Ok((V2, "/"))),
            ("/orders", "*/*", Ok((V2, "/orders"))),
            (
                "/orders",
                "application/vnd.headgate.v1+json",
                Ok((V1, "/orders")),
            ),
            (
                "/orders",
                "application/vnd.headgate.v1+json;q=0.2, application/vnd.headgate.v2+json",
                Ok((V2, "/orders")),
            ),
            (
                "/v2/orders",
                "text/html, Application/Vnd.Headgate.V2+json;q=0.5",
                Ok((V2, "/orders")),
            ),
            (
                "/v1/orders",
                "application/vnd.headgate.v2+json, application/vnd.headgate.v1+json",
                Ok((V1, "/orders")),
            ),
            (
                "/v1/orders",
                "application/vnd.headgate.v2+json",
                Err(Rejection::VersionConflict),
            ),
            (
                "/v2/orders",
                "application/vnd.headgate.v2+json;q=0, application/vnd.headgate.v1+json",
                Err(Rejection::VersionConflict),
            ),
            ("/vintage", "", Ok((V2, "/vintage"))),
            ("/v", "", Ok((V2, "/v"))),
            ("/v3/orders", "", unknown("v3")),
            ("/v02/orders", "", unknown("v02")),
            (
                "/orders",
                "application/vnd.headgate.v9+json",
                Err(Rejection::VersionNotAcceptable("v9".to_owned())),
            ),
            (
                "/orders",
                "application/vnd.headgate.v9+json, application/vnd.headgate.v1+json;q=0.1",
                Ok((V1, "/orders")),
            ),
        ] {
            let found = asked(path, accept).map(|asked| (asked.version, asked.path));
            let expected = expected.map(|(version, path)| (version, path.to_owned()));
            assert_eq!(found, expected, "{path} {accept}");
        }
    }

    #[test]
    fn where_the_version_stands() {
        for (path, accept, expected) in [
            ("/v2/orders", "", (true, false)),
            ("/orders", "", (false, false)),
            ("/orders", "application/vnd.headgate.v2+json", (false, true)),
            (
                "/v2/orders",
                "application/vnd.headgate.v2+json",
                (true, true),
            ),
        ] {
            let asked = asked(path, accept).unwrap();
            assert_eq!((asked.in_path, asked.in_field), expected, "{path} {accept}");
        }
    }

    #[test]
    fn a_version_browns_out_and_ends() {
        let moment = |text: &str| serde_json::from_value::<Moment>(text.into()).unwrap();
        let lifecycle = Lifecycle {
            deprecated: moment("2026-07-01T00:00:00Z"),
            sunset: moment("2027-07-01T00:00:00Z"),
            brownouts: vec![Brownout {
                from: moment("2027-02-01T09:00:00Z"),
                to: moment("2027-02-01T10:00:00Z"),
            }],
        };
        let brownout = |retry_after_seconds| {
            Err(Rejection::VersionBrownout {
                version: ApiVersion::V1,
                retry_after_seconds,
            })
        };
        let retired = Err(Rejection::VersionRetired {
            version: ApiVersion::V1,
            sunset: lifecycle.sunset,
        });
        for (now, expected) in [
            ("2020-01-01T00:00:00Z", Ok(())),
            ("2027-02-01T08:59:59Z", Ok(())),
            ("2027-02-01T09:00:00Z", brownout(3_600)),
            ("2027-02-01T09:59:59Z", brownout(1)),
            ("2027-02-01T10:00:00Z", Ok(())),
            ("2027-06-30T23:59:59Z", Ok(())),
            ("2027-07-01T00:00:00Z", retired.clone()),
            ("2030-01-01T00:00:00Z", retired),
        ] {
            let found = served(ApiVersion::V1, &lifecycle, moment(now).unix_seconds());
            assert_eq!(found, expected, "{now}");
        }
    }
}
