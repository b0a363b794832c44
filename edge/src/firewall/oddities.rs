//! What two parsers may read in two ways.
//!
//! The platform reads requests before we do, and refuses much of this. A request that came through with
//! one of these marks is one that somebody behind us may read otherwise, so it goes no further.

use http::header::{self, HeaderMap, HeaderValue};
use http::request::Parts;

/// Most fields in a request.
pub const FIELDS_MAX: usize = 100;

/// What is odd about a request, in words for its client.
pub fn find(parts: &Parts) -> Option<&'static str> {
    framing(&parts.headers).or_else(|| path(parts.uri.path()))
}

/// Two lengths, or a length and a transfer coding [RFC 9112 §6.3].
fn framing(fields: &HeaderMap) -> Option<&'static str> {
    let mut lengths = fields.get_all(header::CONTENT_LENGTH).iter();
    if let Some(length) = lengths.next() {
        let digits = |value: &HeaderValue| {
            !value.is_empty() && value.as_bytes().iter().all(u8::is_ascii_digit)
        };
        if lengths.next().is_some() || !digits(length) {
            return Some("The Content-Length field must hold one number.");
        }
        if fields.contains_key(header::TRANSFER_ENCODING) {
            return Some("A body has a Content-Length or a Transfer-Encoding, not both.");
        }
    }
    let mut codings = fields.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(coding) = codings.next()
        && (codings.next().is_some() || !coding.as_bytes().eq_ignore_ascii_case(b"chunked"))
    {
        return Some("The only transfer coding that is read is chunked.");
    }
    if fields.get_all(header::HOST).iter().count() > 1 {
        return Some("The Host field stands more than once.");
    }
    None
}

/// A path that changes when somebody decodes or resolves it: what the routes saw would not be what the
/// origin sees.
fn path(path: &str) -> Option<&'static str> {
    let bytes = path.as_bytes();
    let mut rest = bytes;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'\\' => return Some("The path holds a backslash."),
            b'%' => {
                let pair = after.first_chunk::<2>().copied().and_then(decoded);
                match pair {
                    None => return Some("The path holds a `%` without two hexadecimal digits."),
                    Some(0..=31 | 127) => return Some("The path holds a control character."),
                    Some(b'/' | b'\\') => return Some("The path holds an encoded slash."),
                    Some(b'.') => return Some("The path holds an encoded dot."),
                    Some(_) => {}
                }
            }
            _ => {}
        }
    }
    let mut segments = path.split('/');
    segments
        .any(|segment| segment == "." || segment == "..")
        .then_some("The path holds a segment of dots.")
}

/// A byte of two hexadecimal digits.
pub(super) fn decoded(pair: [u8; 2]) -> Option<u8> {
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? * 16 + low?).ok()
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    #[test]
    fn what_is_odd() {
        for (path, fields, odd) in [
            ("/v2/products/prd_1?q=%2f%00..", &[][..], false),
            ("/v2/caf%C3%A9", &[("content-length", "5")], false),
            ("/a.b/..c", &[("transfer-encoding", "Chunked")], false),
            (
                "/",
                &[("content-length", "5"), ("content-length", "5")],
                true,
            ),
            ("/", &[("content-length", "5, 5")], true),
            ("/", &[("content-length", "+5")], true),
            ("/", &[("content-length", "")], true),
            (
                "/",
                &[("content-length", "5"), ("transfer-encoding", "chunked")],
                true,
            ),
            ("/", &[("transfer-encoding", "gzip, chunked")], true),
            (
                "/",
                &[("transfer-encoding", "chunked"), ("transfer-encoding", "x")],
                true,
            ),
            ("/", &[("host", "a"), ("host", "b")], true),
            ("/v2/..%2forders", &[], true),
            ("/v2/%2e%2e/orders", &[], true),
            ("/v2/../orders", &[], true),
            ("/v2/./orders", &[], true),
            ("/v2/orders%00", &[], true),
            ("/v2/orders%0d%0a", &[], true),
            ("/v2/orders%5c", &[], true),
            ("/v2/orders%", &[], true),
            ("/v2/orders%4", &[], true),
            ("/v2/orders%zz", &[], true),
        ] {
            let mut request = Request::get(path);
            for (name, value) in fields {
                request = request.header(*name, *value);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            assert_eq!(find(&parts).is_some(), odd, "{path} {fields:?}");
        }
    }
}
