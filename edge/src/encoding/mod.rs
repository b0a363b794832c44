//! Content codings [RFC 9110 §8.4]: gzip and br, both ways.
//!
//! 1. A request's body is in one of them ([`decode`]), or refused.
//! 2. An answer goes out in the one that the client prefers ([`Accepted::choose`]).
//! 3. The platform decodes and encodes.
//! 4. An encoded answer is another representation, so its strong tag has the coding's suffix.

pub mod decode;

use http::HeaderMap;
use http::header;

use crate::negotiation;

/// A coding that we speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
}

/// Those that we speak, as `Accept-Encoding` lists them.
pub const ACCEPTED: &str = "gzip, br";
/// Smallest body that is worth encoding, in bytes: less fits into one packet with its head.
pub const WORTH_BYTES_MIN: u64 = 1_400;

impl Coding {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Gzip, Self::Brotli];

    /// As it stands in `Content-Encoding`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
        }
    }

    /// What its representations' tags end in.
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Gzip => ".gz",
            Self::Brotli => ".br",
        }
    }

    /// The coding of a name; `x-gzip` is an old name of gzip [RFC 9110 §8.4.1.3].
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "gzip" | "x-gzip" => Some(Self::Gzip),
            "br" => Some(Self::Brotli),
            _ => None,
        }
    }

    /// The tag of the representation before it was encoded.
    pub fn unsuffixed(tag: &str) -> Option<String> {
        Self::ALL
            .into_iter()
            .find_map(|coding| crate::tags::unsuffixed(tag, coding.suffix()))
    }
}

/// What the client's `Accept-Encoding` allows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Accepted {
    coding: Option<Coding>,
    identity: bool,
}

impl Accepted {
    /// Reads the field. The heaviest coding wins, of equal ones the first, and `*` is content with
    /// the plain body: wrangler's front and Cloudflare's choose in the same way, so that neither
    /// encodes again or decodes what we encoded.
    pub fn of(fields: &HeaderMap) -> Self {
        let asked = negotiation::weighted(fields, &header::ACCEPT_ENCODING);
        let mut best: Option<(Coding, u16)> = None;
        for one in &asked {
            if let Some(coding) = Coding::named(&one.name)
                && one.quality > best.map_or(0, |(_, best)| best)
            {
                best = Some((coding, one.quality));
            }
        }
        let weight = |name: &str| asked.iter().find(|one| one.name == name);
        let identity = weight("identity").or_else(|| weight("*"));
        Self {
            coding: best.map(|(coding, _)| coding),
            identity: identity.is_none_or(|one| one.quality > 0),
        }
    }

    /// The coding for a body of this media type and, where it is known, length.
    pub fn choose(self, media_type: &str, bytes: Option<u64>) -> Option<Coding> {
        let worth = bytes.is_none_or(|bytes| bytes >= WORTH_BYTES_MIN) || !self.identity;
        self.coding.filter(|_| worth && is_text(media_type))
    }
}

/// Whether bodies of the media type shrink: images and archives are compressed already.
pub fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/")
        || media_type.ends_with("+json")
        || media_type.ends_with("+xml")
        || matches!(
            media_type,
            "application/json" | "application/javascript" | "application/xml"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: Option<u64> = Some(WORTH_BYTES_MIN);

    #[test]
    fn codings_are_chosen_by_weight_and_then_by_order() {
        use Coding::{Brotli, Gzip};
        for (field, large, small) in [
            (None, None, None),
            (Some(""), None, None),
            (Some("identity"), None, None),
            (Some("gzip"), Some(Gzip), None),
            (Some("br"), Some(Brotli), None),
            (Some("gzip, deflate, br, zstd"), Some(Gzip), None),
            (Some("br, gzip"), Some(Brotli), None),
            (Some("GZIP;q=0.5, br;q=0.8"), Some(Brotli), None),
            (Some("gzip;q=0, br"), Some(Brotli), None),
            (Some("gzip;q=0"), None, None),
            (Some("deflate"), None, None),
            (Some("*"), None, None),
            (Some("gzip;q=0, *"), None, None),
            (Some("*;q=0"), None, None),
            (Some("identity;q=0, gzip"), Some(Gzip), Some(Gzip)),
            (Some("br, *;q=0"), Some(Brotli), Some(Brotli)),
        ] {
            let mut fields = HeaderMap::new();
            if let Some(field) = field {
                fields.insert(header::ACCEPT_ENCODING, field.parse().unwrap());
            }
            let accepted = Accepted::of(&fields);
            let chosen = |bytes| accepted.choose("application/json", bytes);
            assert_eq!(
                (chosen(LARGE), chosen(Some(9))),
                (large, small),
                "{field:?}"
            );
            assert_eq!(chosen(None), large, "unknown lengths count as large");
            assert_eq!(accepted.choose("image/png", LARGE), None);
        }
    }

    #[test]
    fn what_shrinks() {
        for (media_type, expected) in [
            ("application/problem+json", true),
            ("text/html", true),
            ("image/svg+xml", true),
            ("application/octet-stream", false),
            ("", false),
        ] {
            assert_eq!(is_text(media_type), expected, "{media_type}");
        }
    }
}
