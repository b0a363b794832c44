//! Ranges: what is cut lies inside of what there is, and is what `Content-Range` says.

use super::{NOW_MS, NOW_SECONDS, exchange};
use crate::cache::directive::Directives;
use crate::cache::entry::{Entry, Part};
use crate::cache::range::{self, Cut};
use crate::cache::storable::{self, Circumstances};
use crate::cache::{conditional, fields};

/// The target `ranges`: a length in two bytes, then fields.
pub fn ranges(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let (request, response) = exchange(rest);
    let part = range::content_range(&response);
    if let Some(part) = part {
        said(part);
    }
    let entry = Entry {
        fields: fields::stored(&response, &Directives::default()),
        ..Entry::default()
    };
    conditional::range_holds(&request, &entry, NOW_SECONDS);
    let of = Circumstances {
        requested_ms: NOW_MS,
        received_ms: NOW_MS,
        ..Circumstances::default()
    };
    if let Some(entry) = storable::entry(http::StatusCode::PARTIAL_CONTENT, &response, of) {
        assert!(part.is_some() && entry.part == part);
    }
    let Some(asked) = range::asked(&request) else {
        return;
    };
    if let Cut::Slice { start, end, part } = range::of_whole(asked, length) {
        inside(start, end, length, part);
        assert_eq!(
            (part.first, part.total),
            (start as u64, Some(length as u64))
        );
    }
    let Some(whole) = part else { return };
    if let Some(Cut::Slice { start, end, part }) = range::of_part(asked, whole, length) {
        inside(start, end, length, part);
        assert!(
            whole.first <= part.first && part.last <= whole.last,
            "{part:?}"
        );
        assert_eq!(part.total, whole.total);
        said(part);
    }
}

/// What is written of a part is read again.
fn said(part: Part) {
    assert!(part.first <= part.last && part.total.is_none_or(|total| part.last < total));
    let mut fields = http::HeaderMap::new();
    if let Ok(value) = range::field(part).parse() {
        fields.insert(http::header::CONTENT_RANGE, value);
    }
    assert_eq!(range::content_range(&fields), Some(part));
}

fn inside(start: usize, end: usize, length: usize, part: Part) {
    assert!(start < end && end <= length, "{start} {end} {length}");
    assert_eq!(part.last - part.first + 1, (end - start) as u64);
}
