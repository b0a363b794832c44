//! A caller's book: which is loaded, asked by [`book::ask`] and stored as [`ahead`] says, behind the answer,
//! so that an eviction or a crash finds it on disk.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen_futures::{JsFuture, spawn_local};
use worker::worker_sys::DurableObjectStorage;
use worker::{Delay, Result, State};

use super::super::boundary;
use super::super::parts::now_ms;
use crate::limit::book::{self, Ask, Book, Word};
use crate::limit::terms::Terms;
use crate::limit::{ahead, wire};

/// The book's key in the object's storage.
const BOOK: &str = "book";
/// How long nobody may have asked for a bucket to count as quiet; well below an object's eviction.
const QUIET: Duration = Duration::from_secs(2);

/// One bucket.
pub(super) struct Bucket {
    object: Rc<State>,
    /// As it is; unset until storage was read.
    book: RefCell<Option<Book>>,
    /// As it was written last.
    stored: RefCell<Book>,
    /// Whether somebody waits for it to fall quiet.
    watched: Cell<bool>,
}

impl Bucket {
    pub(super) fn new(object: &Rc<State>) -> Self {
        Self {
            object: Rc::clone(object),
            book: RefCell::default(),
            stored: RefCell::default(),
            watched: Cell::default(),
        }
    }

    /// Answers a question; or, after this word, that of a request that costs no quota.
    pub(super) async fn answer(
        self: &Rc<Self>,
        terms: &Terms,
        ask: &Ask,
        refused: Option<&Word>,
    ) -> Result<Word> {
        let before = self.load().await?;
        let now_ms = now_ms();
        let (word, after) = match refused {
            None => book::ask(&before, terms, ask, now_ms),
            Some(refused) => book::ask_freely(&before, terms, ask, refused, now_ms),
        };
        let due = ahead::after_answer(&after, &self.stored.borrow(), terms, now_ms);
        self.book.replace(Some(after));
        if let Some(book) = due {
            self.store(book)?;
        }
        let matters = ahead::outlives_memory(&self.stored.borrow(), now_ms);
        if matters && !self.watched.replace(true) {
            spawn_local(Rc::clone(self).store_when_quiet());
        }
        Ok(word)
    }

    /// The book, from memory or from the disk. Awaiting the disk lets no other call in.
    async fn load(&self) -> Result<Book> {
        if let Some(book) = self.book.borrow().clone() {
            return Ok(book);
        }
        let found = JsFuture::from(self.storage()?.get(BOOK)?).await?;
        let found = found.as_string().as_deref().and_then(wire::read_book);
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

    /// Until when it says more than none would; `None` if it no longer does, and is forgotten.
    pub(super) async fn sweep(&self) -> Result<Option<u64>> {
        let now_ms = now_ms();
        let needed_ms = ahead::needed_until_ms(&self.load().await?, now_ms);
        if needed_ms > now_ms {
            return Ok(Some(needed_ms));
        }
        self.book.replace(None);
        self.stored.replace(Book::default());
        JsFuture::from(self.storage()?.delete(BOOK)?).await?;
        Ok(None)
    }

    fn storage(&self) -> Result<DurableObjectStorage> {
        Ok(self.object.as_raw().storage()?)
    }
}
