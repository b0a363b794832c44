//! What a fuzzer feeds with arbitrary bytes, and what must hold of whatever is read from them.
//!
//! Each function is the body of one target in `edge/fuzz`; `cargo xtask fuzz` runs them. The native
//! tests feed them the seeds that are committed there, and every input that once broke one, so that
//! they can't rot.

mod credentials;
mod envelope;
mod fields;
mod ranges;
mod wire;

use http::{HeaderMap, HeaderName, HeaderValue};

pub use credentials::credentials;
pub use envelope::envelope;
pub use fields::fields;
pub use ranges::ranges;
pub use wire::wire;

/// When all of this happens, Unix seconds.
const NOW_SECONDS: i64 = 1_795_000_000;
/// The same in milliseconds.
const NOW_MS: u64 = 1_795_000_000_000;

/// A request's and a response's fields: lines of `name:value`, with an empty line between the two.
/// Lines that are none are skipped.
fn exchange(bytes: &[u8]) -> (HeaderMap, HeaderMap) {
    let (mut request, mut response) = (HeaderMap::new(), HeaderMap::new());
    let mut into = &mut request;
    for line in bytes.split(|byte| *byte == b'\n') {
        if line.is_empty() {
            into = &mut response;
            continue;
        }
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let (Some(name), Some(value)) = (halves.next(), halves.next()) else {
            continue;
        };
        let name = HeaderName::from_bytes(name);
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            into.append(name, value);
        }
    }
    (request, response)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Feeds a target all of its seeds, each cut short at every byte as well.
    fn feed(target: &str, run: fn(&[u8])) {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fuzz/seeds")
            .join(target);
        let mut fed = 0;
        for file in std::fs::read_dir(&seeds).unwrap() {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for end in 0..=bytes.len() {
                run(&bytes[..end]);
            }
            fed += 1;
        }
        assert!(fed > 0, "{} holds no seeds", seeds.display());
    }

    #[test]
    fn what_is_read_of_fields_holds() {
        feed("fields", fields);
    }

    #[test]
    fn what_is_cut_lies_inside() {
        feed("ranges", ranges);
    }

    #[test]
    fn what_is_stored_is_read_back() {
        feed("envelope", envelope);
    }

    #[test]
    fn what_proves_a_caller_is_what_it_says() {
        feed("credentials", credentials);
    }

    #[test]
    fn what_is_told_is_read_back() {
        feed("wire", wire);
    }
}
