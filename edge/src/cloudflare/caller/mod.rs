//! Callers: a Durable Object each, found by the bucket's name, so that questions are serialised.
//!
//! It holds two things, of which most objects need one: a caller's book ([`book`]), and an account's
//! committed answers ([`answers`]). They are in one object, since an order asks both, and each trip is paid
//! for. A question to the book is the path; a question about a key is the body. One alarm looks after
//! both, and an object of which nothing is needed any more empties its storage.

mod answers;
mod book;

use std::cell::Cell;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::rc::Rc;

use js_sys::Uint8Array;
use shared::idempotency::{Fingerprint, Key};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use worker::{DurableObject, Env, Method, Request, Response, Result, State, durable_object};

use self::answers::Answers;
use self::book::Bucket;
use super::parts::{Cloudflare, now_ms};
use super::{boundary, guard};
use crate::limit::book::{Ask, Word};
use crate::limit::terms::Terms;
use crate::limit::wire;
use crate::platform::{Callers, Down};
use crate::replay::wire::Ask as KeyAsk;
use crate::replay::{self, Answer, Told};

/// Longest wait for a book's answer.
const BOOK_TIMEOUT_MS: u32 = 1_000;
/// Longest wait for what a key's slot says: a duplicate's, and a second for the way.
const SLOT_TIMEOUT_MS: u32 = 3_000;
/// The field of the object's response that holds a book's answer.
const FIELD: &str = "verdict";
const URL: &str = "http://caller";
/// How long after its first question, and after the first end of what it keeps, an object looks at what it
/// may forget, so that one look is good for much.
const SWEEP_MS: u64 = 24 * 60 * 60 * 1000;
/// How long after the end of what it keeps.
const LATER_MS: u64 = 60 * 60 * 1000;

impl Callers for Cloudflare {
    async fn ask_limiter(&self, bucket: &str, terms: &Terms, ask: &Ask) -> Result<Word, Down> {
        #[cfg(feature = "test-routes")]
        super::test_routes::limiter_asked();
        let url = url(Some((terms, ask)));
        let objects = &self.bindings.callers;
        let asked = boundary::ask_for_field(objects, bucket, &url, FIELD, BOOK_TIMEOUT_MS);
        let answer = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        answer
            .as_string()
            .as_deref()
            .and_then(wire::read_answer)
            .ok_or(Down)
    }

    async fn claim(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        key: &Key,
        fingerprint: &Fingerprint,
    ) -> Result<Told, Down> {
        let ask = KeyAsk::Claim {
            key: key.as_str().to_owned(),
            fingerprint: fingerprint.as_str().to_owned(),
        };
        let told = Told::read(&self.ask_slot(bucket, limit, &ask).await?);
        // An answer without the word that was asked for is none.
        told.filter(|told| told.word.is_some() == limit.is_some())
            .ok_or(Down)
    }

    async fn settle(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        key: &Key,
        fingerprint: &Fingerprint,
        answer: Option<Answer>,
    ) -> Result<(), Down> {
        let ask = KeyAsk::Settle {
            key: key.as_str().to_owned(),
            fingerprint: fingerprint.as_str().to_owned(),
            answer,
        };
        self.ask_slot(bucket, limit, &ask).await.map(drop)
    }
}

impl Cloudflare {
    async fn ask_slot(
        &self,
        bucket: &str,
        limit: Option<(&Terms, &Ask)>,
        ask: &KeyAsk,
    ) -> Result<Vec<u8>, Down> {
        let body = Uint8Array::from(ask.write().as_slice());
        let objects = &self.bindings.callers;
        let asked = boundary::ask_for_body(objects, bucket, &url(limit), body, SLOT_TIMEOUT_MS);
        let told = JsFuture::from(asked.map_err(down)?).await.map_err(down)?;
        Ok(Uint8Array::new(&told).to_vec())
    }
}

fn url(limit: Option<(&Terms, &Ask)>) -> String {
    let path = limit.map_or_else(|| "/".to_owned(), |(terms, ask)| wire::ask(terms, ask));
    format!("{URL}{path}")
}

/// Logs why a part did not answer.
#[expect(clippy::needless_pass_by_value, reason = "fits `map_err`")]
pub(super) fn down(error: JsValue) -> Down {
    worker::console_warn!("a part of the platform did not answer: {error:?}");
    Down
}

/// One caller.
#[durable_object(alarm)]
pub struct Caller {
    object: Rc<State>,
    book: Rc<Bucket>,
    answers: Answers,
    sweep_planned: Cell<bool>,
}

// A panic leaves nothing half-done: a book and a slot are one value each, replaced whole, and a lost waiter
// only asks again.
impl UnwindSafe for Caller {}
impl RefUnwindSafe for Caller {}

impl DurableObject for Caller {
    fn new(object: State, _env: Env) -> Self {
        let object = Rc::new(object);
        Self {
            book: Rc::new(Bucket::new(&object)),
            answers: Answers::new(&object),
            sweep_planned: Cell::default(),
            object,
        }
    }

    async fn fetch(&self, request: Request) -> Result<Response> {
        guard::object(self.answer(request)).await
    }

    async fn alarm(&self) -> Result<Response> {
        guard::object(self.sweep()).await
    }
}

impl Caller {
    async fn answer(&self, mut request: Request) -> Result<Response> {
        let path = request.path();
        #[cfg(feature = "test-routes")]
        super::test_routes::in_object(&path);
        let about_key = if request.method() == Method::Post {
            KeyAsk::read(&request.bytes().await?)
        } else {
            None
        };
        let limit = wire::read_ask(&path);
        if limit.is_none() && about_key.is_none() {
            return Response::error("not a question", 400);
        }
        self.plan_sweep().await?;
        let mut word = match &limit {
            Some((terms, ask)) => Some(self.book.answer(terms, ask, None).await?),
            None => None,
        };
        let Some(about_key) = about_key else {
            let response = Response::empty()?;
            let word = word.as_ref().map(wire::answer).unwrap_or_default();
            response.headers().set(FIELD, &word)?;
            return Ok(response);
        };
        let claim = match about_key {
            KeyAsk::Claim { key, fingerprint } if !replay::asks_on(word.as_ref()) => {
                let refused = word.filter(|word| word.violated.quota_alone());
                let kept = match refused {
                    Some(_) => self.answers.kept(&key, &fingerprint)?,
                    None => None,
                };
                if let (Some((terms, ask)), Some(_)) = (&limit, &kept) {
                    word = Some(self.book.answer(terms, ask, refused.as_ref()).await?);
                }
                kept
            }
            KeyAsk::Claim { key, fingerprint } => {
                let claim = self.answers.claim(&key, &fingerprint).await;
                // The book's word holds all the same.
                claim
                    .inspect_err(|error| {
                        worker::console_error!("a slot could not be had: {error}");
                    })
                    .ok()
            }
            KeyAsk::Settle {
                key,
                fingerprint,
                answer,
            } => {
                self.answers.settle(&key, &fingerprint, answer)?;
                None
            }
        };
        Response::from_bytes(Told { word, claim }.write())
    }

    /// One alarm an object; it is planned with the first question, and again while anything is kept.
    async fn plan_sweep(&self) -> Result<()> {
        if !self.sweep_planned.replace(true) && self.object.storage().get_alarm().await?.is_none() {
            guard::wake_in(&self.object, SWEEP_MS).await?;
        }
        Ok(())
    }

    async fn sweep(&self) -> Result<Response> {
        let (book, answers) = (self.book.sweep().await?, self.answers.sweep()?);
        let first = match (book, answers) {
            (Some(book), Some(answers)) => Some(book.min(answers)),
            (one, other) => one.or(other),
        };
        if let Some(until_ms) = first {
            let left_ms = until_ms.saturating_sub(now_ms()).saturating_add(LATER_MS);
            guard::wake_in(&self.object, left_ms.min(SWEEP_MS)).await?;
        } else {
            self.sweep_planned.set(false);
            self.answers.forgotten();
            self.object.storage().delete_all().await?;
        }
        Response::empty()
    }
}
