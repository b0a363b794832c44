//! Callers' books: a Durable Object each, found by the bucket's name, so that questions are serialised.
//!
//! The object loads a book, calls [`book::ask`] and stores what [`ahead`] says, behind the answer,
//! so that an eviction or a crash finds it on disk. A bucket that is full again, with nothing used of a
//! window and nothing under way, is as good as none, so a daily alarm removes it.

use std::cell::{Cell, RefCell};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::worker_sys::DurableObjectStorage;
use worker::{Delay, DurableObject, Env, Request, Response, Result, State, durable_object};

use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::limit::book::{self, Ask, Book, Word};
use crate::limit::terms::Terms;
use crate::limit::{ahead, wire};
use crate::platform::{Down, Limiter as Buckets};

/// Longest wait for an answer.
const TIMEOUT_MS: u32 = 1_000;
/// The field of the object's response that holds its answer.
const FIELD: &str = "verdict";
/// The book's key in the object's storage.
const BOOK: &str = "book";
/// How long after its first question a book is looked at, to be removed if it is as good as none.
const SWEEP_MS: u64 = 24 * 60 * 60 * 1000;
/// How long nobody may have asked for a bucket to count as quiet; well below an object's eviction.
const QUIET: Duration = Duration::from_secs(2);

impl Buckets for Cloudflare {
    async fn ask_limiter(&self, bucket: &str, terms: &Terms, ask: &Ask) -> Result<Word, Down> {
        let url = format!("http://limiter{}", wire::ask(terms, ask));
        let objects = &self.bindings.limiter;
        let asked = boundary::ask_for_field(objects, bucket, &url, FIELD, TIMEOUT_MS);
        let answer = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        answer
            .as_string()
            .as_deref()
            .and_then(wire::read_answer)
            .ok_or(Down)
    }
}

/// Logs why a part did not answer.
#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(super) fn down(error: JsValue) -> Down {
    worker::console_warn!("a part of the platform did not answer: {error:?}");
    Down
}

/// One bucket.
#[durable_object(alarm)]
pub struct Limiter(Rc<Bucket>);

struct Bucket {
    object: State,
    /// As it is; unset until storage was read.
    book: RefCell<Option<Book>>,
    /// As it was written last.
    stored: RefCell<Book>,
    /// Whether somebody waits for it to fall quiet.
    watched: Cell<bool>,
}

// A panic leaves nothing half-done: each state is one value, replaced whole.
impl UnwindSafe for Limiter {}
impl RefUnwindSafe for Limiter {}

impl DurableObject for Limiter {
    fn new(object: State, _env: Env) -> Self {
        Self(Rc::new(Bucket {
            object,
            book: RefCell::default(),
            stored: RefCell::default(),
            watched: Cell::default(),
        }))
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.0.clone().answer(&request.path())).await
    }

    async fn alarm(&self) -> Result<Response> {
        guard::object(self.0.sweep()).await
    }
}

impl Bucket {
    async fn answer(self: Rc<Self>, path: &str) -> Result<Response> {
        #[cfg(feature = "test-routes")]
        super::test_routes::in_object(path);
        let Some((terms, ask)) = wire::read_ask(path) else {
            return Response::error("not a question", 400);
        };
        let before = self.load().await?;
        let now_ms = now_ms();
        let (word, after) = book::ask(&before, &terms, &ask, now_ms);
        let due = ahead::after_answer(&after, &self.stored.borrow(), &terms, now_ms);
        self.book.replace(Some(after));
        if let Some(book) = due {
            self.store(book)?;
        }
        let matters = ahead::outlives_memory(&self.stored.borrow(), now_ms);
        if matters && !self.watched.replace(true) {
            spawn_local(self.store_when_quiet());
        }
        let response = Response::empty()?;
        response.headers().set(FIELD, &wire::answer(&word))?;
        Ok(response)
    }

    /// The book, from memory or from the disk. Awaiting the disk lets no other call in.
    async fn load(&self) -> Result<Book> {
        if let Some(book) = self.book.borrow().clone() {
            return Ok(book);
        }
        let found = JsFuture::from(self.storage()?.get(BOOK)?).await?;
        let found = found.as_string().as_deref().and_then(wire::read_book);
        if found.is_none() {
            guard::wake_in(&self.object, SWEEP_MS).await?;
        }
        // Whoever came first knows better.
        if self.book.borrow().is_none() {
            let book = found.unwrap_or_default();
            self.stored.replace(book.clone());
            self.book.replace(Some(book));
        }
        Ok(self.book.borrow().clone().unwrap_or_default())
    }

    fn store(&self, book: Book) -> Result<()> {
        boundary::put_unconfirmed(&self.storage()?, BOOK, &wire::book(&book))?;
        self.stored.replace(book);
        Ok(())
    }

    /// Waits until nobody asked for a while, then writes the book as it is.
    async fn store_when_quiet(self: Rc<Self>) {
        loop {
            let before = self.book.borrow().clone();
            Delay::from(QUIET).await;
            if *self.book.borrow() == before {
                break;
            }
        }
        self.watched.set(false);
        let book = self.book.borrow().clone().unwrap_or_default();
        let due = ahead::when_quiet(&book, &self.stored.borrow(), now_ms());
        if let Some(book) = due
            && let Err(error) = self.store(book)
        {
            worker::console_error!("a book could not be stored: {error}");
        }
    }

    async fn sweep(&self) -> Result<Response> {
        let needed_ms = ahead::needed_until_ms(&self.load().await?, now_ms());
        let left_ms = needed_ms.saturating_sub(now_ms());
        if left_ms == 0 {
            self.book.replace(None);
            JsFuture::from(self.storage()?.delete_all()?).await?;
        } else {
            guard::wake_in(&self.object, left_ms.saturating_add(1_000).min(SWEEP_MS)).await?;
        }
        Response::empty()
    }

    fn storage(&self) -> Result<DurableObjectStorage> {
        Ok(self.object.as_raw().storage()?)
    }
}
