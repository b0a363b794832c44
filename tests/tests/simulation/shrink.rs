//! A failed run made small: steps are taken out, many at once and then fewer, as long as what is left
//! still fails. What remains is what a person reads.

use crate::model::Step;
use crate::runner;
use crate::world::Template;

/// Runs that shrinking may take.
const RUNS_MAX: usize = 120;

/// The fewest steps found that still break something, and what they break.
pub(crate) async fn shrink(
    template: &Template,
    seed: u64,
    steps: Vec<Step>,
    fault: String,
) -> (Vec<Step>, String) {
    let mut best = (steps, fault);
    let mut chunk = best.0.len().div_ceil(2);
    let mut runs = 0;
    while chunk > 0 && runs < RUNS_MAX {
        let mut from = 0;
        while from < best.0.len() && runs < RUNS_MAX {
            let mut fewer = best.0.clone();
            fewer.drain(from..(from + chunk).min(fewer.len()));
            runs += 1;
            match runner::run(template, seed, &fewer).await {
                Err(fault) => best = (fewer, fault),
                Ok(_) => from += chunk,
            }
        }
        chunk /= 2;
    }
    best
}
