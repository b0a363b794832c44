//! What views make of answers and of copies.

use super::*;
use crate::feed::Change;
use crate::feed::log::Log;

fn change(name: &str, position: u64, soft: bool) -> Change {
    Change {
        names: vec![name.to_owned()],
        position: Some(Position(position)),
        soft,
    }
}

fn following(log: &Log, asked_ms: u64) -> View {
    let mut view = View::default();
    while !view.take(log.since(view.next()), asked_ms) {}
    view
}

fn copy(epoch: u64, seq: u64) -> Entry {
    Entry {
        lifetime_seconds: 1_000,
        while_revalidate_seconds: 60,
        tags: vec!["a".into(), "b".into()],
        seen: Some(Seen { epoch, seq }),
        ..Entry::default()
    }
}

#[test]
fn a_view_ages() {
    let view = following(&Log::new(1), 10_000);
    for (now_ms, expected) in [
        (9_000, Currency::Fresh),
        (10_499, Currency::Fresh),
        (10_500, Currency::Ageing),
        (11_000, Currency::Ageing),
        (11_001, Currency::Old),
    ] {
        assert_eq!(view.currency(now_ms), expected, "{now_ms}");
    }
    assert_eq!(View::default().currency(0), Currency::Old);
}

#[test]
fn copies_stand_or_fall_by_what_came_after_they_were_asked_for() {
    for (name, soft, seq, purge, expected) in [
        ("tag:a", false, 0, Purge::Hard, Standing::Untrue),
        ("tag:b", false, 0, Purge::Hard, Standing::Untrue),
        ("url:/v2/x", false, 0, Purge::Hard, Standing::Untrue),
        ("*", false, 0, Purge::Hard, Standing::Untrue),
        ("tag:c", false, 0, Purge::Hard, Standing::Holds),
        ("url:/v2/y", false, 0, Purge::Hard, Standing::Holds),
        // It was asked for after the purge was known.
        ("tag:a", false, 1, Purge::Hard, Standing::Holds),
        (
            "tag:a",
            true,
            0,
            Purge::Hard,
            Standing::Stale { since_ms: 5 },
        ),
        (
            "tag:a",
            false,
            0,
            Purge::Soft,
            Standing::Stale { since_ms: 5 },
        ),
        ("tag:a", true, 1, Purge::Hard, Standing::Holds),
    ] {
        let mut log = Log::new(1);
        log.append(&change(name, 1, soft), 5);
        let view = following(&log, 5);
        let found = view.standing(&copy(1, seq), "/v2/x", purge, 6);
        assert_eq!(found, expected, "{name} {soft} {seq} {purge:?}");
    }
}

#[test]
fn a_soft_purge_does_not_hide_a_hard_one() {
    let mut log = Log::new(1);
    log.append(&change("tag:a", 1, false), 5);
    log.append(&change("tag:a", 1, true), 6);
    let view = following(&log, 6);
    let standing = |seq| view.standing(&copy(1, seq), "/", Purge::Hard, 7);
    assert_eq!(standing(0), Standing::Untrue);
    assert_eq!(standing(1), Standing::Stale { since_ms: 6 });
    assert_eq!(standing(2), Standing::Holds);
}

#[test]
fn another_epoch_the_floor_and_old_age_are_not_trusted() {
    let mut log = Log::new(1);
    log.head = 9;
    log.floor = 4;
    let view = following(&log, 0);
    let unseen = Entry {
        seen: None,
        ..copy(1, 9)
    };
    let late = KEEP_MS - SKEW_MS;
    for (entry, now_ms, expected) in [
        (copy(1, 9), 0, Standing::Holds),
        (copy(2, 9), 0, Standing::Untrue),
        (unseen, 0, Standing::Untrue),
        (copy(1, 4), 0, Standing::Holds),
        (copy(1, 3), 0, Standing::Untrue),
        (copy(1, 9), late - 1, Standing::Holds),
        (copy(1, 9), late, Standing::Untrue),
    ] {
        let found = view.standing(&entry, "/", Purge::Hard, now_ms);
        assert_eq!(found, expected, "{:?} {now_ms}", entry.seen);
        // Before the first answer nobody can tell.
        let blind = View::default().standing(&entry, "/", Purge::Hard, now_ms);
        assert_eq!(blind, Standing::Holds);
    }
}

#[test]
fn an_entry_says_what_the_feed_says() {
    let mut log = Log::new(1);
    log.append(&change("tag:a", 1, true), 5_000);
    log.append(&change("tag:b", 1, false), 6_000);
    let view = following(&log, 6_000);
    let judged = |seq, trusted| {
        let mut entry = copy(1, seq);
        view.judge(&mut entry, "/", Purge::Hard, trusted, 7_000);
        entry
    };
    assert!(judged(0, true).no_cache && judged(1, true).no_cache);
    assert_eq!(judged(2, true), copy(1, 2));
    assert!(judged(2, false).must_revalidate);
    let mut soft = copy(1, 0);
    view.judge(&mut soft, "/", Purge::Soft, true, 7_000);
    assert_eq!((soft.ttl(7_000), soft.no_cache), (-2, false));
}

#[test]
fn positions_are_the_newest_of_what_is_asked_for() {
    let mut log = Log::new(1);
    log.append(&change("tag:a", 10, false), 0);
    log.append(&change("tag:b", 20, false), 0);
    let view = following(&log, 0);
    let of = |tags: &[&str]| {
        let tags: Vec<_> = tags.iter().map(|&tag| tag.to_owned()).collect();
        view.position(&tags).0
    };
    assert_eq!(
        (of(&["a"]), of(&["b", "a"]), of(&["c"]), of(&[])),
        (10, 20, 0, 20)
    );
    log.append(&change("*", 15, false), 0);
    log.floor_position = Position(12);
    let view = following(&log, 0);
    let of = |tag: &str| view.position(&[tag.to_owned()]).0;
    assert_eq!((of("a"), of("b"), of("c")), (15, 20, 15));
    assert_eq!(following(&Log::new(1), 0).position(&[]), Position(0));
}

#[test]
fn a_log_that_began_anew_is_asked_from_its_beginning() {
    let mut first = Log::new(1);
    first.append(&change("tag:a", 1, false), 0);
    first.append(&change("tag:b", 1, false), 0);
    let mut view = following(&first, 0);
    assert!(view.take(first.since(view.next()), 1));
    let mut second = Log::new(2);
    second.append(&change("tag:c", 1, false), 0);
    assert!(!view.take(second.since(2), 2));
    assert_eq!((view.next(), view.asked_ms()), (0, None));
    assert!(view.take(second.since(0), 3));
    assert_eq!(view, following(&second, 3));
}

#[test]
fn an_answer_of_the_location_serves_who_is_not_too_far_behind() {
    let mut log = Log::new(1);
    log.append(&change("tag:a", 1, false), 0);
    let view = following(&log, 10_000);
    log.append(&change("tag:b", 1, false), 0);
    for (from, asked_ms, epoch, expected) in [
        (0, 10_600, 1, true),
        (1, 10_600, 1, true),
        (2, 10_600, 1, false),
        (1, 10_600, 2, false),
        (1, 10_500, 1, false),
        // By a clock that is ahead.
        (1, 11_500, 1, false),
    ] {
        let told = Told {
            epoch,
            ..log.since(from)
        };
        assert_eq!(
            view.takes(&told, asked_ms, 11_000),
            expected,
            "{from} {asked_ms}"
        );
    }
}

#[test]
fn an_older_answer_takes_nothing_away() {
    let mut log = Log::new(1);
    let early = log.since(0);
    log.append(&change("tag:a", 1, false), 0);
    let mut view = following(&log, 500);
    assert!(view.take(early, 100));
    assert_eq!((view.seen().unwrap().seq, view.asked_ms()), (1, Some(500)));
}

#[test]
fn a_raised_floor_takes_the_marks_below_it() {
    let mut log = Log::new(1);
    let mut view = following(&log, 0);
    for thousand in 0..25 {
        let names = (0..1_000).map(|one| format!("tag:{thousand}:{one}"));
        let many = Change {
            names: names.collect(),
            ..change("", 1, false)
        };
        log.append(&many, 0);
        while !view.take(log.since(view.next()), 0) {}
        assert!(view.marks.len() <= ENTRIES_MAX);
    }
    assert!(log.floor > 0);
}
