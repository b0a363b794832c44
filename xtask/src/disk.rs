//! Room on the disk. A full one breaks whatever writes next, mostly without a word that says so.

use std::path::Path;

/// Below this much, in bytes, what fails is taken to fail for want of room.
const FULL_BELOW: u64 = 64 << 20;

/// What a build and a run of all tests take from a fresh clone, in bytes: 12.7 GB were measured.
pub const WANTED: u64 = 14_000_000_000;

/// The fix when there is none.
pub const FIX: &str = "The disk is full. Make room and run the command again; \
    `cargo clean` frees what earlier builds left.";

/// Bytes that are free where `path` is, for whoever is no superuser.
pub fn free(path: &Path) -> Option<u64> {
    let of = rustix::fs::statvfs(path).ok()?;
    Some(of.f_bavail.saturating_mul(of.f_frsize))
}

/// As people say it.
pub fn gigabytes(bytes: u64) -> String {
    let tenths = bytes / 100_000_000;
    format!("{}.{} GB", tenths / 10, tenths % 10)
}

/// Whether a command that said this failed for want of room, here or where temporary files go.
pub fn full(said: &str) -> bool {
    let places = [Path::new(".").to_owned(), std::env::temp_dir()];
    let short = |place: &std::path::PathBuf| free(place).is_some_and(|free| free < FULL_BELOW);
    said.contains("No space left on device") || places.iter().any(short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_in_bytes() {
        let free = free(Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert!((1 << 20..1 << 60).contains(&free), "{free}");
        assert_eq!(gigabytes(WANTED), "14.0 GB");
        assert_eq!(gigabytes(950_000_000), "0.9 GB");
    }

    #[test]
    fn a_full_disk_is_known_by_the_words() {
        assert!(full("FATAL: could not write: No space left on device\n"));
    }
}
