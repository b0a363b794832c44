//! Who is let in while there is more to do than can be done.
//!
//! Decides, before a connection to the database is asked for:
//! 1. Probes are let in, and not counted.
//! 2. So many others may be under way at once ([`Admission::new`]). Each [`Priority`] leaves a share of the
//!    places to those above it: lists half of them, reads a fifth, keyed changes none.
//! 3. Whoever finds no place is refused at once: 503 with `Retry-After`, and nothing was done. Nobody
//!    queues here, so what is let in waits for a connection behind a bounded number of others.
//! 4. Who waits for the payment provider gives the place up meanwhile ([`outside`]), since no connection is
//!    held, and gets one back before anybody new. As many as [`OUTSIDE_A_PLACE`] a place may: beyond that
//!    the place is kept, so that a slow provider ends in refusals and not in ever more orders.
//!
//! Its store is the process's memory: each process bounds what it does itself.

mod current;
mod priority;

#[cfg(test)]
mod tests;

pub use current::{Current, carried, ends, left, outside, within};
pub use priority::Priority;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::platform::Platform;

/// Requests a connection of the pool: so many wait for one at most. It is what bounds the wait of those who are
/// let in: an order waits twice, each time behind as many statements.
pub const REQUESTS_A_CONNECTION: u32 = 32;
/// Over how many seconds those are spread who are told to come again.
const RETRY_SPREAD_SECONDS: u64 = 3;
/// Requests that wait for the payment provider, a place.
pub const OUTSIDE_A_PLACE: usize = 8;

/// The places.
#[derive(Debug)]
pub struct Admission {
    places: Arc<Semaphore>,
    outside: Arc<Semaphore>,
    places_max: usize,
    /// One at a time is let in, so that no two take the last place of a share.
    door: Mutex<()>,
}

/// A place, for as long as this or a copy of it lives.
#[derive(Debug, Clone)]
pub struct Place(Option<Arc<Held>>);

#[derive(Debug)]
struct Held {
    places: Arc<Semaphore>,
    outside: Arc<Semaphore>,
    permit: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Admission {
    /// So many places, and at least one.
    pub fn new(places_max: usize) -> Self {
        let places_max = places_max.clamp(1, Semaphore::MAX_PERMITS / OUTSIDE_A_PLACE);
        Self {
            places: Arc::new(Semaphore::new(places_max)),
            outside: Arc::new(Semaphore::new(places_max * OUTSIDE_A_PLACE)),
            places_max,
            door: Mutex::default(),
        }
    }

    /// A place, if there is one for such a request.
    pub fn enter(&self, priority: Priority) -> Option<Place> {
        if priority == Priority::Probe {
            return Some(Place(None));
        }
        let _turn = self.door.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_let_in(priority, self.places.available_permits(), self.places_max) {
            return None;
        }
        // One that came back from outside may have been faster.
        let permit = self.places.clone().try_acquire_owned().ok()?;
        Some(Place(Some(Arc::new(Held {
            places: self.places.clone(),
            outside: self.outside.clone(),
            permit: Mutex::new(Some(permit)),
        }))))
    }

    /// How many are under way, without probes and without those outside.
    pub fn under_way(&self) -> usize {
        self.places_max
            .saturating_sub(self.places.available_permits())
    }
}

/// Seconds until what was refused may be tried again: not the same for all, who would come back together.
pub fn retry_after(platform: &Platform) -> u64 {
    let mut random = [0];
    platform.fill(&mut random);
    1 + u64::from(random[0]) % RETRY_SPREAD_SECONDS
}

/// Whether so many free places leave one for such a request.
fn is_let_in(priority: Priority, free: usize, places_max: usize) -> bool {
    free > priority.leaves(places_max)
}

impl Held {
    async fn outside<T>(&self, waiting: impl Future<Output = T>) -> T {
        let Ok(_seat) = self.outside.try_acquire() else {
            return waiting.await;
        };
        drop(self.exchange(None));
        let done = waiting.await;
        // The semaphore serves who waits before who only tries. It is never closed.
        if let Ok(permit) = self.places.clone().acquire_owned().await {
            self.exchange(Some(permit));
        }
        done
    }

    fn exchange(&self, permit: Option<OwnedSemaphorePermit>) -> Option<OwnedSemaphorePermit> {
        let mut held = self.permit.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *held, permit)
    }
}
