//! The envelope of a stored response: what another version, or another hand, left in the store.

use http::{HeaderMap, HeaderValue, Uri, header};

use super::NOW_MS;
use crate::cache::record::{Index, VARIES_MAX};
use crate::cache::reuse::{self, Failure, Reuse, Wish};
use crate::cache::{conditional, fields, range, vary, wire};

/// The target `envelope`: a stored field's value; also a key.
pub fn envelope(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    keys(&text);
    let Some(record) = wire::read(&text) else {
        return;
    };
    let written = wire::write(&record);
    assert!(written.is_ascii() && HeaderValue::from_str(&written).is_ok());
    assert_eq!(wire::read(&written).as_ref(), Some(&record));
    let index = record.index.clone().joined(Index::begun(NOW_MS));
    assert!(index.varies.len() <= VARIES_MAX);
    for names in &index.varies {
        vary::key("/", names, &HeaderMap::new());
    }
    let Some(entry) = record.entry else { return };
    fields::not_modified(&fields::head(&entry.fields));
    let mut request = HeaderMap::new();
    conditional::ask(&mut request, &entry);
    request.insert(header::IF_RANGE, HeaderValue::from_static("\"1\""));
    conditional::range_holds(&request, &entry, 0);
    for length in [0, 1, usize::MAX] {
        for asked in [range::Range::Last(1), range::Range::From(1, None)] {
            if let Some(part) = entry.part {
                range::of_part(asked, part, length);
            }
        }
    }
    for now_ms in [0, NOW_MS, u64::MAX] {
        let fresh = entry.ttl(now_ms) > 0 && !entry.no_cache;
        let decided = reuse::reuse(&entry, &Wish::default(), now_ms);
        assert_eq!(
            decided == Reuse::Fresh,
            fresh && entry.age(now_ms) < u64::MAX
        );
        let instead = reuse::despite(&entry, Failure::Unreachable, u64::MAX, now_ms);
        assert!(!instead || !(entry.must_revalidate || entry.no_cache));
    }
}

/// Keys become URLs, and distinct ones distinct URLs.
fn keys(text: &str) {
    let url = wire::url(text);
    assert!(url.is_ascii() && !url.contains(['#', ' ']), "{url}");
    // The platform's own limit on a URL's length is none of ours.
    assert!(
        url.len() > usize::from(u16::MAX) || url.parse::<Uri>().is_ok(),
        "{url}"
    );
    if let Some((one, other)) = text.split_once('\n') {
        assert_eq!(wire::url(one) == wire::url(other), one == other);
    }
}
