//! How large the edge is: what Cloudflare counts, and what a cold start pays for.

use std::fmt;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::{Compression, write::GzEncoder};

/// The largest edge that ships, in kilobytes (1,000 bytes) after gzip.
pub const GZIP_KB_MAX: u64 = 400;

/// A file's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Bytes on disk.
    pub raw: u64,
    /// Bytes after gzip at its best.
    pub gzip: u64,
}

impl fmt::Display for Size {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kb = |bytes: u64| bytes.div_ceil(1000);
        write!(
            out,
            "{} KB, gzip {} KB (limit {GZIP_KB_MAX} KB)",
            kb(self.raw),
            kb(self.gzip)
        )
    }
}

/// Measures a file.
pub(super) fn of(path: &Path) -> Result<Size> {
    let bytes =
        std::fs::read(path).with_context(|| format!("{} can't be read.", path.display()))?;
    Ok(Size {
        raw: bytes.len() as u64,
        gzip: gzip(&bytes)?,
    })
}

/// Measures a file, and refuses one over the limit.
pub(super) fn within_limit(path: &Path) -> Result<Size> {
    let size = of(path)?;
    ensure!(
        size.gzip <= GZIP_KB_MAX * 1000,
        "The edge's Wasm is too large: {size}. Look at what was added (`cargo tree -p edge \
         --target wasm32-unknown-unknown`), or raise GZIP_KB_MAX with a reason."
    );
    Ok(size)
}

fn gzip(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_compresses_is_counted_compressed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![0; 2_000_000]).unwrap();
        let size = within_limit(file.path()).unwrap();
        assert_eq!(size.raw, 2_000_000);
        assert!(size.gzip < 10_000);
    }

    #[test]
    fn over_the_limit_is_refused_with_the_figures() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut noise = vec![0; 500_000];
        getrandom::fill(&mut noise).unwrap();
        std::fs::write(file.path(), noise).unwrap();
        let text = within_limit(file.path()).unwrap_err().to_string();
        assert!(
            text.contains("500 KB, gzip 501 KB (limit 400 KB)"),
            "{text}"
        );
    }
}
