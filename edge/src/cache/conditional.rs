//! Whether a client's copy still holds [RFC 9110 §13].

use http::{HeaderMap, header};

/// Whether `If-None-Match` names the stored response's ETag, by weak comparison; `*` names any.
pub fn not_modified(request: &HeaderMap, etag: Option<&str>) -> bool {
    request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .any(|line| names(line, etag))
}

fn names(line: &str, etag: Option<&str>) -> bool {
    if line.trim() == "*" {
        return true;
    }
    let Some(ours) = etag.map(opaque) else {
        return false;
    };
    let mut rest = line;
    // Commas may stand inside a tag's quotes, so tags are cut out one by one.
    while let Some(start) = rest.find('"') {
        let Some(tag) = rest.get(start + 1..) else {
            break;
        };
        let Some(end) = tag.find('"') else { break };
        if tag.get(..end) == Some(ours) {
            return true;
        }
        rest = tag.get(end + 1..).unwrap_or_default();
    }
    false
}

/// The tag without `W/` and quotes, which is all that weak comparison looks at.
fn opaque(etag: &str) -> &str {
    etag.trim_start_matches("W/").trim_matches('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        for (field, etag, expected) in [
            ("\"a\"", Some("\"a\""), true),
            ("W/\"a\"", Some("\"a\""), true),
            ("\"a\"", Some("W/\"a\""), true),
            ("\"b\", \"a\"", Some("\"a\""), true),
            ("\"b,c\",\"a\"", Some("\"a\""), true),
            ("\"a,b\"", Some("\"a\""), false),
            ("\"b\"", Some("\"a\""), false),
            ("*", Some("\"a\""), true),
            ("*", None, true),
            ("\"a\"", None, false),
            ("a", Some("\"a\""), false),
            ("\"a", Some("\"a\""), false),
            ("", Some("\"a\""), false),
        ] {
            let mut request = HeaderMap::new();
            request.insert(header::IF_NONE_MATCH, field.parse().unwrap());
            assert_eq!(not_modified(&request, etag), expected, "{field} {etag:?}");
        }
        assert!(!not_modified(&HeaderMap::new(), Some("\"a\"")));
    }
}
