//! What clients and the world do, as data: one list of steps a seed.

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
}

/// A customer's order, as it is first sent and repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Intent {
    /// Which customer.
    pub(crate) customer: usize,
    /// Which of its keys.
    pub(crate) key: usize,
    /// Which products (by place in the catalogue) and how many.
    pub(crate) lines: Vec<(usize, u32)>,
    /// With which sandbox method.
    pub(crate) method: &'static str,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A new intent is sent for the first time.
    Order(Intent, Fate),
    /// An earlier intent is sent again (by its place in the list of intents).
    Repeat(usize, Fate),
    /// An earlier intent's key comes with another body.
    RepeatOther(usize),
    /// Two copies of an earlier intent at once.
    Pair(usize),
    /// A product is read.
    Read(usize),
    /// A customer reads its orders as often as it can.
    Flood(usize),
    /// Every Durable Object restarts.
    RestartObjects,
    /// Every Durable Object is lost with its disk.
    LoseObjects,
    /// The cache forgets everything.
    EvictCopies,
    /// Time passes, in milliseconds.
    Advance(u64),
    /// The relay and its consumers take a step.
    Work,
}

/// Customers in one world.
pub(crate) const CUSTOMERS: usize = 3;
/// Products in one world.
pub(crate) const PRODUCTS: usize = 6;
/// Steps of one seed.
pub(crate) const STEPS: usize = 60;

/// The steps of a seed.
pub(crate) fn steps(seed: u64) -> Vec<Step> {
    let mut dice = Dice(seed);
    let mut intents = 0;
    (0..STEPS)
        .map(|_| {
            let known = |dice: &mut Dice| dice.below(intents);
            match dice.below(20) {
                0..=6 => {
                    intents += 1;
                    Step::Order(intent(&mut dice, intents - 1), fate(&mut dice))
                }
                7..=9 if intents > 0 => Step::Repeat(known(&mut dice), fate(&mut dice)),
                10 if intents > 0 => Step::RepeatOther(known(&mut dice)),
                11..=12 if intents > 0 => Step::Pair(known(&mut dice)),
                13..=14 => Step::Read(dice.below(PRODUCTS)),
                15 => Step::RestartObjects,
                16 => match dice.below(3) {
                    0 => Step::LoseObjects,
                    1 => Step::EvictCopies,
                    _ => Step::Flood(dice.below(CUSTOMERS)),
                },
                17 => Step::Work,
                _ => Step::Advance(u64::try_from(dice.below(40_000)).unwrap()),
            }
        })
        .collect()
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
    }
}

fn fate(dice: &mut Dice) -> Fate {
    match dice.below(8) {
        0 => Fate::RequestLost,
        1 | 2 => Fate::ReplyLost,
        3 => Fate::CrashBeforeStore,
        _ => Fate::Whole,
    }
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
