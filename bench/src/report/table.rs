//! The table: medians over the rounds, then the ratios with the limits to work towards.

use std::fmt::Write;

use crate::contest::{Measure, Measured, Outcome, Ratio, median};
use crate::freshness::Freshness;
use crate::identity::Identity;
use crate::keys::Growth;
use crate::overload::Overload;
use crate::relay::Rates;
use crate::revocations::Revocations;
use crate::zipf::Shares;

const NAME_COLUMNS: usize = 20;

/// The table of one contest.
pub(crate) fn table(outcome: &Outcome) -> String {
    let mut text = format!("\n{}\n", outcome.title);
    for note in &outcome.notes {
        let _ = writeln!(text, "  {note}");
    }
    let heads = ["req/s", "p50 ms", "p99 ms", "CPU µs/req"].map(|head| format!("{head:>11}"));
    let _ = writeln!(
        text,
        "  {:<NAME_COLUMNS$}{}",
        "median of rounds",
        heads.concat()
    );
    for (name, runs) in &outcome.runs {
        let _ = writeln!(text, "  {name:<NAME_COLUMNS$}{}", medians(runs));
    }
    for ratio in &outcome.ratios {
        let _ = writeln!(text, "  {}", ratio_line(ratio));
    }
    text
}

/// The table of the million keys.
pub(crate) fn growth(growth: &Growth) -> String {
    let mut text = format!(
        "\na million distinct keys\n  {:>11}{:>11}\n",
        "keys", "RSS MB"
    );
    for (keys, kb) in &growth.samples {
        let _ = writeln!(text, "  {keys:>11}{:>11}", kb / 1024);
    }
    let verdict = if growth.met { "met" } else { "not met" };
    let _ = writeln!(
        text,
        "  last / first: {:.2}, to work towards ≤ {:.2}: {verdict}",
        growth.ratio, growth.goal
    );
    text
}

/// Signatures, and a hot user's questions to its limiter.
pub(crate) fn callers(callers: &Identity) -> String {
    let mut text = "\na token's first verification, its signature in workerd\n".to_owned();
    for (algorithm, micros) in &callers.signature_us {
        let _ = writeln!(text, "  {algorithm:>11}{micros:>11.1} µs");
    }
    let verdict = if callers.met { "met" } else { "not met" };
    let _ = writeln!(
        text,
        "a hot user on a leased route: {} questions to limiters in {} reads, to work towards ≤ {}: {verdict}",
        callers.limiter_asks, callers.reads, callers.goal
    );
    text
}

/// What became of copies when prices changed.
pub(crate) fn freshness(fresh: &Freshness) -> String {
    let verdict = if fresh.met { "met" } else { "not met" };
    format!(
        "\n{} changes of prices, read at four locations ({:.0} answers/s)\n  \
         from commit to the last older answer: p50 {} ms, p99 {} ms, most {} ms\n  \
         older than what was served 2 s before: {} of {} answers\n  \
         to work towards p99 ≤ {} ms and none older: {verdict}\n",
        fresh.changes,
        fresh.answers_a_second,
        fresh.lag_p50_ms,
        fresh.lag_p99_ms,
        fresh.lag_most_ms,
        fresh.undone,
        fresh.answers,
        fresh.goal_ms,
    )
}

/// How long revoked tokens were let in.
pub(crate) fn revocations(revoked: &Revocations) -> String {
    let verdict = if revoked.met { "met" } else { "not met" };
    format!(
        "\n{} revocations, tokens in use at four locations ({} answers)\n  \
         from the revocation to the last answer that let its token in: p50 {} ms, p99 {} ms, most {} ms\n  \
         to work towards p99 ≤ {} ms and none over {} ms: {verdict}\n",
        revoked.tokens,
        revoked.answers,
        revoked.lag_p50_ms,
        revoked.lag_p99_ms,
        revoked.lag_most_ms,
        revoked.goal_p99_ms,
        revoked.goal_most_ms,
    )
}

/// What more than can be done did.
pub(crate) fn overload(overload: &Overload) -> String {
    let verdict = if overload.met { "met" } else { "not met" };
    format!(
        "\norders beyond what can be done: {} clients send {:.0} a second to an origin that does {:.0}\n  \
         done meanwhile: {:.2} of that; in the second after: {:.2}; refused: {}, 99 of 100 within {:.0} ms\n  \
         99 of 100 that were done took {:.0} ms ({:.0} ms before)\n  \
         to work towards ≥ {:.2} done, within {:.0} ms: {verdict}\n",
        overload.clients,
        overload.sent_a_second,
        overload.capacity,
        overload.goodput,
        overload.recovery,
        overload.refused,
        overload.refused_p99_ms,
        overload.p99_ms,
        overload.calm_p99_ms,
        overload.goodput_goal,
        overload.p99_ms_goal,
    )
}

/// What the relay does.
pub(crate) fn rates(rates: &Rates) -> String {
    let verdict = if rates.met { "met" } else { "not met" };
    format!(
        "\nthe relay, from a full log: {:.0} events/s to a consumer that does nothing, {:.0} effects/s\n  \
         from commit to effect at {:.0} commits/s: p50 {:.1} ms, p99 {:.1} ms\n  \
         to work towards 20,000 events/s, 10,000 effects/s and p99 ≤ 50 ms: {verdict}\n",
        rates.events_a_second,
        rates.effects_a_second,
        rates.commits_a_second,
        rates.lag_p50_ms,
        rates.lag_p99_ms,
    )
}

/// What of the reads reached the origin.
pub(crate) fn shares(shares: &Shares) -> String {
    let verdict = if shares.met { "met" } else { "not met" };
    format!(
        "\n{} products read by Zipf's law, {} changes of prices ({:.0} answers/s)\n  \
         answered by the origin: {:.2} % of {}; the least that could be: {:.2} %\n  \
         to work towards ≤ {:.0} %: {verdict}\n",
        shares.products,
        shares.changes,
        shares.answers_a_second,
        shares.origin * 100.0,
        shares.answers,
        shares.least * 100.0,
        shares.goal * 100.0,
    )
}

/// One run, while the rounds go on.
pub(crate) fn line(name: &str, measured: &Measured) -> String {
    format!(
        "    {name:<NAME_COLUMNS$}{}",
        medians(std::slice::from_ref(measured))
    )
}

fn medians(runs: &[Measured]) -> String {
    let middle = |value: &dyn Fn(&Measured) -> Option<f64>| {
        let values: Option<Vec<f64>> = runs.iter().map(value).collect();
        median(values?.into_iter())
    };
    let rate = middle(&|run| Some(run.rate()));
    let p50 = middle(&|run| run.p50_us.map(millis));
    let p99 = middle(&|run| run.p99_us.map(millis));
    let total = middle(&Measured::cpu);
    let mut text = [(rate, 0), (p50, 2), (p99, 2), (total, 0)]
        .map(|(value, digits)| match value {
            Some(value) => format!("{value:>11.digits$}"),
            None => format!("{:>11}", "-"),
        })
        .concat();
    let names: Vec<&String> = runs
        .first()
        .map(|run| run.cpu_us.keys().collect())
        .unwrap_or_default();
    if names.len() > 1 {
        let part = |name: &&String| {
            let value = middle(&|run| run.cpu_us.get(name.as_str()).copied())?;
            Some(format!("{name} {value:.0}"))
        };
        let parts: Vec<String> = names.iter().filter_map(part).collect();
        let _ = write!(text, "  ({})", parts.join(", "));
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "latencies are far below 2^53")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

fn ratio_line(ratio: &Ratio) -> String {
    let (what, bound) = match ratio.measure {
        Measure::Cpu => ("CPU", "≤"),
        Measure::Rate => ("rate", "≥"),
        Measure::P50 => ("p50", "≤"),
        Measure::Tail => ("p99 / p50", "≤"),
    };
    let mut text = format!(
        "{what} of {} / {}: {:.2} ({:.2} to {:.2})",
        ratio.of, ratio.to, ratio.median, ratio.least, ratio.most
    );
    if let (Some(goal), Some(met)) = (ratio.goal, ratio.met) {
        let verdict = if met { "met" } else { "not met" };
        let _ = write!(text, ", to work towards {bound} {goal:.2}: {verdict}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_tells_medians_parts_and_goals() {
        let run = |requests, cpu: &[(&str, f64)]| Measured {
            requests,
            seconds: 2.0,
            p50_us: Some(1_500),
            p99_us: None,
            cpu_us: cpu
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
        };
        let outcome = Outcome {
            title: "orders".into(),
            notes: vec!["a note".into()],
            runs: vec![
                (
                    "ours",
                    vec![run(200, &[("origin", 10.0), ("postgres", 20.0)])],
                ),
                ("theirs", vec![run(400, &[])]),
            ],
            ratios: vec![Ratio {
                measure: Measure::Rate,
                of: "ours",
                to: "theirs",
                median: 0.5,
                least: 0.4,
                most: 0.6,
                goal: Some(0.3),
                met: Some(true),
            }],
        };
        let expected = "
orders
  a note
  median of rounds          req/s     p50 ms     p99 ms CPU µs/req
  ours                        100       1.50          -         30  (origin 10, postgres 20)
  theirs                      200       1.50          -          -
  rate of ours / theirs: 0.50 (0.40 to 0.60), to work towards ≥ 0.30: met
";
        assert_eq!(table(&outcome), expected);
    }
}
