//! Version: which one the client speaks.
//!
//! 1. `/v2/…` names it in the path, `Accept: application/vnd.headgate.v2+json` in a field; neither
//!    means the latest.
//! 2. Both and different: 400. An unknown one: 404 by path, 406 by field, with the list.
//!
//! Needs no store.

use http::{HeaderMap, header, request::Parts};
use shared::version::ApiVersion;

use crate::rejection::Rejection;

/// The version, and the path without it.
pub(super) fn resolve(parts: &Parts) -> Result<(ApiVersion, String), Rejection> {
    let (in_path, path) = by_path(parts.uri.path())?;
    let in_field = by_field(&parts.headers)?;
    match (in_path, in_field) {
        (Some(one), Some(other)) if one != other => Err(Rejection::VersionConflict),
        (one, other) => Ok((one.or(other).unwrap_or(ApiVersion::LATEST), path.to_owned())),
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

fn by_field(fields: &HeaderMap) -> Result<Option<ApiVersion>, Rejection> {
    for line in fields.get_all(header::ACCEPT) {
        let Ok(line) = line.to_str() else { continue };
        for range in line.split(',') {
            let range = range
                .split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            if let Some(name) = range
                .strip_prefix("application/vnd.headgate.")
                .and_then(|rest| rest.strip_suffix("+json"))
            {
                return name
                    .parse()
                    .map(Some)
                    .map_err(|_| Rejection::VersionNotAcceptable(name.to_owned()));
            }
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let unknown = |name: &str| Err(Rejection::VersionUnknown(name.to_owned()));
        for (path, accept, expected) in [
            ("/v2/orders", "", Ok("/orders")),
            ("/orders", "", Ok("/orders")),
            ("/v2", "", Ok("/")),
            ("/v2/", "", Ok("/")),
            ("/orders", "*/*", Ok("/orders")),
            ("/orders", "application/vnd.headgate.v2+json", Ok("/orders")),
            (
                "/v2/orders",
                "text/html, Application/Vnd.Headgate.V2+json;q=0.5",
                Ok("/orders"),
            ),
            ("/vintage", "", Ok("/vintage")),
            ("/v", "", Ok("/v")),
            ("/v3/orders", "", unknown("v3")),
            ("/v02/orders", "", unknown("v02")),
            (
                "/orders",
                "application/vnd.headgate.v9+json",
                Err(Rejection::VersionNotAcceptable("v9".to_owned())),
            ),
        ] {
            let request = http::Request::get(format!("https://x.example{path}"));
            let (parts, ()) = request
                .header("accept", accept)
                .body(())
                .unwrap()
                .into_parts();
            let found = resolve(&parts);
            let expected = expected.map(|path| (ApiVersion::V2, path.to_owned()));
            assert_eq!(found, expected, "{path} {accept}");
        }
    }
}
