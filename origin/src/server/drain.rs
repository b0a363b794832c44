//! How a process ends: what happens when, counted from the signal.
//!
//! 1. At once: `/readyz` says 503, every answer says that it is one of the last (and ends its connection),
//!    and nothing new is taken up by those who work behind the API; the relay gives its leases back.
//! 2. For a grace, half of the time at most, connections are still taken: whoever shares out requests may
//!    need so long to hear of it.
//! 3. Then requests under way are done; a client that is stuck is cut after four fifths of the time.
//! 4. Orders under way end, and who works behind the API. What is not done by then is left to leases, and
//!    those that can be are given back.
//! 5. Connections to the database are closed, and the last spans are sent. Whatever hangs, the process is gone
//!    when the time is over.

use std::time::Duration;

/// The times of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drain {
    /// All of it.
    pub total: Duration,
    grace: Duration,
}

impl Drain {
    /// So long in all, of which new connections are taken for a grace.
    pub const fn new(total: Duration, grace: Duration) -> Self {
        Self { total, grace }
    }

    /// Until when new connections are taken.
    pub fn grace(&self) -> Duration {
        self.grace.min(self.total / 2)
    }

    /// Until when requests may go on.
    pub fn serving(&self) -> Duration {
        self.total * 4 / 5
    }

    /// Until when orders, and who works behind the API, may go on.
    pub fn working(&self) -> Duration {
        self.total * 17 / 20
    }

    /// Until when leases may take to be given back.
    pub fn leaving(&self) -> Duration {
        self.total * 18 / 20
    }

    /// Until when the database may take to part.
    pub fn closing(&self) -> Duration {
        self.total * 19 / 20
    }

    /// For how long the last spans may be sent after that.
    pub fn sending(&self) -> Duration {
        self.total / 40
    }

    /// When the process is ended by force; what is left of the time is for saying so.
    pub fn force(&self) -> Duration {
        self.total * 79 / 80
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_has_its_times() {
        let s = Duration::from_secs;
        for (total, grace, open, served) in [(30, 5, 5, 24), (30, 0, 0, 24), (10, 20, 5, 8)] {
            let drain = Drain::new(s(total), s(grace));
            assert_eq!((drain.grace(), drain.serving()), (s(open), s(served)));
            let times = [
                drain.grace(),
                drain.serving(),
                drain.working(),
                drain.leaving(),
                drain.closing(),
                drain.closing() + drain.sending(),
                drain.force(),
                drain.total,
            ];
            assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        }
    }
}
