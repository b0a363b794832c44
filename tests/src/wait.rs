//! Waiting for what comes by itself, with a deadline and a name.

use std::time::Duration;

use tokio::time::Instant;

/// Longest wait in a test, unless it says otherwise.
const DEADLINE_SECONDS: u64 = 20;
/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks until there is something.
pub async fn until<T, F: Future<Output = Option<T>>>(what: &str, look: impl Fn() -> F) -> T {
    until_within(DEADLINE_SECONDS, what, look).await
}

/// Looks until there is something, for so long.
pub async fn until_within<T, F: Future<Output = Option<T>>>(
    seconds: u64,
    what: &str,
    look: impl FnMut() -> F,
) -> T {
    match try_until(seconds, what, look).await {
        Ok(found) => found,
        Err(error) => panic!("{error}"),
    }
}

/// Looks until there is something, for so long; a miss is an error.
pub async fn try_until<T, F: Future<Output = Option<T>>>(
    seconds: u64,
    what: &str,
    mut look: impl FnMut() -> F,
) -> anyhow::Result<T> {
    let end = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(found) = look().await {
            return Ok(found);
        }
        anyhow::ensure!(
            Instant::now() < end,
            "waited {seconds} s, but never: {what}"
        );
        tokio::time::sleep(PAUSE).await;
    }
}

/// Time since a start, for tests of time itself.
#[derive(Debug)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Since then.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}
