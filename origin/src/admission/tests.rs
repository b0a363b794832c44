use std::collections::BTreeSet;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use proptest::prelude::*;
use tokio::sync::oneshot;

use super::*;
use crate::platform::{Seeded, SetClock};

const ALL: [Priority; 3] = [Priority::Keyed, Priority::Read, Priority::List];

/// What may happen at the door.
#[derive(Debug, Clone, Copy)]
enum Step {
    Comes(Priority),
    /// One of those that are here ends.
    Ends(usize),
    /// One of those that are here begins to wait for the provider.
    Leaves(usize),
    /// The provider has answered one of those outside.
    Answered(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0..3_usize).prop_map(|place| Step::Comes(ALL[place])),
        2 => any::<usize>().prop_map(Step::Ends),
        2 => any::<usize>().prop_map(Step::Leaves),
        2 => any::<usize>().prop_map(Step::Answered),
    ];
    prop::collection::vec(step, 0..400)
}

type Waiting = Pin<Box<dyn Future<Output = ()>>>;

/// A request that is outside, or on its way back.
struct Away {
    answer: Option<oneshot::Sender<()>>,
    waiting: Waiting,
    place: Place,
}

impl Away {
    fn is_back(&mut self) -> bool {
        let mut context = Context::from_waker(Waker::noop());
        self.waiting.as_mut().poll(&mut context) == Poll::Ready(())
    }

    fn of(place: Place) -> Self {
        let (answer, asked) = oneshot::channel();
        let held = place.0.clone();
        let waiting = Box::pin(async move {
            if let Some(held) = held {
                held.outside(async { drop(asked.await) }).await;
            }
        });
        Self {
            answer: Some(answer),
            waiting,
            place,
        }
    }
}

proptest! {
    /// Whatever comes, ends, waits and returns: never more than the limit are under way, each finds a place
    /// exactly when its share has one and nobody waits to return, and all places come back.
    #[test]
    fn never_more_than_the_limit_are_under_way(max in 1..24_usize, steps in steps()) {
        let admission = Admission::new(max);
        let mut here: Vec<Place> = Vec::new();
        let mut away: Vec<Away> = Vec::new();
        for step in steps {
            match step {
                Step::Comes(priority) => {
                    let free = max - admission.under_way();
                    let place = admission.enter(priority);
                    prop_assert_eq!(place.is_some(), free > priority.leaves(max));
                    here.extend(place);
                }
                Step::Ends(which) if !here.is_empty() => {
                    here.swap_remove(which % here.len());
                }
                Step::Leaves(which) if !here.is_empty() => {
                    let mut gone = Away::of(here.swap_remove(which % here.len()));
                    prop_assert!(!gone.is_back());
                    away.push(gone);
                }
                Step::Answered(which) if !away.is_empty() => {
                    let which = which % away.len();
                    drop(away[which].answer.take());
                }
                _ => {}
            }
            // Who can return does, first come first served.
            let mut still = Vec::new();
            for mut one in away {
                if one.is_back() {
                    here.push(one.place);
                } else {
                    still.push(one);
                }
            }
            away = still;
            prop_assert!(admission.under_way() <= max);
            let kept = away.iter().filter(|one| is_counted(&one.place)).count();
            prop_assert_eq!(here.len() + kept, admission.under_way());
        }
        drop((here, away));
        prop_assert_eq!(admission.under_way(), 0);
    }
}

fn is_counted(place: &Place) -> bool {
    place
        .0
        .as_ref()
        .is_some_and(|held| held.permit.lock().unwrap().is_some())
}

#[test]
fn shares_are_kept() {
    let admission = Admission::new(10);
    let enter = |priority| admission.enter(priority);
    let lists: Vec<_> = (0..10).filter_map(|_| enter(Priority::List)).collect();
    assert_eq!(lists.len(), 5);
    let reads: Vec<_> = (0..10).filter_map(|_| enter(Priority::Read)).collect();
    assert_eq!(reads.len(), 3);
    let keyed: Vec<_> = (0..10).filter_map(|_| enter(Priority::Keyed)).collect();
    assert_eq!(keyed.len(), 2);
    assert!(enter(Priority::Probe).is_some());
    assert_eq!(admission.under_way(), 10);
    drop(lists);
    assert!(enter(Priority::List).is_none(), "five are taken by others");
    drop(keyed);
    assert!(enter(Priority::List).is_some());
    assert_eq!(admission.under_way(), 3);
}

#[test]
fn the_refused_do_not_all_come_back_together() {
    let clock = Arc::new(SetClock::at(0));
    let platform = Platform::new(clock, Arc::new(Seeded::new(1)));
    let waits: BTreeSet<u64> = (0..100).map(|_| retry_after(&platform)).collect();
    assert_eq!(waits, BTreeSet::from([1, 2, 3]));
}

#[test]
fn whoever_waits_outside_makes_room_and_comes_back_first() {
    let admission = Admission::new(1);
    let first = admission.enter(Priority::Keyed).unwrap();
    let mut away = Away::of(first);
    assert!(!away.is_back());
    let second = admission.enter(Priority::Keyed).unwrap();
    drop(away.answer.take());
    assert!(!away.is_back(), "its place is taken meanwhile");
    drop(second);
    assert!(
        admission.enter(Priority::Keyed).is_none(),
        "it is the returning one's"
    );
    assert!(away.is_back());
    assert_eq!(admission.under_way(), 1);
}

#[test]
fn beyond_so_many_outside_places_are_kept() {
    let admission = Admission::new(1);
    let mut away = Vec::new();
    while let Some(place) = admission.enter(Priority::Keyed) {
        let mut one = Away::of(place);
        assert!(!one.is_back());
        away.push(one);
    }
    assert_eq!(away.len(), OUTSIDE_A_PLACE + 1);
    assert_eq!(admission.under_way(), 1);
}
