//! A team's own catalogue, from a file of CSV or JSON lines.
//!
//! Decides, in this order:
//! 1. The whole file is read and each row checked by the rules of POST /products. If anything is
//!    wrong, the first faults are told by line and nothing is written.
//! 2. In one transaction: products whose article number is there are replaced, others are added;
//!    what is the same already stays as it is. Each change is told as an event, so that copies
//!    of it are purged.

mod csv;
mod lines;

use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;
use shared::event::EventType;
use shared::problem::FieldError;
use shared::product::{LowStock, NewProduct, Product};
use sqlx::PgPool;

use super::alone;
use crate::platform::{Platform, rfc3339};
use crate::store::outbox::{self, NewEvent};
use crate::store::product::{self, Change};

/// Most faults that are told at once.
const FAULTS_MAX: usize = 100;
/// Most rows in a file: all of them are held in memory.
const ROWS_MAX: usize = 1_000_000;
/// Most bytes in a row, as in a body of POST /products.
const ROW_BYTES_MAX: usize = 64 * 1024;
/// Rows sent at once.
const CHUNK: usize = 1000;

/// One thing wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Where the row begins, counted from 1.
    pub line: u64,
    /// Which member or column; empty for the row as a whole.
    pub member: String,
    /// What is wrong.
    pub what: String,
    /// What would be right.
    pub fix: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            member,
            what,
            fix,
        } = self;
        let of = if member.is_empty() { "" } else { ", " };
        write!(out, "line {line}{of}{member}: {what}. {fix}")
    }
}

/// The file's faults, because of which nothing was written.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub struct Refused(pub Vec<Fault>);

impl fmt::Display for Refused {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults = match self.0.len() {
            1 => "1 fault".to_owned(),
            many if many >= FAULTS_MAX => format!("{many} or more faults"),
            many => format!("{many} faults"),
        };
        write!(out, "nothing was imported: {faults}")?;
        self.0.iter().try_for_each(|fault| write!(out, "\n{fault}"))
    }
}

/// What became of a file's rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Products that were not there.
    pub created: u64,
    /// Products that were replaced.
    pub updated: u64,
    /// Products that were the same already.
    pub unchanged: u64,
}

/// The rows of a file, as far as they are read.
#[derive(Debug, Default)]
struct Rows {
    products: Vec<NewProduct>,
    lines_by_sku: HashMap<String, u64>,
    faults: Vec<Fault>,
}

impl Rows {
    /// Takes a row that was read, or its faults.
    fn take(&mut self, line: u64, row: Result<NewProduct, Vec<FieldError>>) {
        match row {
            Ok(_) if self.products.len() >= ROWS_MAX => self.fault(
                line,
                "",
                format!("the file has over {ROWS_MAX} rows"),
                "Split it.",
            ),
            Ok(product) => match self.lines_by_sku.insert(product.sku.clone(), line) {
                Some(earlier) => self.fault(
                    line,
                    "sku",
                    format!("the article number stands in line {earlier} already"),
                    "Keep one row for each product.",
                ),
                None => self.products.push(product),
            },
            Err(faults) => {
                for fault in faults {
                    // `/price/amount` is the column `price`.
                    let member = fault.pointer.split('/').nth(1).unwrap_or_default();
                    self.fault(line, member, fault.detail, &fault.fix);
                }
            }
        }
    }

    fn fault(&mut self, line: u64, member: &str, what: String, fix: &str) {
        self.faults.push(Fault {
            line,
            member: member.to_owned(),
            what,
            fix: fix.to_owned(),
        });
    }

    /// Whether enough faults are known to stop reading.
    fn is_hopeless(&self) -> bool {
        self.faults.len() >= FAULTS_MAX || self.products.len() > ROWS_MAX
    }

    fn finish(mut self) -> Result<Vec<NewProduct>, Refused> {
        self.faults.truncate(FAULTS_MAX);
        if self.faults.is_empty() {
            Ok(self.products)
        } else {
            Err(Refused(self.faults))
        }
    }
}

/// Reads and checks a whole file.
pub fn read(path: &Path) -> anyhow::Result<Vec<NewProduct>> {
    let extension = path.extension().and_then(|text| text.to_str());
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let open = || File::open(path).with_context(|| format!("{} can't be read", path.display()));
    let rows = match extension.as_str() {
        "csv" => csv::read(BufReader::new(open()?)),
        "jsonl" | "ndjson" => lines::read(BufReader::new(open()?))?,
        _ => anyhow::bail!(
            "{} is no catalogue: name a file that ends in .csv, .jsonl or .ndjson",
            path.display()
        ),
    };
    Ok(rows.finish()?)
}

/// Writes the products, all of them or none.
pub async fn run(
    pool: &PgPool,
    platform: &Platform,
    products: Vec<NewProduct>,
) -> anyhow::Result<Imported> {
    let mut transaction = alone(pool).await?;
    let skus: Vec<String> = products.iter().map(|product| product.sku.clone()).collect();
    let there = product::by_sku(&mut transaction, &skus).await?;
    let now = platform.now();
    let mut imported = Imported::default();
    let mut changes = Vec::new();
    let mut fallen = Vec::new();
    for new in products {
        let stock = new.stock;
        let (product, kind) = match there.get(&new.sku) {
            Some(before) if before.document() == new => {
                imported.unchanged += 1;
                continue;
            }
            Some(before) => {
                imported.updated += 1;
                let after = before.product.changed(new, rfc3339(now));
                if after
                    .availability
                    .is_scarcer_than(before.product.availability)
                {
                    fallen.push(LowStock::of(&after, stock));
                }
                (after, EventType::ProductUpdated)
            }
            None => {
                imported.created += 1;
                let id = platform.product_id();
                let created = Product::created(id, new, rfc3339(now));
                (created, EventType::ProductCreated)
            }
        };
        changes.push(Change {
            product,
            stock,
            kind,
            event_id: platform.event_id(),
        });
    }
    let bar = bar(changes.len());
    for chunk in changes.chunks(CHUNK) {
        product::write(&mut transaction, chunk, now).await?;
        bar.inc(u64::try_from(chunk.len()).unwrap_or_default());
    }
    for low in fallen {
        let event = NewEvent {
            id: platform.event_id(),
            kind: EventType::InventoryLow,
            aggregate: low.id.uuid(),
            payload: json!(low),
            traceparent: None,
            now,
        };
        outbox::append(&mut transaction, &event).await?;
    }
    transaction.commit().await?;
    bar.finish();
    if !changes.is_empty() {
        super::refresh_statistics(pool).await?;
    }
    Ok(imported)
}

/// A bar on a terminal; elsewhere it draws nothing.
fn bar(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(rows).unwrap_or_default());
    if let Ok(style) = ProgressStyle::with_template("importing {bar:40} {pos} of {len}, {eta} left")
    {
        bar.set_style(style);
    }
    bar
}
