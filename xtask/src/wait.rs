//! Deadlines, and the one way to wait for something that sends no signal.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::interrupt;

/// Between two looks at something that sends no signal.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A point in time, and the point from which it was set.
#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    started: Instant,
    limit: Duration,
}

impl Deadline {
    /// A deadline `limit` from now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the adapter to the monotonic clock"
    )]
    pub fn after(limit: Duration) -> Self {
        Self {
            started: Instant::now(),
            limit,
        }
    }

    /// Time since it was set; this makes it a stopwatch too.
    pub fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Whether its time has come.
    pub fn passed(&self) -> bool {
        self.elapsed() >= self.limit
    }
}

/// Looks until `look` finds something, fails, or `limit` passes; the user's interrupt ends it too.
pub fn until<T>(
    limit: Duration,
    what: &str,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let deadline = Deadline::after(limit);
    loop {
        if let Some(found) = look()? {
            return Ok(found);
        }
        interrupt::check()?;
        if deadline.passed() {
            bail!("Waited {} s for {what}, in vain.", limit.as_secs());
        }
        pause();
    }
}

/// Waits like [`until`], but nothing ends it early and a miss is no error: for stopping things.
pub fn settle(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let deadline = Deadline::after(limit);
    loop {
        if done() {
            return true;
        }
        if deadline.passed() {
            return false;
        }
        pause();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "paces looks at what sends no signal"
)]
fn pause() {
    std::thread::sleep(LOOK_EVERY);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_miss_names_what_was_awaited() {
        let missed = until::<()>(Duration::ZERO, "a pig to fly", || Ok(None)).unwrap_err();
        assert_eq!(missed.to_string(), "Waited 0 s for a pig to fly, in vain.");
    }

    #[test]
    fn the_first_find_ends_it() {
        let mut left = 3;
        let found = until(Duration::from_secs(5), "a countdown", || {
            left -= 1;
            Ok((left == 0).then_some("done"))
        });
        assert_eq!(found.unwrap(), "done");
    }
}
