//! Decoding as a Worker's platform does it: up to a limit, and not a byte further.

use std::io::Read;

use brotli_decompressor::Decompressor;
use bytes::Bytes;
use flate2::bufread::MultiGzDecoder;

use super::Memory;
use crate::encoding::Coding;
use crate::encoding::decode::Undecodable;
use crate::platform::Decoder;

/// Bytes that are decoded at once.
const STEP_BYTES: usize = 16 * 1024;

impl Decoder for Memory {
    fn decode(&self, coding: Coding, body: &[u8], bytes_max: usize) -> Result<Bytes, Undecodable> {
        decode(coding, body, bytes_max).map(Bytes::from)
    }
}

fn decode(coding: Coding, body: &[u8], bytes_max: usize) -> Result<Vec<u8>, Undecodable> {
    match coding {
        Coding::Gzip => read(MultiGzDecoder::new(body), bytes_max),
        Coding::Brotli => read(Decompressor::new(body, STEP_BYTES), bytes_max),
    }
}

fn read(body: impl Read, bytes_max: usize) -> Result<Vec<u8>, Undecodable> {
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let mut decoded = Vec::new();
    body.take(limit.saturating_add(1))
        .read_to_end(&mut decoded)
        .map_err(|_| Undecodable::Corrupt)?;
    if decoded.len() > bytes_max {
        return Err(Undecodable::TooLarge);
    }
    Ok(decoded)
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    /// The text encoded.
    pub(crate) fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    /// The text encoded.
    pub(crate) fn brotli(text: &[u8]) -> Vec<u8> {
        let mut encoded = Vec::new();
        let mut writer = brotli::CompressorWriter::new(&mut encoded, 4096, 9, 20);
        writer.write_all(text).unwrap();
        drop(writer);
        encoded
    }

    #[test]
    fn what_was_encoded_is_read() {
        for text in ["", "{\"note\":\"Grüße 🦀\"}", &"x".repeat(100_000)] {
            for (coding, body) in [
                (Coding::Gzip, gzip(text.as_bytes())),
                (Coding::Brotli, brotli(text.as_bytes())),
            ] {
                let exact = decode(coding, &body, text.len());
                assert_eq!(exact.as_deref(), Ok(text.as_bytes()), "{coding:?}");
                if let Some(less) = text.len().checked_sub(1) {
                    assert_eq!(decode(coding, &body, less), Err(Undecodable::TooLarge));
                }
            }
        }
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let zeros = vec![0; 50_000_000];
        for (coding, bomb) in [
            (Coding::Gzip, gzip(&zeros)),
            (Coding::Brotli, brotli(&zeros)),
        ] {
            assert!(bomb.len() < 64 * 1024, "{coding:?}");
            assert_eq!(decode(coding, &bomb, 64 * 1024), Err(Undecodable::TooLarge));
        }
    }

    #[test]
    fn what_is_corrupt_is_refused() {
        let text = "some text that is long enough to be cut ".repeat(50);
        for (coding, body) in [
            (Coding::Gzip, gzip(text.as_bytes())),
            (Coding::Brotli, brotli(text.as_bytes())),
        ] {
            let cut = &body[..body.len() - 5];
            assert_eq!(decode(coding, cut, 1 << 20), Err(Undecodable::Corrupt));
            let plain = b"{\"items\":[]}";
            assert_eq!(decode(coding, plain, 1 << 20), Err(Undecodable::Corrupt));
        }
        let mut trailing = gzip(b"{}");
        trailing.extend(b"{}");
        assert_eq!(
            decode(Coding::Gzip, &trailing, 1 << 20),
            Err(Undecodable::Corrupt)
        );
    }
}
