//! The feed: one Durable Object for everybody, a row a name.
//!
//! The object loads its log when it starts, calls [`Log::append`] or [`Log::since`], and stores the
//! marks that were written, without an await in between. It begins under a number of its own, so that
//! nobody takes the numbers of a lost one for its.

use std::cell::RefCell;
use std::panic::{RefUnwindSafe, UnwindSafe};

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use worker::{
    DurableObject, Env, Request, Response, Result, SqlStorageValue, State, durable_object,
};

use super::caller::down;
use super::parts::{self, Cloudflare, now_ms};
use super::{boundary, guard};
use crate::feed::log::Log;
use crate::feed::wire::Ask;
use crate::feed::{Change, Mark, Told};
use crate::platform::{Down, Feed as Marks};

/// The one object's name.
const NAME: &str = "feed";
/// Longest wait for a change to be taken.
const APPEND_TIMEOUT_MS: u32 = 2_000;
const URL: &str = "http://feed/";

/// Marks, and the log's numbers as one line.
const TABLES: [&str; 2] = [
    "CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, seq INTEGER NOT NULL, \
     at_ms INTEGER NOT NULL, mark TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS log (id INTEGER PRIMARY KEY, numbers TEXT NOT NULL)",
];

impl Marks for Cloudflare {
    async fn append(&self, change: &Change) -> Result<u64, Down> {
        let told = self
            .ask_feed(&Ask::Append(change.clone()), APPEND_TIMEOUT_MS)
            .await?;
        told.parse().map_err(|_| Down)
    }

    async fn since(&self, seq: u64, timeout_ms: u32) -> Result<Told, Down> {
        let told = self.ask_feed(&Ask::Since(seq), timeout_ms).await?;
        Told::read(&told).ok_or(Down)
    }
}

impl Cloudflare {
    async fn ask_feed(&self, ask: &Ask, timeout_ms: u32) -> Result<String, Down> {
        #[cfg(feature = "test-routes")]
        if super::test_routes::feed_is_down() {
            return Err(Down);
        }
        let body = Uint8Array::from(ask.write().as_bytes());
        let asked = boundary::ask_for_body(&self.bindings.feed, NAME, URL, body, timeout_ms);
        let told = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        String::from_utf8(Uint8Array::from(told).to_vec()).map_err(|_| Down)
    }
}

/// The feed's log.
#[durable_object(fetch)]
pub struct Feed {
    state: State,
    log: RefCell<Option<Log>>,
}

// A panic leaves nothing half-done: what memory holds is read again, rows are written whole.
impl UnwindSafe for Feed {}
impl RefUnwindSafe for Feed {}

impl DurableObject for Feed {
    fn new(state: State, _env: Env) -> Self {
        Self {
            state,
            log: RefCell::default(),
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.answer(request)).await
    }
}

impl Feed {
    async fn answer(&self, mut request: Request) -> Result<Response> {
        let Some(ask) = Ask::read(&request.text().await?) else {
            return Response::error("not a question", 400);
        };
        let mut log = match self.log.take() {
            Some(log) => log,
            None => self.load()?,
        };
        // Whatever fails below, the next one reads the rows.
        let text = match ask {
            Ask::Since(seq) => log.since(seq).write(),
            Ask::Append(change) => {
                self.append(&mut log, &change)?;
                log.head.to_string()
            }
        };
        *self.log.borrow_mut() = Some(log);
        Response::ok(text)
    }

    fn append(&self, log: &mut Log, change: &Change) -> Result<()> {
        let now_ms = now_ms();
        let appended = log.append(change, now_ms);
        for (name, mark) in appended.marks {
            let values = vec![
                name.into(),
                integer(mark.seq()),
                integer(mark.at_ms),
                mark.write().into(),
            ];
            self.sql("INSERT OR REPLACE INTO marks VALUES (?, ?, ?, ?)", values)?;
        }
        for name in appended.dropped {
            self.sql("DELETE FROM marks WHERE name = ?", vec![name.into()])?;
        }
        self.store_numbers(log)
    }

    fn store_numbers(&self, log: &Log) -> Result<()> {
        let values = vec![log.numbers().into()];
        self.sql("INSERT OR REPLACE INTO log VALUES (0, ?)", values)?;
        Ok(())
    }

    /// What is stored; a log that begins when there is nothing.
    fn load(&self) -> Result<Log> {
        for table in TABLES {
            self.sql(table, vec![])?;
        }
        let numbers = self.sql("SELECT numbers FROM log", vec![])?;
        let known = numbers.first().and_then(|row| match row.as_slice() {
            [SqlStorageValue::String(text)] => Log::of_numbers(text),
            _ => None,
        });
        let Some(mut log) = known else {
            let random = parts::random();
            let epoch = random.first_chunk().copied().unwrap_or_default();
            let log = Log::new(u64::from_be_bytes(epoch));
            self.store_numbers(&log)?;
            return Ok(log);
        };
        for row in self.sql("SELECT name, mark FROM marks", vec![])? {
            if let [SqlStorageValue::String(name), SqlStorageValue::String(mark)] = row.as_slice()
                && let Some(mark) = Mark::read(mark)
            {
                log.marks.insert(name.clone(), mark);
            }
        }
        Ok(log)
    }

    /// Runs a statement; its rows.
    fn sql(
        &self,
        statement: &str,
        values: Vec<SqlStorageValue>,
    ) -> Result<Vec<Vec<SqlStorageValue>>> {
        let sql = self.state.storage().sql();
        sql.exec(statement, values)?.raw().collect()
    }
}

fn integer(number: u64) -> SqlStorageValue {
    SqlStorageValue::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}
