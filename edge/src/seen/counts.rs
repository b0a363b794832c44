//! Sums of requests, for a line of the log every few seconds: metrics of a place that nobody can scrape.
//!
//! Each line has what came since the one before, of one isolate, so whoever reads the log adds them up. Its
//! labels are bounded: routes by their rows in the configuration, statuses by their number, what the cache
//! did by its words; beyond [`ROWS_MAX`] of them, all others are one row. An isolate that ends within a period
//! takes that period's sums along.

use serde_json::{Map, Value};

/// How often there is a line, if there were requests.
pub const PERIOD_MS: u32 = 10_000;
/// Most rows in a line.
pub const ROWS_MAX: usize = 200;
/// After so long somebody else writes the line, since whoever was to is gone.
const WRITER_MS: u64 = 2 * PERIOD_MS as u64;

/// What tells rows apart.
const LABELS: [&str; 4] = ["route", "method", "status", "cache"];
/// What is added up.
const SUMS: [&str; 3] = ["edge_ms", "origin_ms", "tries"];

/// The labels as they are written, how many requests, and their sums.
type Row = (String, u64, [u64; 3]);

/// What came since the last line.
#[derive(Debug, Default)]
pub struct Counts {
    rows: Vec<Row>,
    since_ms: u64,
    writer_until_ms: u64,
}

impl Counts {
    /// Adds a request, by its line. Whether somebody has to write a line when the period is over.
    pub fn add(&mut self, line: &Map<String, Value>, now_ms: u64) -> bool {
        let mut labels = String::new();
        for label in LABELS {
            labels.push('"');
            labels.push_str(label);
            labels.push_str("\":");
            labels.push_str(&line.get(label).unwrap_or(&Value::Null).to_string());
            labels.push(',');
        }
        let mut place = self.rows.iter().position(|(known, ..)| *known == labels);
        if place.is_none() {
            // Clients may make up as many methods as they like.
            if self.rows.len() >= ROWS_MAX {
                labels.clear();
                labels.push_str("\"route\":\"other\",");
                place = self.rows.iter().position(|(known, ..)| *known == labels);
            }
            if place.is_none() {
                place = Some(self.rows.len());
                self.rows.push((labels, 0, [0; 3]));
            }
        }
        if let Some((_, requests, sums)) = place.and_then(|place| self.rows.get_mut(place)) {
            *requests += 1;
            for (sum, name) in sums.iter_mut().zip(SUMS) {
                *sum += line.get(name).and_then(Value::as_u64).unwrap_or_default();
            }
        }
        let alone = self.writer_until_ms <= now_ms;
        if alone {
            self.since_ms = now_ms;
            self.writer_until_ms = now_ms.saturating_add(WRITER_MS);
        }
        alone
    }

    /// The line, and all at zero again.
    pub fn line(&mut self, ts: &str, now_ms: u64) -> String {
        self.writer_until_ms = 0;
        let period_ms = now_ms.saturating_sub(self.since_ms);
        let mut text = format!("{{\"ts\":\"{ts}\",\"period_ms\":{period_ms},\"metrics\":[");
        for (place, (labels, requests, sums)) in std::mem::take(&mut self.rows).iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push('{');
            text.push_str(labels);
            for (sum, name) in sums.iter().zip(SUMS) {
                text.push('"');
                text.push_str(name);
                text.push_str("\":");
                text.push_str(&sum.to_string());
                text.push(',');
            }
            text.push_str("\"requests\":");
            text.push_str(&requests.to_string());
            text.push('}');
        }
        text.push_str("]}");
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn add(counts: &mut Counts, line: &Value, now_ms: u64) -> bool {
        counts.add(line.as_object().unwrap(), now_ms)
    }

    #[test]
    fn lines_have_what_came_since() {
        let mut counts = Counts::default();
        let hit = json!({"route": "product", "method": "GET", "status": 200, "cache": "hit",
            "edge_ms": 1, "origin_ms": 0, "tries": 0});
        let miss = json!({"route": "product", "method": "GET", "status": 200, "cache": "miss",
            "edge_ms": 2, "origin_ms": 30, "tries": 1});
        assert!(add(&mut counts, &hit, 1_000));
        assert!(!add(&mut counts, &hit, 2_000));
        assert!(!add(&mut counts, &miss, 3_000));
        let line: Value = serde_json::from_str(&counts.line("t", 11_000)).unwrap();
        assert_eq!(line["period_ms"], 10_000);
        assert_eq!(
            line["metrics"],
            json!([
                {"route": "product", "method": "GET", "status": 200, "cache": "hit", "requests": 2,
                    "edge_ms": 2, "origin_ms": 0, "tries": 0},
                {"route": "product", "method": "GET", "status": 200, "cache": "miss", "requests": 1,
                    "edge_ms": 2, "origin_ms": 30, "tries": 1},
            ])
        );
        assert!(add(&mut counts, &miss, 12_000), "a new period");
        assert!(
            add(&mut counts, &miss, 40_000),
            "whoever was to write is gone"
        );
        let line: Value = serde_json::from_str(&counts.line("t", 41_000)).unwrap();
        assert_eq!(line["metrics"][0]["requests"], 2);
    }

    #[test]
    fn rows_are_bounded() {
        let mut counts = Counts::default();
        for number in 0..1_000 {
            add(
                &mut counts,
                &json!({"method": format!("M{number}"), "status": 405}),
                0,
            );
        }
        let line: Value = serde_json::from_str(&counts.line("t", 0)).unwrap();
        let rows = line["metrics"].as_array().unwrap();
        assert_eq!(rows.len(), ROWS_MAX + 1);
        let sum: u64 = rows
            .iter()
            .map(|row| row["requests"].as_u64().unwrap())
            .sum();
        assert_eq!(sum, 1_000);
    }
}
