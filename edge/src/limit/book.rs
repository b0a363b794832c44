//! A caller's book: its bucket, what it used of its calendar window, and what it has under way.
//!
//! 1. A request is admitted if the bucket holds its cost, the window its one request, and there is room
//!    among those under way. What refuses debits nothing, and every limit that refuses is told.
//! 2. More may be asked for at once, as a lease: as many requests as there are, up to what is wanted.
//!    They are debited now and never returned.
//! 3. A request that was under way leaves by its ticket, or when its time is over, so that an isolate
//!    that dies keeps no place for long.
//! 4. Under a changed plan as many tokens are missing as were.
//! 5. A request that turns out to cost no quota is admitted though the window is used up, if nothing else
//!    refuses it ([`ask_freely`]).
//! 6. What cost no quota after all (a replay, a 304) is returned to the window that it came from.

use super::gcra::{self, Policy, State, Verdict};
use super::terms::{Terms, window};

/// Most requests under way that are kept apart; whoever may have more is not limited by that.
pub const TICKETS_MAX: usize = 10_000;

/// What was used of a calendar window, Unix seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// From when; zero before the first.
    pub from: u64,
    /// Until when.
    pub until: u64,
    /// Requests.
    pub requests: u64,
}

/// The book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Book {
    /// The bucket.
    pub bucket: State,
    /// The policy that it stands under; none before the first question.
    pub rate: Option<Policy>,
    /// The calendar window.
    pub used: Used,
    /// Tickets of what is under way, and until when each counts, Unix milliseconds.
    pub under_way: Vec<(u64, u64)>,
}

/// A question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ask {
    /// Tokens that one request costs; zero only looks.
    pub cost: u32,
    /// How many requests are wanted; one of them must be had.
    pub requests: u32,
    /// The ticket of the one that is under way from now on; zero for none.
    pub ticket: u64,
    /// For how long it counts at most.
    pub hold_ms: u64,
    /// The ticket of one that has ended; zero for none.
    pub ended: u64,
    /// Requests that cost no quota after all.
    pub returned: u64,
    /// The window that they came from.
    pub returned_from: u64,
}

/// An answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// The bucket's.
    pub verdict: Verdict,
    /// How many requests were granted.
    pub granted: u32,
    /// Which limits refuse.
    pub violated: Violated,
    /// The calendar window, if the terms have one.
    pub window: Option<Window>,
    /// How many are under way.
    pub under_way: u32,
}

/// Limits that refuse.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Violated {
    /// The bucket.
    pub rate: bool,
    /// The calendar window.
    pub quota: bool,
    /// Those under way.
    pub concurrency: bool,
}

/// What is left of a calendar window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// When it began, Unix seconds.
    pub from: u64,
    /// When it ends.
    pub until: u64,
    /// Requests left.
    pub left: u64,
}

impl Violated {
    /// Whether any does.
    pub const fn any(self) -> bool {
        self.rate || self.quota || self.concurrency
    }

    /// Whether the calendar window does, and nothing else.
    pub const fn quota_alone(self) -> bool {
        self.quota && !self.rate && !self.concurrency
    }
}

/// Answers a question. The book afterwards is to be kept in any case.
pub fn ask(book: &Book, terms: &Terms, ask: &Ask, now_ms: u64) -> (Word, Book) {
    let mut book = book.clone();
    book.under_way
        .retain(|(ticket, until_ms)| *until_ms > now_ms && *ticket != ask.ended);
    if let Some(before) = book.rate.replace(terms.rate)
        && before != terms.rate
    {
        book.bucket = gcra::carried(book.bucket, before, terms.rate, now_ms);
    }
    let now_seconds = now_ms / 1000;
    let limit = terms.quota.map(|quota| {
        let (from, until) = window(quota.period, now_seconds);
        if book.used.from != from {
            // A clock that steps back into the last window finds it used up, not new.
            let behind = from < book.used.from && book.used.until > from;
            if !behind {
                book.used = Used {
                    from,
                    until,
                    requests: 0,
                };
            }
        }
        if ask.returned_from == book.used.from {
            book.used.requests = book.used.requests.saturating_sub(ask.returned);
        }
        quota.limit
    });
    let left_of_quota = limit.map_or(u64::MAX, |limit| limit.saturating_sub(book.used.requests));
    let (mut verdict, after) = gcra::take(book.bucket, terms.rate, ask.cost, now_ms);
    let room = terms
        .concurrency
        .filter(|_| ask.ticket != 0)
        .is_none_or(|most| book.under_way.len() < usize::try_from(most).unwrap_or(usize::MAX));
    let violated = Violated {
        rate: !verdict.admitted,
        quota: ask.cost > 0 && left_of_quota == 0,
        concurrency: !room,
    };
    let mut granted = 0;
    if violated.any() {
        verdict.admitted = false;
        verdict.remaining = gcra::left(book.bucket, terms.rate, now_ms);
        verdict.full_in_ms = full_in_ms(book.bucket, now_ms);
        if violated.quota {
            let ends_ms = book.used.until.saturating_mul(1000);
            verdict.retry_in_ms = verdict.retry_in_ms.max(ends_ms.saturating_sub(now_ms));
        }
        if violated.concurrency {
            let soonest = book.under_way.iter().map(|(_, until_ms)| *until_ms).min();
            let wait = soonest.unwrap_or(now_ms).saturating_sub(now_ms);
            verdict.retry_in_ms = verdict.retry_in_ms.max(wait);
        }
    } else if let Some(more) = gcra::left(after, terms.rate, now_ms).checked_div(ask.cost) {
        let affordable = more.saturating_add(1);
        let most = u32::try_from(left_of_quota).unwrap_or(u32::MAX);
        granted = ask.requests.max(1).min(affordable).min(most);
        let tokens = ask.cost.saturating_mul(granted);
        (verdict, book.bucket) = gcra::take(book.bucket, terms.rate, tokens, now_ms);
        if limit.is_some() {
            book.used.requests = book.used.requests.saturating_add(granted.into());
        }
        if terms.concurrency.is_some() && ask.ticket != 0 && book.under_way.len() < TICKETS_MAX {
            let until_ms = now_ms.saturating_add(ask.hold_ms);
            book.under_way.push((ask.ticket, until_ms));
        }
    }
    let word = Word {
        verdict,
        granted,
        violated,
        window: limit.map(|limit| Window {
            from: book.used.from,
            until: book.used.until,
            left: limit.saturating_sub(book.used.requests),
        }),
        under_way: u32::try_from(book.under_way.len()).unwrap_or(u32::MAX),
    };
    (word, book)
}

/// Answers the question of a request that costs no quota, when the window alone refused it with this word.
/// It pays as any other from the bucket; nothing of the window can be returned for it.
pub fn ask_freely(
    book: &Book,
    terms: &Terms,
    question: &Ask,
    refused: &Word,
    now_ms: u64,
) -> (Word, Book) {
    let terms = Terms {
        quota: None,
        ..*terms
    };
    let (mut word, book) = ask(book, &terms, question, now_ms);
    word.granted = 0;
    word.window = refused.window;
    (word, book)
}

fn full_in_ms(bucket: State, now_ms: u64) -> u64 {
    bucket
        .0
        .saturating_sub(now_ms.saturating_mul(1_000_000))
        .div_ceil(1_000_000)
}

#[cfg(test)]
mod tests;
