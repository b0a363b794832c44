//! What clients and the world do, as data: one list of steps a seed.

use origin::platform::Failpoint;
use shared::versions::REVISION;

/// How a request fares on its way to the origin and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// As it should.
    Whole,
    /// The request never reaches the origin.
    RequestLost,
    /// The origin does the work and its reply is lost.
    ReplyLost,
    /// The reply arrives, and the isolate dies before it stores the copy.
    CrashBeforeStore,
    /// The origin does the work, and the isolate dies while it waits.
    IsolateDies,
    /// The origin dies at this place, if the request gets there.
    OriginDies(Failpoint),
}

/// A customer's order, as it is first sent and repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Which customer.
    pub(crate) customer: usize,
    /// Its key; no other intent has it.
    pub(crate) key: usize,
    /// Which products (by place in the catalogue) and how many.
    pub(crate) lines: Vec<(usize, u32)>,
    /// With which sandbox method.
    pub(crate) method: &'static str,
    /// Whether it speaks version 1.
    pub(crate) old: bool,
}

/// One step. Intents are named by their keys; a step about one that was not sent yet does nothing, so
/// that any list of steps is a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A new intent is sent for the first time, at the prices of now.
    Order(Intent, Fate),
    /// An earlier intent is sent again.
    Repeat(usize, Fate),
    /// An earlier intent's key comes with another body.
    RepeatOther(usize),
    /// Two copies of an earlier intent at once.
    Pair(usize),
    /// An earlier intent's order is called off by its customer.
    Cancel(usize, Fate),
    /// A product gets another price.
    Reprice(usize, i64, Fate),
    /// A product is read, at the first location or elsewhere.
    Read(usize, bool),
    /// A customer reads its orders as often as it can.
    Flood(usize),
    /// Every Durable Object restarts.
    RestartObjects,
    /// Every Durable Object is lost with its disk.
    LoseObjects,
    /// Every location's store forgets everything.
    EvictCopies,
    /// The feed loses its log, and begins another.
    LoseFeed,
    /// The edge is deployed with that revision of the converters.
    Deploy(u16),
    /// The origin's process ends and another one begins.
    RestartOrigin,
    /// Time passes, in milliseconds.
    Advance(u64),
    /// All that works without clients (relay with its consumers, completer, sweeper) works until there
    /// is nothing left; the relay's worker dies at this place, if it gets there.
    Work(Option<Failpoint>),
    /// Every reservation runs out while its payment may be unknown.
    Overdue,
}

/// Customers in one world.
pub(crate) const CUSTOMERS: usize = 3;
/// Products in one world.
pub(crate) const PRODUCTS: usize = 6;
/// Steps of one seed.
pub(crate) const STEPS: usize = 90;
/// How far the clocks of edge and origin are apart at most, milliseconds: what the hand-over allows.
pub(crate) const SKEW_MS_MAX: i64 = 30_000;

/// The steps of a seed.
pub(crate) fn steps(seed: u64) -> Vec<Step> {
    let mut dice = Dice(seed);
    let mut intents = 0;
    (0..STEPS)
        .map(|_| {
            let known = |dice: &mut Dice| dice.below(intents);
            match dice.below(26) {
                0..=6 => {
                    intents += 1;
                    Step::Order(intent(&mut dice, intents - 1), fate(&mut dice))
                }
                7..=9 => Step::Repeat(known(&mut dice), fate(&mut dice)),
                10 => Step::RepeatOther(known(&mut dice)),
                11..=12 => Step::Pair(known(&mut dice)),
                13..=14 => Step::Cancel(known(&mut dice), fate(&mut dice)),
                15..=16 => Step::Reprice(
                    dice.below(PRODUCTS),
                    100 + i64::try_from(dice.below(900)).unwrap(),
                    fate(&mut dice),
                ),
                17..=18 => Step::Read(dice.below(PRODUCTS), dice.below(2) == 1),
                19 => Step::RestartObjects,
                20 => match dice.below(7) {
                    5..=6 => Step::Deploy(REVISION + u16::try_from(dice.below(2)).unwrap()),
                    4 => Step::LoseFeed,
                    0 => Step::LoseObjects,
                    1 => Step::EvictCopies,
                    2 => Step::RestartOrigin,
                    _ => Step::Flood(dice.below(CUSTOMERS)),
                },
                21..=22 => match dice.below(8) {
                    0 => Step::Overdue,
                    1..=2 => Step::Work(Some(pick(&mut dice, &Failpoint::OF_THE_RELAY))),
                    _ => Step::Work(None),
                },
                _ => Step::Advance(u64::try_from(dice.below(40_000)).unwrap()),
            }
        })
        .collect()
}

/// How far the origin's clock is behind the edge's in a seed's world, milliseconds.
pub(crate) fn skew_ms(seed: u64) -> i64 {
    let apart = Dice(!seed).below(usize::try_from(2 * SKEW_MS_MAX + 1).unwrap());
    i64::try_from(apart).unwrap() - SKEW_MS_MAX
}

fn intent(dice: &mut Dice, key: usize) -> Intent {
    let lines = (0..=dice.below(3))
        .map(|_| {
            (
                dice.below(PRODUCTS),
                u32::try_from(1 + dice.below(3)).unwrap(),
            )
        })
        .collect();
    let method = match dice.below(8) {
        0 => "pm_card_declined",
        1 => "pm_card_insufficient_funds",
        2 => "pm_card_lost_reply",
        3 => "pm_card_unavailable",
        _ => "pm_card_visa",
    };
    Intent {
        customer: dice.below(CUSTOMERS),
        key,
        lines,
        method,
        old: dice.below(3) == 0,
    }
}

fn fate(dice: &mut Dice) -> Fate {
    match dice.below(10) {
        0 => Fate::RequestLost,
        1 => Fate::ReplyLost,
        2 => Fate::CrashBeforeStore,
        3 => Fate::IsolateDies,
        4 => Fate::OriginDies(pick(dice, &Failpoint::OF_AN_ORDER)),
        _ => Fate::Whole,
    }
}

fn pick(dice: &mut Dice, points: &[Failpoint]) -> Failpoint {
    points[dice.below(points.len())]
}

/// `SplitMix64`: a seed is a run.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below the bound; zero for a bound of zero.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % (bound.max(1) as u64)).unwrap()
    }
}
