//! Trace context [W3C Trace Context]: the client's trace goes on, or ours begins.

use http::HeaderMap;
use shared::id::RequestId;

/// The trace of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// 32 hexadecimal digits.
    pub(super) id: String,
    /// What the origin gets as `traceparent`.
    pub(super) parent: String,
}

impl Trace {
    /// Continues a well-formed `traceparent`; else the request's own id, which is as unique, names
    /// a new trace, and the span is its last eight bytes, which are random.
    pub(super) fn of(fields: &HeaderMap, id: RequestId) -> Self {
        let ours = id.uuid().simple().to_string();
        let span = ours.get(16..).unwrap_or_default();
        let theirs = fields
            .get("traceparent")
            .and_then(|value| value.to_str().ok());
        let (trace, flags) = theirs.and_then(parse).unwrap_or((&ours, "01"));
        Self {
            id: trace.to_owned(),
            parent: format!("00-{trace}-{span}-{flags}"),
        }
    }
}

/// Trace id and flags of a version 00 `traceparent`.
fn parse(field: &str) -> Option<(&str, &str)> {
    let mut parts = field.split('-');
    let (version, trace, span, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, digits: usize| {
        text.len() == digits
            && text
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let nonzero = |text: &str| text.bytes().any(|byte| byte != b'0');
    (version == "00"
        && parts.next().is_none()
        && hex(trace, 32)
        && hex(span, 16)
        && hex(flags, 2)
        && nonzero(trace)
        && nonzero(span))
    .then_some((trace, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traces_go_on_or_begin() {
        let id = RequestId::new(1, [0xab; 10]);
        let of = |field: &str| {
            let mut fields = HeaderMap::new();
            fields.insert("traceparent", field.parse().unwrap());
            Trace::of(&fields, id)
        };
        let theirs = of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
        assert_eq!(theirs.id, "0af7651916cd43dd8448eb211c80319c");
        assert!(theirs.parent.ends_with("-00") && !theirs.parent.contains("b7ad6b7169203331"));
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-00",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-x",
        ] {
            assert_eq!(of(bad), Trace::of(&HeaderMap::new(), id), "{bad}");
        }
    }
}
