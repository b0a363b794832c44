use proptest::prelude::*;

use super::*;

const NOW: u64 = 1_800_000_000_000;

/// The deployment's own origins, `a` and on, with these weights.
fn listed(weights: &[u32]) -> Vec<Listed> {
    let all = ('a'..).zip(weights);
    all.map(|(name, weight)| one(name, *weight, true)).collect()
}

fn one(name: char, weight: u32, own: bool) -> Listed {
    Listed {
        url: format!("https://{name}"),
        weight,
        own,
    }
}

fn pool(weights: &[u32]) -> Pool {
    Pool::new(&listed(weights), true)
}

#[test]
fn weights_are_shares() {
    let pool = pool(&[1, 3]);
    let picks: Vec<_> = (0..8)
        .map(|random| pool.pick(Reach::Listed, 0, random).unwrap())
        .collect();
    assert_eq!(picks, [0, 1, 1, 1, 0, 1, 1, 1]);
    assert_eq!(pool.pick(Reach::Listed, and(0, 1), 2), Some(0));
    assert_eq!(pool.pick(Reach::Listed, and(and(0, 1), 0), 2), None);
}

#[test]
fn failures_in_a_row_open_the_circuit_and_a_probe_half_closes_it() {
    let mut pool = pool(&[1, 1]);
    for failure in 1..=FAILURES_MAX {
        assert!(
            pool.pick(Reach::Listed, and(0, 1), 0).is_some(),
            "{failure}"
        );
        pool.tried(0, false, NOW);
    }
    assert_eq!(pool.pick(Reach::Listed, and(0, 1), 0), None);
    // The other one's check is due from the start; this one's not before its time is over.
    assert_eq!(pool.due(NOW), Some(1));
    assert_eq!(pool.due(NOW + OUT_MS - 1), None);
    assert_eq!(pool.due(NOW + OUT_MS), Some(0));
    assert_eq!(pool.due(NOW + OUT_MS), None, "one probe at a time");
    pool.probed(0, true, NOW + OUT_MS);
    assert_eq!(pool.pick(Reach::Listed, and(0, 1), 0), Some(0));
    // Half open: one failure is enough, and it is out for twice as long.
    let again = NOW + OUT_MS + 1;
    pool.tried(0, false, again);
    assert_eq!(pool.pick(Reach::Listed, and(0, 1), 0), None);
    assert_eq!(pool.due(again + 2 * OUT_MS - 1), None);
    assert_eq!(pool.due(again + 2 * OUT_MS), Some(0));
    pool.probed(0, true, again + 2 * OUT_MS);
    // Closed: an answer makes it as it was.
    pool.tried(0, true, again + 2 * OUT_MS);
    for failure in 1..FAILURES_MAX {
        pool.tried(0, false, again + 2 * OUT_MS);
        assert!(
            pool.pick(Reach::Listed, and(0, 1), 0).is_some(),
            "{failure}"
        );
    }
    pool.tried(0, false, again + 2 * OUT_MS);
    assert_eq!(pool.pick(Reach::Listed, and(0, 1), 0), None);
    assert_eq!(pool.due(again + 2 * OUT_MS + OUT_MS), Some(0));
}

#[test]
fn half_of_many_open_it_too() {
    let mut pool = pool(&[1]);
    for number in 0..SAMPLE_MIN {
        assert!(!pool.is_out(Reach::Listed), "{number}");
        pool.tried(0, number % 2 == 0, NOW);
    }
    assert!(pool.is_out(Reach::Listed));
    // Over a longer time they are few.
    let mut pool = Pool::new(&listed(&[1]), true);
    for number in 0..10 * u64::from(SAMPLE_MIN) {
        pool.tried(0, number % 2 == 0, NOW + number * WINDOW_MS / 10);
    }
    assert!(!pool.is_out(Reach::Listed));
}

#[test]
fn checks_take_out_who_has_no_traffic_within_thirty_seconds() {
    let mut pool = pool(&[1, 1]);
    let mut now_ms = NOW;
    while pool.pick(Reach::Listed, and(0, 1), 0).is_some() {
        while let Some(place) = pool.due(now_ms) {
            pool.probed(place, place == 1, now_ms + u64::from(CHECK_WAIT_MS));
        }
        now_ms += 100;
        assert!(now_ms - NOW < 30_000, "it is still in");
    }
    assert_eq!(pool.pick(Reach::Listed, 0, 5), Some(1));
    // Probed as long as it does not answer, at most every ten seconds.
    for _ in 0..10 {
        now_ms += OUT_MS_MAX;
        while let Some(place) = pool.due(now_ms) {
            pool.probed(place, place == 1, now_ms);
        }
        assert_eq!(pool.pick(Reach::Listed, and(0, 1), 0), None);
    }
    assert_eq!(pool.due(now_ms + OUT_MS_MAX), Some(0));
}

#[test]
fn a_pool_without_checks_takes_nobody_out() {
    let mut pool = Pool::new(&listed(&[1]), false);
    for _ in 0..100 {
        pool.tried(0, false, NOW);
    }
    assert_eq!(
        (pool.pick(Reach::Listed, 0, 0), pool.due(NOW)),
        (Some(0), None)
    );
    // One alone is not checked while it is in.
    assert_eq!(Pool::new(&listed(&[1]), true).due(NOW), None);
}

#[test]
fn pauses_double_up_to_their_cap() {
    for (tries, most) in [(1, 25), (2, 50), (3, 100), (7, 1_000), (4_000, 1_000)] {
        let all = (0..5_000).map(|random| backoff_ms(tries, random));
        let all: std::collections::BTreeSet<_> = all.collect();
        assert_eq!(all, (0..=most).collect(), "{tries}");
    }
}

#[derive(Debug, Clone)]
enum Step {
    Request(u64, bool),
    Retry,
    Wait(u64),
    Check(bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (any::<u64>(), any::<bool>()).prop_map(|(random, good)| Step::Request(random, good)),
        4 => Just(Step::Retry),
        1 => (0..15_000_u64).prop_map(Step::Wait),
        4 => any::<bool>().prop_map(Step::Check),
    ]
}

proptest! {
    /// Whatever happens: tries add a tenth at most, who is out is asked nothing, and is probed again
    /// within the longest time.
    #[test]
    fn the_rules_hold(steps in prop::collection::vec(step(), 1..400), weights in prop::collection::vec(1..5_u32, 1..5)) {
        let mut pool = pool(&weights);
        let (mut now_ms, mut requests, mut retries) = (NOW, 0_u32, 0_u32);
        for step in steps {
            match step {
                Step::Request(random, good) => {
                    pool.came();
                    requests += 1;
                    match pool.pick(Reach::Listed, 0, random) {
                        Some(place) => {
                            prop_assert!(!pool.members[place].out);
                            pool.tried(place, good, now_ms);
                        }
                        None => prop_assert!(pool.is_out(Reach::Listed)),
                    }
                }
                Step::Retry => retries += u32::from(pool.take_try()),
                Step::Wait(ms) => now_ms += ms,
                Step::Check(good) => {
                    if let Some(place) = pool.due(now_ms) {
                        let out = pool.members[place].out;
                        prop_assert!(out || pool.has_several());
                        pool.probed(place, good, now_ms);
                        prop_assert!(!good || !pool.members[place].out);
                        prop_assert!(good || !out || pool.members[place].out);
                    }
                }
            }
            prop_assert!(retries <= RESERVE + requests / TRY_COST);
            for member in &pool.members {
                prop_assert!(!member.out || member.check_ms <= now_ms + OUT_MS_MAX);
            }
        }
    }
}

#[test]
fn one_that_is_about_to_end_is_left_while_there_is_another() {
    let mut pool = pool(&[1, 1]);
    pool.leaves(0, NOW);
    assert_eq!(pool.pick(Reach::Listed, 0, 0), Some(1));
    // It is out like any other, and comes back by a probe.
    assert_eq!(pool.due(NOW + OUT_MS), Some(0));
    pool.leaves(1, NOW);
    assert_eq!(pool.pick(Reach::Listed, 0, 0), Some(1), "nobody else is in");
    pool.probed(0, true, NOW + OUT_MS);
    pool.leaves(1, NOW + OUT_MS);
    assert_eq!(pool.pick(Reach::Listed, 0, 0), Some(0));
    // Where nobody is checked, nobody would come back.
    let mut unchecked = Pool::new(&listed(&[1, 1]), false);
    unchecked.leaves(0, NOW);
    assert_eq!(unchecked.pick(Reach::Listed, 0, 0), Some(0));
}

/// The names of those whom a try may go to, by all that chance may say.
fn reached(pool: &Pool, listed: &[Listed], reach: Reach) -> String {
    let places = (0..1_000).filter_map(|random| pool.pick(reach, 0, random));
    let places: std::collections::BTreeSet<_> = places.collect();
    let names = places.iter().map(|place| listed[*place].url.as_str());
    names
        .map(|url| url.trim_start_matches("https://"))
        .collect()
}

#[test]
fn who_is_reached_by_whom() {
    // In the list and the deployment's own; in the list alone, with weight and without; the deployment's own alone.
    let all = [
        one('a', 1, true),
        one('b', 2, false),
        one('c', 0, false),
        one('d', 0, true),
    ];
    for (out, listed, own_too, own_first) in [
        ("", "ab", "ab", "ad"),
        ("a", "b", "b", "d"),
        ("ab", "", "d", "d"),
        ("ad", "b", "b", "b"),
        ("abd", "", "", ""),
    ] {
        let mut pool = Pool::new(&all, true);
        for (place, one) in all.iter().enumerate() {
            pool.members[place].out = out.contains(one.url.trim_start_matches("https://"));
        }
        for (reach, expected) in [
            (Reach::Listed, listed),
            (Reach::OwnToo, own_too),
            (Reach::OwnFirst, own_first),
        ] {
            assert_eq!(reached(&pool, &all, reach), expected, "{out} {reach:?}");
            assert_eq!(pool.is_out(reach), expected.is_empty(), "{out} {reach:?}");
        }
    }
    // Who has nobody waits for a probe of whom it may reach.
    let mut pool = Pool::new(&all, true);
    for place in [0, 1, 2] {
        pool.members[place].out = true;
    }
    let waits = |pool: &Pool, reach| [0, 1, 2, 3].map(|place| pool.waits_for(reach, place));
    assert_eq!(waits(&pool, Reach::Listed), [true, true, false, false]);
    assert_eq!(waits(&pool, Reach::OwnToo), [false; 4]);
    pool.members[3].out = true;
    assert_eq!(waits(&pool, Reach::OwnToo), [true, true, false, true]);
    assert_eq!(waits(&pool, Reach::OwnFirst), [true, true, false, true]);
}

#[test]
fn what_is_known_of_an_origin_outlives_a_change_of_the_list() {
    let before = listed(&[1, 1, 1]);
    let mut pool = pool(&[1, 1, 1]);
    for _ in 0..FAILURES_MAX {
        pool.tried(1, false, NOW);
    }
    for _ in 1..FAILURES_MAX {
        pool.tried(2, false, NOW);
    }
    while pool.take_try() {}
    // In another order and with another weight; `a` is left out, and `d` is new.
    let after = [
        one('d', 1, false),
        one('c', 9, true),
        one('b', 1, true),
        one('a', 0, true),
    ];
    let mut pool = pool.relisted(&before, &after);
    assert_eq!(reached(&pool, &after, Reach::Listed), "c");
    assert!(!pool.take_try(), "what is saved is kept");
    // `b` is probed when its time is over and not before, `d` at once, and `a` is checked on.
    let due =
        |pool: &mut Pool, now_ms| -> Vec<_> { std::iter::from_fn(|| pool.due(now_ms)).collect() };
    assert_eq!(due(&mut pool, NOW), [0, 1, 3]);
    assert_eq!(due(&mut pool, NOW + OUT_MS), [0, 2]);
    // `c` has one failure left before it is out.
    pool.tried(1, false, NOW);
    assert!(pool.is_out(Reach::Listed));
    // One that comes back is as it was before.
    let mut again = pool.relisted(&after, &before);
    assert_eq!(reached(&again, &before, Reach::Listed), "a");
    assert_eq!(again.members[1].outs, 1);
    assert_eq!(due(&mut again, NOW + CHECK_MS), [0, 1, 2]);
}

#[test]
fn a_new_origin_is_probed_first_while_another_serves() {
    let (before, after) = (listed(&[1]), [one('a', 1, true), one('b', 1, false)]);
    let old = pool(&[1]);
    let mut pool = old.relisted(&before, &after);
    assert_eq!(reached(&pool, &after, Reach::Listed), "a");
    assert_eq!(pool.due(NOW), Some(0));
    assert_eq!(pool.due(NOW), Some(1));
    pool.probed(1, false, NOW);
    assert_eq!(reached(&pool, &after, Reach::Listed), "a");
    assert_eq!(pool.due(NOW + OUT_MS), Some(1));
    pool.probed(1, true, NOW + OUT_MS);
    assert_eq!(reached(&pool, &after, Reach::Listed), "ab");
    // It has not answered a request yet: one failure, and it is out again.
    pool.tried(1, false, NOW + OUT_MS);
    assert_eq!(reached(&pool, &after, Reach::Listed), "a");
    // Where nobody else serves it begins at once, and where nobody is checked, too.
    let alone = [one('b', 1, false), one('a', 0, true)];
    let replaced = old.relisted(&before, &alone);
    assert_eq!(reached(&replaced, &alone, Reach::Listed), "b");
    let unchecked = Pool::new(&before, false).relisted(&before, &after);
    assert_eq!(reached(&unchecked, &after, Reach::Listed), "ab");
}

#[test]
fn the_only_one_with_weight_is_not_checked_and_does_not_leave() {
    let all = [one('b', 1, false), one('a', 0, true), one('c', 0, false)];
    let mut pool = Pool::new(&all, true);
    assert_eq!((pool.due(NOW), pool.due(NOW)), (Some(1), Some(2)));
    assert_eq!(pool.due(NOW), None);
    pool.leaves(0, NOW);
    assert_eq!(reached(&pool, &all, Reach::Listed), "b");
}

proptest! {
    /// Lists that follow each other: none is lost and none is mixed up, whatever their order.
    #[test]
    fn health_follows_its_url(
        before in prop::collection::btree_set(prop::char::range('a', 'h'), 1..6),
        after in prop::sample::subsequence(('a'..='h').collect::<Vec<_>>(), 1..8).prop_shuffle(),
    ) {
        let list = |names: &[char]| -> Vec<Listed> {
            names.iter().map(|name| one(*name, 1, false)).collect()
        };
        let (before, after) = (list(&before.into_iter().collect::<Vec<_>>()), list(&after));
        let mut pool = Pool::new(&before, true);
        for (place, member) in (1..).zip(&mut pool.members) {
            member.tries = place;
        }
        let next = pool.relisted(&before, &after);
        for (one, member) in after.iter().zip(&next.members) {
            let place = before.iter().position(|other| other.url == one.url);
            let tries = place.map_or(0, |place| pool.members[place].tries);
            prop_assert_eq!(member.tries, tries);
        }
        prop_assert!(!next.is_out(Reach::Listed));
    }
}
