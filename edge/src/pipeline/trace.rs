//! Trace context [W3C Trace Context]: the client's trace goes on, or ours begins.

use http::HeaderMap;
use shared::id::RequestId;

use crate::config::Share;

/// The trace of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Trace {
    /// 32 hexadecimal digits.
    pub(super) id: String,
    /// What the origin gets as `traceparent`.
    pub(super) parent: String,
    /// This request's span, 16 digits.
    pub(super) span: String,
    /// The client's span, if it sent one.
    pub(super) theirs: Option<String>,
    /// Whether whoever collects traces is to keep it.
    pub(super) kept: bool,
}

/// Flags of a trace that is kept.
const KEPT: &str = "01";
/// Of one that is not.
const NOT_KEPT: &str = "00";

impl Trace {
    /// Continues a well-formed `traceparent`; else the request's own id, which is as unique, names
    /// a new trace, and the span is its last eight bytes, which are random. Of those whose clients do not
    /// mind, this share is kept, by the trace's last digits, so that every edge that sees one decides the
    /// same; without a share it is left to who follows.
    pub(super) fn of(fields: &HeaderMap, id: RequestId, share: Option<Share>) -> Self {
        let ours = id.uuid().simple().to_string();
        let span = ours.get(16..).unwrap_or_default();
        let theirs = fields
            .get("traceparent")
            .and_then(|value| value.to_str().ok());
        let theirs = theirs.and_then(parse);
        let (trace, mut flags) =
            theirs.map_or((ours.as_str(), KEPT), |(trace, _, flags)| (trace, flags));
        let wanted = flags.ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']);
        let drawn = trace
            .get(24..)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let kept =
            wanted && share.is_none_or(|share| drawn.is_some_and(|drawn| share.holds(drawn)));
        if wanted && !kept {
            flags = NOT_KEPT;
        }
        Self {
            id: trace.to_owned(),
            parent: format!("00-{trace}-{span}-{flags}"),
            span: span.to_owned(),
            theirs: theirs.map(|(_, span, _)| span.to_owned()),
            kept,
        }
    }
}

/// Trace id, span and flags of a `traceparent`. What a later version adds stands behind them.
fn parse(field: &str) -> Option<(&str, &str, &str)> {
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
    (hex(version, 2)
        && version != "ff"
        && (version != "00" || parts.next().is_none())
        && hex(trace, 32)
        && hex(span, 16)
        && hex(flags, 2)
        && nonzero(trace)
        && nonzero(span))
    .then_some((trace, span, flags))
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
            Trace::of(&fields, id, None)
        };
        let theirs = of("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00");
        assert_eq!(theirs.id, "0af7651916cd43dd8448eb211c80319c");
        assert!(theirs.parent.ends_with("-00") && !theirs.parent.contains("b7ad6b7169203331"));
        assert_eq!(theirs.theirs.as_deref(), Some("b7ad6b7169203331"));
        assert!(theirs.parent.contains(&theirs.span) && !theirs.kept);
        for later in ["", "-", "-what-will-be"] {
            let field = format!("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00{later}");
            assert_eq!(of(&field), theirs, "{later}");
        }
        for bad in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-00000000000000000000000000000000-b7ad6b7169203331-00",
            "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00-x",
            "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
        ] {
            assert_eq!(of(bad), Trace::of(&HeaderMap::new(), id, None), "{bad}");
        }
    }

    #[test]
    fn a_share_of_what_clients_want_is_kept() {
        let half = Share::millionths(500_000);
        for (last, flags, share, expected) in [
            ("7fffffff", "01", Some(half), "-01"),
            ("80000000", "01", Some(half), "-00"),
            ("80000000", "03", Some(half), "-00"),
            ("80000000", "01", None, "-01"),
            ("7fffffff", "00", Some(half), "-00"),
            ("7fffffff", "02", Some(half), "-02"),
        ] {
            let field = format!("00-0af7651916cd43dd8448eb21{last}-b7ad6b7169203331-{flags}");
            let mut fields = HeaderMap::new();
            fields.insert("traceparent", field.parse().unwrap());
            let trace = Trace::of(&fields, RequestId::new(1, [0xab; 10]), share);
            assert!(
                trace.parent.ends_with(expected),
                "{field}: {}",
                trace.parent
            );
            assert_eq!(trace.kept, expected == "-01", "{field}");
        }
    }
}
