//! How heads cross the border between Rust and JavaScript: one text each way, since each call
//! across costs more than what it carries.
//!
//! Lines end with a line feed, which can't stand in a URL or in a field's value [RFC 9110 §5.5].
//! A request is `method`, `url`, `body` or nothing, country or nothing, then name and value of
//! each field in turn. A response is its status, then its fields.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue, TRANSFER_ENCODING};
use http::{Method, StatusCode, Uri, request};

/// Most bytes in path and query of a request: what servers commonly read.
pub const URI_BYTES_MAX: usize = 8 * 1024;
/// Most bytes in the URL that is taken apart at all; beside path and query it has scheme and host.
const URL_BYTES_MAX: usize = URI_BYTES_MAX + 1024;

/// The text can't be read as a head: it holds a character that HTTP forbids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request line or a header field can't be read")]
pub struct Malformed;

/// Why a request's head can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Its URL is longer than is worth taking apart.
    #[error("the URL is too long")]
    UriTooLong,
    /// A part of it is not HTTP.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// A request's head, and what the platform knows beside it.
#[derive(Debug)]
pub struct RequestHead {
    /// Method, absolute URI, fields.
    pub parts: request::Parts,
    /// Whether a body follows.
    pub has_body: bool,
    /// The client's country, ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// Reads a request's head.
pub fn request(text: String) -> Result<RequestHead, Unreadable> {
    let mut lines = Lines(Bytes::from(text));
    let method = Method::from_bytes(&lines.next()).map_err(|_| Malformed)?;
    let url = lines.next();
    if url.len() > URL_BYTES_MAX {
        return Err(Unreadable::UriTooLong);
    }
    let uri = Uri::from_maybe_shared(url).map_err(|_| Malformed)?;
    let has_body = !lines.next().is_empty();
    let country = lines.next();
    let headers = fields(lines)?;
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.method = method;
    parts.uri = uri;
    parts.headers = headers;
    let country = String::from_utf8_lossy(&country);
    let country = (!country.is_empty()).then(|| country.into_owned());
    Ok(RequestHead {
        parts,
        has_body,
        country,
    })
}

/// Reads a response's head.
pub fn response(text: String) -> Result<(StatusCode, HeaderMap), Malformed> {
    let mut lines = Lines(Bytes::from(text));
    let status = StatusCode::from_bytes(&lines.next()).map_err(|_| Malformed)?;
    Ok((status, fields(lines)?))
}

/// Writes fields. With a body its length is left to the platform, which knows how it is encoded
/// on the wire; without one `Content-Length` may tell what a GET would have got.
pub fn write(headers: &HeaderMap, has_body: bool) -> String {
    let mut text = String::with_capacity(64 * headers.len());
    for (name, value) in headers {
        if name == TRANSFER_ENCODING || (has_body && name == CONTENT_LENGTH) {
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(name.as_str());
        text.push('\n');
        text.push_str(&String::from_utf8_lossy(value.as_bytes()));
    }
    text
}

fn fields(mut lines: Lines) -> Result<HeaderMap, Malformed> {
    let mut headers = HeaderMap::with_capacity(16);
    while !lines.0.is_empty() {
        let name = HeaderName::from_bytes(&lines.next()).map_err(|_| Malformed)?;
        let value = HeaderValue::from_maybe_shared(lines.next()).map_err(|_| Malformed)?;
        headers.try_append(name, value).map_err(|_| Malformed)?;
    }
    Ok(headers)
}

/// The rest of a text, given out line by line without a copy.
struct Lines(Bytes);

impl Lines {
    fn next(&mut self) -> Bytes {
        let end = self
            .0
            .iter()
            .position(|byte| *byte == b'\n')
            .unwrap_or(self.0.len());
        let line = self.0.split_to(end);
        if !self.0.is_empty() {
            // The line feed itself.
            let _ = self.0.split_to(1);
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_keeps_its_fields_in_order() {
        let text = "POST\nhttps://shop.example/v2/orders?a=%20b\nbody\nDE\ncookie\na=1\nx-empty\n\ncookie\nb: 2";
        let head = request(text.to_owned()).unwrap();
        assert_eq!(head.parts.method, Method::POST);
        assert_eq!(head.parts.uri.host(), Some("shop.example"));
        assert_eq!(
            head.parts.uri.path_and_query().unwrap().as_str(),
            "/v2/orders?a=%20b"
        );
        assert!(head.has_body);
        assert_eq!(head.country.as_deref(), Some("DE"));
        let cookies: Vec<_> = head.parts.headers.get_all("cookie").iter().collect();
        assert_eq!(cookies, ["a=1", "b: 2"]);
        assert_eq!(head.parts.headers["x-empty"], "");
    }

    #[test]
    fn a_request_may_have_nothing_but_its_line() {
        for text in [
            "GET\nhttp://localhost/\n\n",
            "GET\nhttp://localhost/",
            "GET\nhttp://localhost/\n\n\n",
        ] {
            let head = request(text.to_owned()).unwrap();
            assert_eq!(
                (head.has_body, head.country, head.parts.headers.len()),
                (false, None, 0),
                "{text:?}"
            );
        }
    }

    #[test]
    fn what_http_forbids_is_refused() {
        let long = format!("GET\nhttp://localhost/{}\n\n", "x".repeat(URL_BYTES_MAX));
        assert_eq!(request(long).err(), Some(Unreadable::UriTooLong));
        for text in [
            "",
            "\n",
            "G T\nhttp://localhost/",
            "GET\nhttp://local host/",
            "GET\nhttp://h/\n\n\na b\nc",
            "GET\nhttp://h/\n\n\na\n\u{7f}",
        ] {
            assert!(request(text.to_owned()).is_err(), "{text:.40}");
        }
        for text in ["", "x", "99", "200\n\nx"] {
            assert!(response(text.to_owned()).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let text = "200\nset-cookie\na=1\nset-cookie\nb=2\nx-name\nJos\u{e9}\ncontent-length\n5";
        let (status, headers) = response(text.to_owned()).unwrap();
        assert_eq!(status, 200);
        assert_eq!(write(&headers, false), text.strip_prefix("200\n").unwrap());
        assert_eq!(write(&HeaderMap::new(), false), "");
    }

    #[test]
    fn the_length_of_a_body_is_left_to_the_platform() {
        for (has_body, expected) in [(true, ""), (false, "content-length\n5")] {
            let (_, headers) =
                response("200\ncontent-length\n5\ntransfer-encoding\nchunked".to_owned()).unwrap();
            assert_eq!(write(&headers, has_body), expected);
        }
    }
}
