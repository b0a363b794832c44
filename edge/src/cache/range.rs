//! Ranges of bytes, cut from what is stored [RFC 9110 §14].
//!
//! One range is cut; several, or another unit, get the whole, as a server may do. From a stored part
//! a range is cut when it lies in the part.

use http::{HeaderMap, header};

use super::directive::delta_seconds;
use super::entry::Part;

/// One range of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Range {
    /// From a position, to a position or the end.
    From(u64, Option<u64>),
    /// The last so many bytes.
    Last(u64),
}

/// What is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Where in the stored bytes, and which part of the whole that is.
    Slice {
        /// First byte of the body.
        start: usize,
        /// One after the last.
        end: usize,
        /// For `Content-Range`.
        part: Part,
    },
    /// No byte of the whole lies in the range.
    Unsatisfiable,
}

/// The range that a GET asks for; `None` when there is none that is cut.
pub fn asked(request: &HeaderMap) -> Option<Range> {
    let mut lines = request.get_all(header::RANGE).iter();
    let line = lines.next()?.to_str().ok()?;
    if lines.next().is_some() {
        return None;
    }
    let (unit, set) = line.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = set.trim().split_once('-')?;
    match (first, last) {
        ("", last) => Some(Range::Last(position(last)?)),
        (first, "") => Some(Range::From(position(first)?, None)),
        (first, last) => {
            let (first, last) = (position(first)?, position(last)?);
            (first <= last).then_some(Range::From(first, Some(last)))
        }
    }
}

/// Which part a 206 is. `None` when it does not say.
pub fn content_range(response: &HeaderMap) -> Option<Part> {
    let line = response.get(header::CONTENT_RANGE)?.to_str().ok()?;
    let (range, total) = line.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last) = (position(first)?, position(last)?);
    let total = match total {
        "*" => None,
        total => Some(position(total)?),
    };
    let fits = first <= last && total.is_none_or(|total| last < total);
    fits.then_some(Part { first, last, total })
}

/// Cuts from a whole of so many bytes.
pub fn of_whole(range: Range, bytes: usize) -> Cut {
    let total = u64::try_from(bytes).unwrap_or(u64::MAX);
    let (first, last) = match range {
        Range::Last(0) => return Cut::Unsatisfiable,
        Range::Last(count) => (total.saturating_sub(count), total.saturating_sub(1)),
        Range::From(first, last) => {
            let end = total.saturating_sub(1);
            (first, last.unwrap_or(end).min(end))
        }
    };
    if first >= total {
        return Cut::Unsatisfiable;
    }
    slice(first, last, 0, Some(total)).unwrap_or(Cut::Unsatisfiable)
}

/// Cuts from a stored part whose body has so many bytes; `None` when the range reaches beyond it.
/// Where a range runs to the end of the whole, the body's own end is meant: origins are known to
/// count one too many in `Content-Range`. Bytes beyond what it names are not part of anything.
pub fn of_part(range: Range, part: Part, bytes: usize) -> Option<Cut> {
    let named = part.last.checked_sub(part.first)?.checked_add(1)?;
    let bytes = u64::try_from(bytes).unwrap_or(u64::MAX).min(named);
    if bytes == 0 {
        return None;
    }
    let reaches_end = part.total == Some(part.last.checked_add(1)?);
    let (first, last) = match range {
        Range::Last(count) => {
            let end = part.first.checked_add(bytes)?;
            if !reaches_end || count == 0 || count > bytes {
                return None;
            }
            (end.checked_sub(count)?, end.checked_sub(1)?)
        }
        Range::From(first, None) if reaches_end => {
            (first, part.first.checked_add(bytes)?.checked_sub(1)?)
        }
        Range::From(_, None) => return None,
        Range::From(first, Some(last)) => (first, last),
    };
    let held = part.first..part.first.checked_add(bytes)?;
    let inside = held.contains(&first) && held.contains(&last) && first <= last;
    inside.then(|| slice(first, last, part.first, part.total))?
}

/// The value of `Content-Range`.
pub fn field(part: Part) -> String {
    let Part { first, last, total } = part;
    match total {
        Some(total) => format!("bytes {first}-{last}/{total}"),
        None => format!("bytes {first}-{last}/*"),
    }
}

fn slice(first: u64, last: u64, origin: u64, total: Option<u64>) -> Option<Cut> {
    Some(Cut::Slice {
        start: usize::try_from(first.checked_sub(origin)?).ok()?,
        end: usize::try_from(last.checked_sub(origin)?.checked_add(1)?).ok()?,
        part: Part { first, last, total },
    })
}

/// Digits; positions beyond what delta-seconds hold are beyond what is stored as well.
fn position(text: &str) -> Option<u64> {
    delta_seconds(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(line: &'static str) -> Option<Range> {
        let mut map = HeaderMap::new();
        map.insert(header::RANGE, line.parse().unwrap());
        asked(&map)
    }

    #[test]
    fn cuts_from_a_whole() {
        for (line, bytes, expected) in [
            ("bytes=0-1", 10, Some((0, 2, "bytes 0-1/10"))),
            ("Bytes=1-", 10, Some((1, 10, "bytes 1-9/10"))),
            ("bytes=-1", 10, Some((9, 10, "bytes 9-9/10"))),
            ("bytes=-99", 10, Some((0, 10, "bytes 0-9/10"))),
            ("bytes=8-99", 10, Some((8, 10, "bytes 8-9/10"))),
            ("bytes=10-", 10, None),
            ("bytes=-0", 10, None),
            ("bytes=0-", 0, None),
        ] {
            let found = match of_whole(range(line).unwrap(), bytes) {
                Cut::Slice { start, end, part } => Some((start, end, field(part))),
                Cut::Unsatisfiable => None,
            };
            let expected = expected.map(|(start, end, text)| (start, end, text.to_owned()));
            assert_eq!(found, expected, "{line}");
        }
        for line in [
            "bytes=0-1,3-4",
            "bytes=2-1",
            "bytes=a-",
            "bytes",
            "items=0-1",
            "bytes=-",
        ] {
            assert_eq!(range(line), None, "{line}");
        }
    }

    #[test]
    fn cuts_from_a_part() {
        let part = Part {
            first: 5,
            last: 9,
            total: Some(10),
        };
        let middle = Part {
            first: 5,
            last: 7,
            total: None,
        };
        for (line, part, bytes, expected) in [
            ("bytes=-5", part, 5, Some((0, 5, "bytes 5-9/10"))),
            ("bytes=-1", part, 5, Some((4, 5, "bytes 9-9/10"))),
            ("bytes=-6", part, 5, None),
            ("bytes=-1", part, 6, Some((4, 5, "bytes 9-9/10"))),
            ("bytes=6-", part, 6, Some((1, 5, "bytes 6-9/10"))),
            ("bytes=-1", part, 4, Some((3, 4, "bytes 8-8/10"))),
            ("bytes=6-8", part, 5, Some((1, 4, "bytes 6-8/10"))),
            ("bytes=6-", part, 5, Some((1, 5, "bytes 6-9/10"))),
            ("bytes=4-8", part, 5, None),
            ("bytes=6-10", part, 5, None),
            ("bytes=5-7", middle, 3, Some((0, 3, "bytes 5-7/*"))),
            ("bytes=5-", middle, 3, None),
            ("bytes=-1", middle, 3, None),
            ("bytes=5-7", middle, 0, None),
        ] {
            let found = match of_part(range(line).unwrap(), part, bytes) {
                Some(Cut::Slice { start, end, part }) => Some((start, end, field(part))),
                Some(Cut::Unsatisfiable) | None => None,
            };
            let expected = expected.map(|(start, end, text)| (start, end, text.to_owned()));
            assert_eq!(found, expected, "{line}");
        }
    }

    #[test]
    fn what_a_206_says() {
        for (line, expected) in [
            ("bytes 4-9/10", Some((4, 9, Some(10)))),
            ("bytes 4-9/*", Some((4, 9, None))),
            ("bytes 4-10/10", None),
            ("bytes 9-4/10", None),
            ("bytes */10", None),
            ("items 4-9/10", None),
        ] {
            let mut map = HeaderMap::new();
            map.insert(header::CONTENT_RANGE, line.parse().unwrap());
            let found = content_range(&map).map(|part| (part.first, part.last, part.total));
            assert_eq!(found, expected, "{line}");
        }
    }
}
