//! A contest: who is compared, in which order they run, and what is compared.
//!
//! Runs are interleaved (A B C, then C B A, and so on), since a machine's speed drifts; a ratio is
//! taken inside each round, and its median over the rounds is the result.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;

/// How long and how wide a run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    /// Requests under way at once.
    pub(crate) connections: usize,
    /// Before anything counts.
    pub(crate) warm_up: Duration,
    /// The measured window.
    pub(crate) measured: Duration,
}

/// What one run gave.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Measured {
    /// Answers inside the window.
    pub(crate) requests: u64,
    /// The window.
    pub(crate) seconds: f64,
    /// Half of the requests were answered within.
    pub(crate) p50_us: Option<u64>,
    /// 99 of 100 were.
    pub(crate) p99_us: Option<u64>,
    /// Processor time a request, by process.
    pub(crate) cpu_us: BTreeMap<String, f64>,
}

impl Measured {
    /// Requests a second.
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    pub(crate) fn rate(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// Processor time a request over all watched processes; `None` where it can't be read.
    pub(crate) fn cpu(&self) -> Option<f64> {
        (!self.cpu_us.is_empty()).then(|| self.cpu_us.values().sum())
    }
}

/// One who is compared.
pub(crate) struct Contestant<'a> {
    /// Its name in the table.
    pub(crate) name: &'static str,
    /// Runs it once.
    pub(crate) run: Box<dyn Fn(Timing) -> Result<Measured> + 'a>,
}

/// What of two contestants is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Measure {
    /// Processor time a request: less is better.
    Cpu,
    /// Requests a second: more is better.
    Rate,
    /// What half of the requests are answered within: less is better.
    P50,
    /// What 99 of 100 requests are answered within, of what half of the other's are: less is better.
    Tail,
}

/// A ratio, and the limit to work towards.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comparison {
    pub(crate) measure: Measure,
    /// The numerator's name.
    pub(crate) of: &'static str,
    /// The denominator's name.
    pub(crate) to: &'static str,
    /// At most this of processor time, at least this of the rate.
    pub(crate) goal: Option<f64>,
}

/// A contest to be run.
pub(crate) struct Contest<'a> {
    /// Its title in the table.
    pub(crate) title: String,
    /// What a reader must know to read the figures.
    pub(crate) notes: Vec<String>,
    pub(crate) contestants: Vec<Contestant<'a>>,
    pub(crate) comparisons: Vec<Comparison>,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) title: String,
    pub(crate) notes: Vec<String>,
    /// By contestant, one entry a round.
    pub(crate) runs: Vec<(&'static str, Vec<Measured>)>,
    pub(crate) ratios: Vec<Ratio>,
}

/// A ratio, round by round.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Ratio {
    pub(crate) measure: Measure,
    pub(crate) of: &'static str,
    pub(crate) to: &'static str,
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    pub(crate) goal: Option<f64>,
    /// Whether the median meets the goal.
    pub(crate) met: Option<bool>,
}

impl Contest<'_> {
    /// Runs all rounds; `told` hears of each run, and may end it all.
    pub(crate) fn run(
        self,
        rounds: usize,
        timing: Timing,
        told: impl Fn(&str, &Measured) -> Result<()>,
    ) -> Result<Outcome> {
        let mut runs: Vec<_> = self
            .contestants
            .iter()
            .map(|one| (one.name, Vec::new()))
            .collect();
        for round in 0..rounds {
            let mut order: Vec<usize> = (0..self.contestants.len()).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for place in order {
                let contestant = &self.contestants[place];
                let measured = (contestant.run)(timing)
                    .with_context(|| format!("{}: {}", self.title, contestant.name))?;
                told(contestant.name, &measured)?;
                runs[place].1.push(measured);
            }
        }
        let ratios = self
            .comparisons
            .iter()
            .filter_map(|one| ratio(one, &runs))
            .collect();
        Ok(Outcome {
            title: self.title,
            notes: self.notes,
            runs,
            ratios,
        })
    }
}

fn ratio(comparison: &Comparison, runs: &[(&'static str, Vec<Measured>)]) -> Option<Ratio> {
    let of = |name: &str, tail: bool| {
        let (_, measured) = runs.iter().find(|(known, _)| *known == name)?;
        let value = |one: &Measured| match comparison.measure {
            Measure::Cpu => one.cpu(),
            Measure::Rate => Some(one.rate()),
            Measure::Tail if tail => one.p99_us.map(micros),
            Measure::P50 | Measure::Tail => one.p50_us.map(micros),
        };
        measured.iter().map(value).collect::<Option<Vec<f64>>>()
    };
    let pairs = of(comparison.of, true)?
        .into_iter()
        .zip(of(comparison.to, false)?);
    let ratios: Vec<f64> = pairs.map(|(one, other)| one / other).collect();
    let median = median(ratios.iter().copied())?;
    Some(Ratio {
        measure: comparison.measure,
        of: comparison.of,
        to: comparison.to,
        median,
        least: ratios.iter().copied().fold(f64::INFINITY, f64::min),
        most: ratios.iter().copied().fold(0.0, f64::max),
        goal: comparison.goal,
        met: comparison.goal.map(|goal| match comparison.measure {
            Measure::Cpu | Measure::P50 | Measure::Tail => median <= goal,
            Measure::Rate => median >= goal,
        }),
    })
}

#[expect(clippy::cast_precision_loss, reason = "latencies are far below 2^53")]
const fn micros(micros: u64) -> f64 {
    micros as f64
}

/// The middle value; of an even number of values the mean of the two in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        Some(f64::midpoint(
            *sorted.get(middle.checked_sub(1)?)?,
            *sorted.get(middle)?,
        ))
    } else {
        sorted.get(middle).copied()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    const TIMING: Timing = Timing {
        connections: 1,
        warm_up: Duration::ZERO,
        measured: Duration::from_secs(1),
    };

    fn measured(requests: u64, cpu: f64) -> Measured {
        Measured {
            requests,
            seconds: 2.0,
            p50_us: Some(requests),
            p99_us: Some(4 * requests),
            cpu_us: [("x".to_owned(), cpu)].into(),
        }
    }

    #[test]
    fn medians() {
        for (values, expected) in [
            (vec![], None),
            (vec![3.0], Some(3.0)),
            (vec![3.0, 1.0], Some(2.0)),
            (vec![9.0, 1.0, 2.0], Some(2.0)),
        ] {
            assert_eq!(median(values.iter().copied()), expected, "{values:?}");
        }
    }

    #[test]
    fn rounds_alternate_and_ratios_are_taken_inside_them() {
        let order = RefCell::new(String::new());
        let contestant = |name: &'static str, cpus: [f64; 3]| {
            let (order, cpus) = (&order, RefCell::new(cpus.into_iter()));
            Contestant {
                name,
                run: Box::new(move |_| {
                    order.borrow_mut().push_str(name);
                    Ok(measured(100, cpus.borrow_mut().next().unwrap()))
                }),
            }
        };
        let contest = Contest {
            title: "t".into(),
            notes: vec![],
            contestants: vec![
                contestant("a", [10.0, 40.0, 30.0]),
                contestant("b", [10.0, 20.0, 20.0]),
            ],
            comparisons: vec![Comparison {
                measure: Measure::Cpu,
                of: "a",
                to: "b",
                goal: Some(1.3),
            }],
        };
        let outcome = contest.run(3, TIMING, |_, _| Ok(())).unwrap();
        assert_eq!(*order.borrow(), "abbaab");
        let ratio = &outcome.ratios[0];
        assert_eq!((ratio.median, ratio.least, ratio.most), (1.5, 1.0, 2.0));
        assert_eq!(ratio.met, Some(false));
    }

    #[test]
    fn more_is_better_for_rates_only() {
        let runs = [
            ("a", vec![measured(40, 1.0)]),
            ("b", vec![measured(100, 2.0)]),
        ];
        for (measure, goal, met) in [
            (Measure::Rate, 0.3, true),
            (Measure::Rate, 0.5, false),
            (Measure::Cpu, 0.6, true),
            (Measure::Cpu, 0.4, false),
            (Measure::P50, 0.5, true),
            (Measure::P50, 0.3, false),
            (Measure::Tail, 1.6, true),
            (Measure::Tail, 1.5, false),
        ] {
            let comparison = Comparison {
                measure,
                of: "a",
                to: "b",
                goal: Some(goal),
            };
            assert_eq!(
                ratio(&comparison, &runs).unwrap().met,
                Some(met),
                "{measure:?} {goal}"
            );
        }
    }
}
