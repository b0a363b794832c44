//! The platform itself, and its small parts: clock, randomness, log, background work.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;

use futures_channel::oneshot;
use wasm_bindgen_futures::JsFuture;
use worker::Context;

use super::boundary;
use super::isolate::Bindings;
use crate::platform::{Background, Clock, Entropy, Log};

/// Cloudflare, as one request sees it.
#[derive(Debug, Clone)]
pub(super) struct Cloudflare {
    pub(super) bindings: &'static Bindings,
    context: Rc<Context>,
}

impl Cloudflare {
    /// The platform of one request.
    pub(super) fn new(bindings: &'static Bindings, context: Rc<Context>) -> Self {
        Self { bindings, context }
    }
}

/// Unix milliseconds.
pub(super) fn now_ms() -> u64 {
    worker::Date::now().as_millis()
}

impl Clock for Cloudflare {
    fn now_ms(&self) -> u64 {
        now_ms()
    }
}

/// Ids that one call to the platform's source is good for.
const IDS_BUFFERED: usize = 64;
const ID_BYTES: usize = 10;

thread_local! {
    /// Random bytes not given out yet. Each byte is given out once.
    static RANDOM: RefCell<Vec<[u8; ID_BYTES]>> = const { RefCell::new(Vec::new()) };
}

impl Entropy for Cloudflare {
    fn random(&self) -> [u8; ID_BYTES] {
        random()
    }
}

/// Ten random bytes.
pub(super) fn random() -> [u8; ID_BYTES] {
    RANDOM.with_borrow_mut(|buffered| {
        if let Some(bytes) = buffered.pop() {
            return bytes;
        }
        let mut fresh = [0; IDS_BUFFERED * ID_BYTES];
        // It fails only for more than 65,536 bytes; an id would still differ by its time.
        if boundary::fill_random(&mut fresh).is_err() {
            worker::console_error!("the platform gives no randomness");
        }
        buffered.extend(fresh.as_chunks::<ID_BYTES>().0);
        buffered.pop().unwrap_or_default()
    })
}

impl Log for Cloudflare {
    fn log(&self, line: &str) {
        worker::console_log!("{line}");
    }
}

/// Boxed, so that what carries a future across the border is in the Worker once, not for each kind.
pub(super) fn later(context: &Context, work: Pin<Box<dyn Future<Output = ()>>>) {
    context.wait_until(work);
}

impl Background for Cloudflare {
    async fn pause(&self, ms: u32) {
        if let Ok(pause) = boundary::pause(ms) {
            // It resolves, whatever happens.
            let _ = JsFuture::from(pause).await;
        }
    }

    fn defer(&self, work: impl Future<Output = ()> + 'static) {
        later(&self.context, Box::pin(work));
    }

    async fn finish<T: 'static>(&self, work: impl Future<Output = T> + 'static) -> Option<T> {
        let (done, finished) = oneshot::channel();
        self.defer(async move {
            // Nobody listens when the client is gone.
            let _ = done.send(work.await);
        });
        finished.await.ok()
    }
}
