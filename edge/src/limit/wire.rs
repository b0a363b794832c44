//! What edge and a caller's object say to each other, and what the object stores: numbers with a space or a
//! slash between, since every limited request pays for reading and writing them.

use std::fmt::Write;

use shared::plan::Period;

use super::book::{Ask, Book, Used, Violated, Window, Word};
use super::gcra::{Policy, State, Verdict};
use super::terms::{Quota, Terms};

/// A question, as the path of a URL: rate, seconds, burst; quota and period; concurrency; then the
/// question's own numbers. Zero is for what is not there.
pub fn ask(terms: &Terms, ask: &Ask) -> String {
    let period = match terms.quota.map(|quota| quota.period) {
        None => 0,
        Some(Period::Day) => 1,
        Some(Period::Week) => 2,
        Some(Period::Month) => 3,
    };
    joined(
        '/',
        &[
            terms.rate.quota.into(),
            terms.rate.window_seconds.into(),
            terms.rate.burst.into(),
            terms.quota.map_or(0, |quota| quota.limit),
            period,
            // One more, since none at all is not unbounded.
            terms.concurrency.map_or(0, |most| u64::from(most) + 1),
            ask.cost.into(),
            ask.requests.into(),
            ask.ticket,
            ask.hold_ms,
            ask.ended,
            ask.returned,
            ask.returned_from,
        ],
    )
}

/// Reads a question.
pub fn read_ask(path: &str) -> Option<(Terms, Ask)> {
    let numbers: [u64; 13] = numbers('/', path.strip_prefix('/')?)?;
    let [
        rate,
        seconds,
        burst,
        limit,
        period,
        places,
        cost,
        requests,
        ..,
    ] = numbers;
    let [.., ticket, hold_ms, ended, returned, returned_from] = numbers;
    let period = match period {
        0 => None,
        1 => Some(Period::Day),
        2 => Some(Period::Week),
        3 => Some(Period::Month),
        _ => return None,
    };
    let small = |number: u64| u32::try_from(number).ok();
    let terms = Terms {
        rate: Policy {
            quota: small(rate)?,
            window_seconds: small(seconds)?,
            burst: small(burst)?,
        },
        quota: period.map(|period| Quota { limit, period }),
        concurrency: match places.checked_sub(1) {
            None => None,
            Some(most) => Some(small(most)?),
        },
    };
    let ask = Ask {
        cost: small(cost)?,
        requests: small(requests)?,
        ticket,
        hold_ms,
        ended,
        returned,
        returned_from,
    };
    Some((terms, ask))
}

/// An answer, as a field's value.
pub fn answer(word: &Word) -> String {
    let Word {
        verdict, violated, ..
    } = word;
    let window = word.window.unwrap_or(Window {
        from: 0,
        until: 0,
        left: 0,
    });
    let violated = u64::from(violated.rate)
        + 2 * u64::from(violated.quota)
        + 4 * u64::from(violated.concurrency);
    let numbers = [
        verdict.admitted.into(),
        verdict.remaining.into(),
        verdict.full_in_ms,
        verdict.retry_in_ms,
        word.granted.into(),
        violated,
        window.from,
        window.until,
        window.left,
        word.under_way.into(),
    ];
    let mut text = joined(' ', &numbers);
    text.remove(0);
    text
}

/// Reads an answer.
pub fn read_answer(text: &str) -> Option<Word> {
    let [
        admitted,
        remaining,
        full_in_ms,
        retry_in_ms,
        granted,
        violated,
        from,
        until,
        left,
        under_way,
    ] = numbers(' ', text)?;
    if admitted > 1 || violated > 7 {
        return None;
    }
    Some(Word {
        verdict: Verdict {
            admitted: admitted == 1,
            remaining: u32::try_from(remaining).ok()?,
            full_in_ms,
            retry_in_ms,
        },
        granted: u32::try_from(granted).ok()?,
        violated: Violated {
            rate: violated & 1 != 0,
            quota: violated & 2 != 0,
            concurrency: violated & 4 != 0,
        },
        window: (until != 0).then_some(Window { from, until, left }),
        under_way: u32::try_from(under_way).ok()?,
    })
}

/// A book, to be stored.
pub fn book(book: &Book) -> String {
    let used = book.used;
    // No policy has no seconds.
    let rate = book.rate.unwrap_or(Policy::new(0, 0));
    let numbers = [
        book.bucket.0,
        rate.quota.into(),
        rate.window_seconds.into(),
        rate.burst.into(),
        used.from,
        used.until,
        used.requests,
    ];
    let mut text = joined(' ', &numbers);
    text.remove(0);
    for (ticket, until_ms) in &book.under_way {
        text.push_str(&joined(' ', &[*ticket, *until_ms]));
    }
    text
}

/// Reads a book.
pub fn read_book(text: &str) -> Option<Book> {
    let mut numbers = text.split(' ').map(|number| number.parse::<u64>().ok());
    let mut next = || numbers.next().flatten();
    let bucket = State(next()?);
    let mut small = || u32::try_from(next()?).ok();
    let rate = Policy {
        quota: small()?,
        window_seconds: small()?,
        burst: small()?,
    };
    let used = Used {
        from: next()?,
        until: next()?,
        requests: next()?,
    };
    let mut under_way = Vec::new();
    while let Some(ticket) = numbers.next() {
        under_way.push((ticket?, numbers.next().flatten()?));
    }
    Some(Book {
        bucket,
        rate: (rate.window_seconds > 0).then_some(rate),
        used,
        under_way,
    })
}

/// Each number behind the separator.
fn joined(separator: char, numbers: &[u64]) -> String {
    let mut text = String::with_capacity(numbers.len() * 6);
    for number in numbers {
        // Writing into a text does not fail.
        let _ = write!(text, "{separator}{number}");
    }
    text
}

fn numbers<const N: usize>(separator: char, text: &str) -> Option<[u64; N]> {
    let mut all = [0; N];
    let mut found = text.split(separator);
    for number in &mut all {
        *number = found.next()?.parse().ok()?;
    }
    found.next().is_none().then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> [Terms; 2] {
        let rate = Policy {
            quota: u32::MAX,
            window_seconds: 0,
            burst: 7,
        };
        let full = Terms {
            rate,
            quota: Some(Quota {
                limit: 5,
                period: Period::Week,
            }),
            concurrency: Some(0),
        };
        [Terms::of_rate(Policy::new(1000, 60)), full]
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        for terms in terms() {
            for question in [
                Ask::default(),
                Ask {
                    cost: 1,
                    requests: 2,
                    ticket: u64::MAX,
                    hold_ms: 4,
                    ended: 5,
                    returned: 6,
                    returned_from: 7,
                },
            ] {
                assert_eq!(read_ask(&ask(&terms, &question)), Some((terms, question)));
            }
        }
        let word = Word {
            verdict: Verdict {
                admitted: false,
                remaining: 998,
                full_in_ms: 120,
                retry_in_ms: u64::MAX,
            },
            granted: 3,
            violated: Violated {
                rate: false,
                quota: true,
                concurrency: true,
            },
            window: Some(Window {
                from: 1,
                until: 2,
                left: 3,
            }),
            under_way: 4,
        };
        for word in [
            word,
            Word {
                window: None,
                ..word
            },
        ] {
            assert_eq!(read_answer(&answer(&word)), Some(word));
        }
        let empty = Book::default();
        let full = Book {
            bucket: State(9),
            rate: Some(Policy::new(7, 8)),
            used: Used {
                from: 1,
                until: 2,
                requests: 3,
            },
            under_way: vec![(u64::MAX, 1), (2, 3)],
        };
        for kept in [empty, full] {
            assert_eq!(read_book(&book(&kept)), Some(kept));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let good = ask(&terms()[0], &Ask::default());
        for path in [
            "",
            "/",
            "/1/2/3",
            &good[1..],
            &format!("{good}/1"),
            &good.replacen("1000", "-1", 1),
            &good.replacen("1000", "4294967296", 1),
            "/1/2/3/4/9/6/7/8/9/10/11/12/13",
        ] {
            assert_eq!(read_ask(path), None, "{path}");
        }
        for text in [
            "",
            "1",
            "2 0 0 0 0 0 0 0 0 0",
            "1 0 0 0 0 8 0 0 0 0",
            "1 0 0 0 0 0 0 0 0",
            "1 0 0 0 0 0 0 0 0 0 0",
            "true 0 0 0 0 0 0 0 0 0",
        ] {
            assert_eq!(read_answer(text), None, "{text}");
        }
        for text in [
            "",
            "x",
            "9",
            "1 2 3 4 5 6",
            "1 2 3 4 5 6 7 8",
            "1 2 3 4 5 6 7 8 x",
        ] {
            assert_eq!(read_book(text), None, "{text}");
        }
    }
}
