use proptest::prelude::*;
use shared::plan::Period;

use super::super::gcra::Policy;
use super::super::terms::Quota;
use super::*;

/// Midnight of Monday, 2 November 2026.
const MONDAY: u64 = 1_793_577_600_000;

const ONE: Ask = Ask {
    cost: 1,
    requests: 1,
    ticket: 0,
    hold_ms: 0,
    ended: 0,
    returned: 0,
    returned_from: 0,
};

fn terms() -> Terms {
    Terms {
        rate: Policy::new(1000, 60),
        quota: Some(Quota {
            limit: 3,
            period: Period::Day,
        }),
        concurrency: Some(2),
    }
}

#[test]
fn a_window_holds_its_requests_and_begins_anew() {
    let (terms, mut book) = (terms(), Book::default());
    for left in [2, 1, 0] {
        let (word, next) = ask(&book, &terms, &Ask { cost: 5, ..ONE }, MONDAY + 1_000);
        assert!(word.verdict.admitted);
        assert_eq!(word.window.unwrap().left, left);
        book = next;
    }
    let (word, after) = ask(&book, &terms, &ONE, MONDAY + 1_500);
    assert_eq!(after, book, "what is refused debits nothing");
    assert!(word.violated.quota && !word.violated.rate && !word.violated.concurrency);
    let wait = word.verdict.retry_in_ms;
    assert_eq!(wait, 86_400_000 - 1_500);
    assert!(
        !ask(&book, &terms, &ONE, MONDAY + 1_500 + wait - 1)
            .0
            .verdict
            .admitted
    );
    assert!(
        ask(&book, &terms, &ONE, MONDAY + 1_500 + wait)
            .0
            .verdict
            .admitted
    );
    // The clock of another machine that is behind opens no window again.
    let (_, tomorrow) = ask(&book, &terms, &ONE, MONDAY + 86_400_000);
    let (word, _) = ask(&tomorrow, &terms, &ONE, MONDAY + 86_399_999);
    assert_eq!(word.window.unwrap().left, 1);
}

#[test]
fn what_cost_no_quota_is_returned_to_its_window() {
    let (terms, book) = (terms(), Book::default());
    let (word, book) = ask(&book, &terms, &Ask { requests: 3, ..ONE }, MONDAY);
    assert_eq!((word.granted, word.window.unwrap().left), (3, 0));
    let back = Ask {
        returned: 2,
        returned_from: word.window.unwrap().from,
        ..ONE
    };
    let (word, book) = ask(&book, &terms, &back, MONDAY + 1);
    assert_eq!(word.window.unwrap().left, 1);
    let (word, _) = ask(&book, &terms, &back, MONDAY + 86_400_000);
    assert_eq!(word.window.unwrap().left, 2, "not to the next window");
}

#[test]
fn places_are_held_until_they_are_left() {
    let terms = Terms {
        quota: None,
        ..terms()
    };
    let with = |ticket: u64| Ask {
        ticket,
        hold_ms: 30_000,
        ..ONE
    };
    let mut book = Book::default();
    for ticket in [1, 2] {
        book = ask(&book, &terms, &with(ticket), MONDAY + ticket * 1_000).1;
    }
    let (word, same) = ask(&book, &terms, &with(3), MONDAY + 3_000);
    assert!(word.violated.concurrency && !word.verdict.admitted);
    assert_eq!((word.under_way, &same.bucket), (2, &book.bucket));
    // Waiting as told succeeds, since the first one's time is over then.
    let wait = word.verdict.retry_in_ms;
    assert_eq!(wait, 28_000);
    assert!(
        ask(&book, &terms, &with(3), MONDAY + 3_000 + wait)
            .0
            .verdict
            .admitted
    );
    let end = Ask {
        ended: 1,
        ..Ask::default()
    };
    let (word, book) = ask(&book, &terms, &end, MONDAY + 3_000);
    assert_eq!(word.under_way, 1);
    assert!(
        ask(&book, &terms, &with(3), MONDAY + 3_000)
            .0
            .verdict
            .admitted
    );
}

#[test]
fn a_look_takes_nothing() {
    let (_, book) = ask(&Book::default(), &terms(), &ONE, MONDAY);
    let (word, after) = ask(&book, &terms(), &Ask::default(), MONDAY);
    assert!(word.verdict.admitted);
    assert_eq!((word.granted, after), (0, book));
    assert_eq!(word.verdict.remaining, 999);
}

proptest! {
    /// Whatever is asked for and however much at once: never more than the bucket gives, the window
    /// holds, and the places are.
    #[test]
    fn nobody_is_over_admitted(
        rate in 1..50_u32, burst in 1..50_u32, limit in 1..200_u64, places in 1..5_u32,
        asks in proptest::collection::vec((0..6_u32, 1..20_u32, 0..3_000_u64, 0..8_u64), 1..200),
    ) {
        let policy = Policy { quota: rate, window_seconds: 10, burst };
        let quota = Quota { limit, period: Period::Day };
        let terms = Terms { rate: policy, quota: Some(quota), concurrency: Some(places) };
        let (mut book, mut now, mut tokens, mut requests) = (Book::default(), MONDAY, 0_u64, 0_u64);
        for (cost, wanted, pause, ticket) in asks {
            now += pause;
            let asked = Ask { cost, requests: wanted, ticket, hold_ms: 2_000, ..ONE };
            let (word, next) = ask(&book, &terms, &asked, now);
            prop_assert!(word.granted <= wanted);
            prop_assert_eq!(word.granted > 0, word.verdict.admitted && cost > 0);
            tokens += u64::from(cost) * u64::from(word.granted);
            requests += u64::from(word.granted);
            let share = (now - MONDAY) * u64::from(rate) / 10_000;
            prop_assert!(tokens <= u64::from(burst) + share);
            prop_assert!(requests <= limit);
            prop_assert!(next.under_way.len() <= usize::try_from(places).unwrap());
            if word.violated.any() {
                let wait = word.verdict.retry_in_ms;
                let (later, _) = ask(&next, &terms, &asked, now + wait);
                prop_assert!(later.verdict.admitted || cost > burst, "waited {wait} ms");
            }
            book = next;
        }
    }
}
