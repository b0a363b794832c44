//! Reading a token request: a form, and the client's credentials in it or beside it.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::{GRANT, Refused};

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The client's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Whether they came in the `Authorization` field.
    pub by_field: bool,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who asks.
    pub credentials: Credentials,
    /// Scopes, separated by spaces.
    pub scope: Option<String>,
    /// Whether the grant is the one that is served; whoever asks is checked first.
    pub grant_served: bool,
}

/// Reads a request.
pub fn read(headers: &HeaderMap, form: &[u8]) -> Result<Request, Refused> {
    let mut parameters: Vec<(String, String)> = Vec::new();
    for (name, value) in form_urlencoded::parse(form) {
        if value.is_empty() {
            continue;
        }
        if parameters.iter().any(|(known, _)| *known == name) {
            return Err(Refused::Request(format!("{name} stands twice.")));
        }
        parameters.push((name.into_owned(), value.into_owned()));
    }
    let get = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone())
    };
    // Parameters that are not known are passed over [§3.2].
    let credentials = match (field(headers)?, get("client_id"), get("client_secret")) {
        (Some(_), _, Some(_)) => {
            return Err(Refused::Request(
                "The secret stands in the Authorization field and in the body: send one.".into(),
            ));
        }
        (Some(credentials), id, None) => {
            if id.is_some_and(|id| id != credentials.id) {
                return Err(Refused::Request("Two clients are named.".into()));
            }
            credentials
        }
        (None, Some(id), Some(secret)) => Credentials {
            id,
            secret,
            by_field: false,
        },
        (None, _, _) => return Err(Refused::Client { by_field: false }),
    };
    let grant =
        get("grant_type").ok_or_else(|| Refused::Request("grant_type is missing.".to_owned()))?;
    Ok(Request {
        credentials,
        scope: get("scope"),
        grant_served: grant == GRANT,
    })
}

/// The credentials of the `Authorization` field; both parts are form-encoded before they are joined
/// [§2.3.1].
fn field(headers: &HeaderMap) -> Result<Option<Credentials>, Refused> {
    let refused = Refused::Client { by_field: true };
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        return Err(Refused::Request("Authorization stands twice.".into()));
    }
    let (scheme, encoded) = line
        .to_str()
        .ok()
        .and_then(|line| line.split_once(' '))
        .ok_or(refused.clone())?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(refused);
    }
    let joined = STANDARD
        .decode(encoded.trim())
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or(refused.clone())?;
    let (id, secret) = joined.split_once(':').ok_or(refused)?;
    let decoded = |part: &str| {
        let pair = format!("v={part}");
        form_urlencoded::parse(pair.as_bytes())
            .next()
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    };
    Ok(Some(Credentials {
        id: decoded(id),
        secret: decoded(secret),
        by_field: true,
    }))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn requests_are_read() {
        let grant = "grant_type=client_credentials";
        let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
        // Credentials or the name of the refusal.
        let read_it = |field: &str, form: &str| {
            let mut headers = HeaderMap::new();
            if !field.is_empty() {
                headers.insert(header::AUTHORIZATION, HeaderValue::from_str(field).unwrap());
            }
            read(&headers, form.as_bytes())
        };
        for (field, form, expected) in [
            (
                String::new(),
                format!("{grant}&client_id=c&client_secret=s"),
                Ok(("c", "s", false)),
            ),
            (basic("c:s"), grant.to_owned(), Ok(("c", "s", true))),
            (
                basic("c%3A1:a+b%25"),
                grant.to_owned(),
                Ok(("c:1", "a b%", true)),
            ),
            (basic("c:s:t"), grant.to_owned(), Ok(("c", "s:t", true))),
            (
                basic("c:s"),
                format!("{grant}&client_id=c"),
                Ok(("c", "s", true)),
            ),
            (
                basic("c:s").replace("Basic", "bAsIc"),
                grant.to_owned(),
                Ok(("c", "s", true)),
            ),
            (
                basic("c:s"),
                format!("{grant}&client_id=d"),
                Err("invalid_request"),
            ),
            (
                basic("c:s"),
                format!("{grant}&client_secret=s"),
                Err("invalid_request"),
            ),
            (basic("c"), grant.to_owned(), Err("invalid_client")),
            (
                "Basic %".to_owned(),
                grant.to_owned(),
                Err("invalid_client"),
            ),
            (
                "Bearer x".to_owned(),
                grant.to_owned(),
                Err("invalid_client"),
            ),
            (String::new(), grant.to_owned(), Err("invalid_client")),
            (
                String::new(),
                format!("{grant}&client_id=c"),
                Err("invalid_client"),
            ),
            (
                String::new(),
                format!("{grant}&client_id=c&client_secret="),
                Err("invalid_client"),
            ),
            (basic("c:s"), String::new(), Err("invalid_request")),
            (
                basic("c:s"),
                format!("{grant}&{grant}"),
                Err("invalid_request"),
            ),
            (
                basic("c:s"),
                format!("{grant}&scope=a&scope=b"),
                Err("invalid_request"),
            ),
            (
                basic("c:s"),
                format!("{grant}&scope=&scope="),
                Ok(("c", "s", true)),
            ),
            (
                basic("c:s"),
                format!("{grant}&resource=x"),
                Ok(("c", "s", true)),
            ),
        ] {
            let found = read_it(&field, &form);
            let shown = match &found {
                Ok(Request { credentials, .. }) => Ok((
                    credentials.id.as_str(),
                    credentials.secret.as_str(),
                    credentials.by_field,
                )),
                Err(refused) => Err(refused.name()),
            };
            assert_eq!(shown, expected, "{field} {form}");
        }
        let password = read_it(&basic("c:s"), "grant_type=password&username=x").unwrap();
        assert!(!password.grant_served);
    }
}
