//! What a request's body is encoded in, and why it may not be decoded. The platform decodes
//! ([`crate::platform::Decoder`]): in Wasm the two codings would take 110 KB of a Worker's 400, most of
//! it brotli's dictionary, and the platform has them anyway.

use http::HeaderMap;
use http::header;

use super::Coding;

/// Why a body is not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Undecodable {
    /// Decoded it holds more bytes than allowed.
    #[error("the decoded body is over its limit")]
    TooLarge,
    /// It is not what its coding says.
    #[error("the body is not what Content-Encoding says")]
    Corrupt,
}

/// A coding that we don't speak, or more than one: nobody sends that, and each is a way to hide an
/// enormous body in a small one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported;

/// The coding of a request's body, `None` for none.
pub fn coding(fields: &HeaderMap) -> Result<Option<Coding>, Unsupported> {
    let mut found = None;
    for line in fields.get_all(header::CONTENT_ENCODING) {
        for name in line.to_str().map_err(|_| Unsupported)?.split(',') {
            let name = name.trim().to_ascii_lowercase();
            if name.is_empty() || name == "identity" {
                continue;
            }
            let coding = Coding::named(&name).ok_or(Unsupported)?;
            if found.replace(coding).is_some() {
                return Err(Unsupported);
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_of_a_body() {
        for (lines, expected) in [
            (vec![], Ok(None)),
            (vec![""], Ok(None)),
            (vec!["identity"], Ok(None)),
            (vec!["GZip"], Ok(Some(Coding::Gzip))),
            (vec!["x-gzip"], Ok(Some(Coding::Gzip))),
            (vec!["identity, br"], Ok(Some(Coding::Brotli))),
            (vec!["deflate"], Err(Unsupported)),
            (vec!["zstd"], Err(Unsupported)),
            (vec!["gzip, gzip"], Err(Unsupported)),
            (vec!["gzip", "br"], Err(Unsupported)),
        ] {
            let mut fields = HeaderMap::new();
            for line in &lines {
                fields.append(header::CONTENT_ENCODING, line.parse().unwrap());
            }
            assert_eq!(coding(&fields), expected, "{lines:?}");
        }
    }
}
