//! Dates in fields [RFC 9110 §5.6.7]: IMF-fixdate, and the two obsolete forms that must still be
//! read. Names are compared without case; everything else as the grammar has it.

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const LONG_DAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
const DAY_SECONDS: i64 = 86_400;
const YEAR_SECONDS: i64 = 31_556_952;

/// Unix seconds of a date. `now_seconds` tells the century of a year of two digits, which is never
/// more than 50 years ahead.
pub fn parse(text: &str, now_seconds: i64) -> Option<i64> {
    let text = text.trim_matches([' ', '\t']).to_ascii_lowercase();
    match text.split_once(", ") {
        Some((day, rest)) if DAYS.contains(&day) => fixdate(rest),
        Some((day, rest)) if LONG_DAYS.contains(&day) => rfc850(rest, now_seconds),
        Some(_) => None,
        None => asctime(&text),
    }
}

/// `06 Nov 1994 08:49:37 GMT`
fn fixdate(text: &str) -> Option<i64> {
    let mut parts = text.split(' ');
    let day = number(parts.next()?, 2)?;
    let month = month(parts.next()?)?;
    let year = number(parts.next()?, 4)?;
    let time = clock(parts.next()?)?;
    (parts.next() == Some("gmt") && parts.next().is_none()).then(|| unix(year, month, day, time))?
}

/// `06-Nov-94 08:49:37 GMT`
fn rfc850(text: &str, now_seconds: i64) -> Option<i64> {
    let mut parts = text.split(' ');
    let mut date = parts.next()?.split('-');
    let day = number(date.next()?, 2)?;
    let month = month(date.next()?)?;
    let short = number(date.next()?, 2)?;
    let time = clock(parts.next()?)?;
    if date.next().is_some() || parts.next() != Some("gmt") || parts.next().is_some() {
        return None;
    }
    let this_year = 1970 + now_seconds.div_euclid(YEAR_SECONDS);
    let mut year = this_year.div_euclid(100) * 100 + short;
    if year > this_year + 50 {
        year -= 100;
    } else if year <= this_year - 50 {
        year += 100;
    }
    unix(year, month, day, time)
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<i64> {
    let (day_name, rest) = text.split_once(' ')?;
    let (month_name, rest) = rest.split_once(' ')?;
    if !DAYS.contains(&day_name) {
        return None;
    }
    let (day, rest) = rest.split_at_checked(2)?;
    let day = match day.strip_prefix(' ') {
        Some(digit) => number(digit, 1)?,
        None => number(day, 2)?,
    };
    let (time, year) = rest.strip_prefix(' ')?.split_once(' ')?;
    unix(number(year, 4)?, month(month_name)?, day, clock(time)?)
}

fn month(name: &str) -> Option<i64> {
    let place = MONTHS.iter().position(|known| *known == name)?;
    i64::try_from(place + 1).ok()
}

/// Seconds since midnight. A leap second counts as the one before it.
fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let hour = number(parts.next()?, 2)?;
    let minute = number(parts.next()?, 2)?;
    let second = number(parts.next()?, 2)?;
    (parts.next().is_none() && hour < 24 && minute < 60 && second <= 60)
        .then(|| hour * 3600 + minute * 60 + second.min(59))
}

fn number(text: &str, digits: usize) -> Option<i64> {
    (text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())?
}

fn unix(year: i64, month: i64, day: i64, time: i64) -> Option<i64> {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    if !(1..=days).contains(&day) {
        return None;
    }
    // Counted from a year that begins in March, so that the leap day is the last one.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    Some(days * DAY_SECONDS + time)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_795_000_000;

    #[test]
    fn the_three_forms() {
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("Sun Nov 16 08:49:37 1994", Some(784_975_777)),
            ("THU, 18 AUG 2050 02:01:18 gMT", Some(2_544_400_878)),
            // 50 is within fifty years of 2026, 80 is not.
            ("Thursday, 18-Aug-50 02:01:18 GMT", Some(2_544_400_878)),
            ("Monday, 18-Aug-80 02:01:18 GMT", Some(335_412_078)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Tue, 29 Feb 2000 23:59:60 GMT", Some(951_868_799)),
            ("0", None),
            ("-1", None),
            ("", None),
            ("Thu, 18 Aug 2050 02:01:18 UTC", None),
            ("Thu, 18 Aug 50 02:01:18 GMT", None),
            ("Thu 18 Aug 2050 02:01:18 GMT", None),
            ("Thu, 18  Aug  2050 02:01:18 GMT", None),
            ("Thu, 18-Aug-2050 02:01:18 GMT", None),
            ("Thu, 18 Aug 2050 02.01.18 GMT", None),
            ("Thu, 18 Aug 2050 2:01:18 GMT", None),
            ("Thu, 18 Aug 2050 24:01:18 GMT", None),
            ("Thu, 18 Aug 2050 02:01:18 GMT x", None),
            ("Wed, 29 Feb 2001 00:00:00 GMT", None),
            ("Wed, 31 Apr 2002 00:00:00 GMT", None),
            ("Foo, 18 Aug 2050 02:01:18 GMT", None),
        ] {
            assert_eq!(parse(text, NOW), expected, "{text}");
        }
    }
}
