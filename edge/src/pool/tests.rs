use proptest::prelude::*;

use super::*;

const NOW: u64 = 1_800_000_000_000;

fn pool(weights: &[u32]) -> Pool {
    Pool::new(weights, true)
}

#[test]
fn weights_are_shares() {
    let pool = pool(&[1, 3]);
    let picks: Vec<_> = (0..8).map(|random| pool.pick(0, random).unwrap()).collect();
    assert_eq!(picks, [0, 1, 1, 1, 0, 1, 1, 1]);
    assert_eq!(pool.pick(and(0, 1), 2), Some(0));
    assert_eq!(pool.pick(and(and(0, 1), 0), 2), None);
}

#[test]
fn failures_in_a_row_open_the_circuit_and_a_probe_half_closes_it() {
    let mut pool = pool(&[1, 1]);
    for failure in 1..=FAILURES_MAX {
        assert!(pool.pick(and(0, 1), 0).is_some(), "{failure}");
        pool.tried(0, false, NOW);
    }
    assert_eq!(pool.pick(and(0, 1), 0), None);
    // The other one's check is due from the start; this one's not before its time is over.
    assert_eq!(pool.due(NOW), Some(1));
    assert_eq!(pool.due(NOW + OUT_MS - 1), None);
    assert_eq!(pool.due(NOW + OUT_MS), Some(0));
    assert_eq!(pool.due(NOW + OUT_MS), None, "one probe at a time");
    pool.probed(0, true, NOW + OUT_MS);
    assert_eq!(pool.pick(and(0, 1), 0), Some(0));
    // Half open: one failure is enough, and it is out for twice as long.
    let again = NOW + OUT_MS + 1;
    pool.tried(0, false, again);
    assert_eq!(pool.pick(and(0, 1), 0), None);
    assert_eq!(pool.due(again + 2 * OUT_MS - 1), None);
    assert_eq!(pool.due(again + 2 * OUT_MS), Some(0));
    pool.probed(0, true, again + 2 * OUT_MS);
    // Closed: an answer makes it as it was.
    pool.tried(0, true, again + 2 * OUT_MS);
    for failure in 1..FAILURES_MAX {
        pool.tried(0, false, again + 2 * OUT_MS);
        assert!(pool.pick(and(0, 1), 0).is_some(), "{failure}");
    }
    pool.tried(0, false, again + 2 * OUT_MS);
    assert_eq!(pool.pick(and(0, 1), 0), None);
    assert_eq!(pool.due(again + 2 * OUT_MS + OUT_MS), Some(0));
}

#[test]
fn half_of_many_open_it_too() {
    let mut pool = pool(&[1]);
    for number in 0..SAMPLE_MIN {
        assert!(!pool.is_out(), "{number}");
        pool.tried(0, number % 2 == 0, NOW);
    }
    assert!(pool.is_out());
    // Over a longer time they are few.
    let mut pool = Pool::new(&[1], true);
    for number in 0..10 * u64::from(SAMPLE_MIN) {
        pool.tried(0, number % 2 == 0, NOW + number * WINDOW_MS / 10);
    }
    assert!(!pool.is_out());
}

#[test]
fn checks_take_out_who_has_no_traffic_within_thirty_seconds() {
    let mut pool = pool(&[1, 1]);
    let mut now_ms = NOW;
    while pool.pick(and(0, 1), 0).is_some() {
        while let Some(place) = pool.due(now_ms) {
            pool.probed(place, place == 1, now_ms + u64::from(CHECK_WAIT_MS));
        }
        now_ms += 100;
        assert!(now_ms - NOW < 30_000, "it is still in");
    }
    assert_eq!(pool.pick(0, 5), Some(1));
    // Probed as long as it does not answer, at most every ten seconds.
    for _ in 0..10 {
        now_ms += OUT_MS_MAX;
        while let Some(place) = pool.due(now_ms) {
            pool.probed(place, place == 1, now_ms);
        }
        assert_eq!(pool.pick(and(0, 1), 0), None);
    }
    assert_eq!(pool.due(now_ms + OUT_MS_MAX), Some(0));
}

#[test]
fn a_pool_without_checks_takes_nobody_out() {
    let mut pool = Pool::new(&[1], false);
    for _ in 0..100 {
        pool.tried(0, false, NOW);
    }
    assert_eq!((pool.pick(0, 0), pool.due(NOW)), (Some(0), None));
    // One alone is not checked while it is in.
    assert_eq!(Pool::new(&[1], true).due(NOW), None);
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
                    match pool.pick(0, random) {
                        Some(place) => {
                            prop_assert!(!pool.members[place].out);
                            pool.tried(place, good, now_ms);
                        }
                        None => prop_assert!(pool.is_out()),
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
    assert_eq!(pool.pick(0, 0), Some(1));
    // It is out like any other, and comes back by a probe.
    assert_eq!(pool.due(NOW + OUT_MS), Some(0));
    pool.leaves(1, NOW);
    assert_eq!(pool.pick(0, 0), Some(1), "nobody else is in");
    pool.probed(0, true, NOW + OUT_MS);
    pool.leaves(1, NOW + OUT_MS);
    assert_eq!(pool.pick(0, 0), Some(0));
    // Where nobody is checked, nobody would come back.
    let mut unchecked = Pool::new(&[1, 1], false);
    unchecked.leaves(0, NOW);
    assert_eq!(unchecked.pick(0, 0), Some(0));
}
