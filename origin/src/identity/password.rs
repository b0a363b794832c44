//! Passwords: argon2id with OWASP's parameters, a salt of 16 bytes each.
//!
//! Hashing costs 19 MiB and tens of milliseconds of a core, so it runs apart from the threads that
//! serve, and only so many at once: who finds no turn within [`TURN_WAIT_MAX`] is refused with 503,
//! before anything was done. That bounds what a flood of registrations can take.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use shared::problem::{Code, Outcome, Problem};
use shared::user::Password;
use tokio::sync::Semaphore;

use crate::platform::Platform;
use crate::refusal::Refusal;

/// KiB of memory a hash.
const MEMORY_KIB: u32 = 19_456;
/// Passes over it.
const PASSES: u32 = 2;
/// Lanes.
const LANES: u32 = 1;
/// Bytes of salt.
const SALT_BYTES: usize = 16;
/// Hashes at once, a core: more would only share it.
const HASHES_PER_CORE: usize = 1;
/// Longest wait for a turn.
const TURN_WAIT_MAX: Duration = Duration::from_secs(2);
/// Seconds after which who found no turn may try again.
const RETRY_AFTER_SECONDS: u64 = 2;

/// What a password is held against when nobody has it: a hash of the same cost that no password is
/// known for, so that the time an answer takes does not tell who is registered.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Hashes passwords, so many at once.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    wait_max: Duration,
    hashed: Arc<AtomicU64>,
}

impl Passwords {
    /// As many at once as this machine has cores for.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self::with(cores * HASHES_PER_CORE, TURN_WAIT_MAX)
    }

    /// So many at once, and so long a wait for a turn.
    fn with(turns: usize, wait_max: Duration) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(turns)),
            wait_max,
            hashed: Arc::default(),
        }
    }

    /// How many passwords were hashed or held against a hash so far.
    pub fn hashed(&self) -> u64 {
        self.hashed.load(Ordering::Relaxed)
    }

    /// The hash to keep, as a PHC string, which names its parameters.
    pub async fn hash(&self, platform: &Platform, password: &Password) -> Result<String, Refusal> {
        let mut salt = [0; SALT_BYTES];
        platform.fill(&mut salt);
        let password = password.clone();
        self.in_turn(move || hash(password.expose(), &salt)).await
    }

    /// Whether the password fits the hash. Without one it costs the same, and nothing fits.
    pub async fn fits(&self, password: &Password, hash: Option<&str>) -> Result<bool, Refusal> {
        let known = hash.is_some();
        let hash = hash.unwrap_or(NOBODYS).to_owned();
        let password = password.clone();
        let fits = self.in_turn(move || fits(password.expose(), &hash)).await?;
        Ok(fits && known)
    }

    /// Does the work when it is its turn.
    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, argon2::password_hash::Error> + Send + 'static,
    ) -> Result<T, Refusal> {
        let turn = tokio::time::timeout(self.wait_max, self.turns.clone().acquire_owned())
            .await
            .ok()
            .and_then(Result::ok)
            .ok_or_else(busy)?;
        let hashed = self.hashed.clone();
        tokio::task::spawn_blocking(move || {
            // The turn is over when the work is, whether or not the client still waits.
            let _turn = turn;
            hashed.fetch_add(1, Ordering::Relaxed);
            work()
        })
        .await
        .map_err(|error| error.to_string())
        .and_then(|outcome| outcome.map_err(|error| error.to_string()))
        .map_err(|error| {
            tracing::error!(error, "a password can't be hashed");
            Refusal::Internal
        })
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn hash(password: &str, salt: &[u8]) -> Result<String, argon2::password_hash::Error> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = argon2.hash_password_with_salt(password.as_bytes(), salt)?;
    Ok(hash.to_string())
}

/// The hash names its own parameters, so one of an earlier choice is read as well.
fn fits(password: &str, hash: &str) -> Result<bool, argon2::password_hash::Error> {
    match Argon2::default().verify_password(password.as_bytes(), hash) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(error),
    }
}

fn busy() -> Refusal {
    Problem::new(
        Code::Unavailable,
        "Too many passwords are being hashed. Try again shortly.",
    )
    .with_retry_after(RETRY_AFTER_SECONDS)
    .with_outcome(Outcome::NotApplied)
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Password {
        serde_json::from_value(serde_json::json!(text)).unwrap()
    }

    #[tokio::test]
    async fn a_hash_names_its_parameters_and_verifies() {
        let (passwords, platform) = (Passwords::new(), Platform::system());
        let one = passwords
            .hash(&platform, &password("correct horse"))
            .await
            .unwrap();
        let other = passwords
            .hash(&platform, &password("correct horse"))
            .await
            .unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other, "each has a salt of its own");
        for (text, hash, expected) in [
            ("correct horse", Some(one.as_str()), true),
            ("correct house", Some(one.as_str()), false),
            ("correct horse", None, false),
        ] {
            let fits = passwords.fits(&password(text), hash).await.unwrap();
            assert_eq!(fits, expected, "{text}");
        }
        // Nobody's hash costs what anybody's does: the same parameters, salt and length.
        let shape = |hash: &str| {
            let parts: Vec<_> = hash.split('$').map(str::to_owned).collect();
            (parts[1..4].to_vec(), parts[4].len(), parts[5].len())
        };
        assert_eq!(shape(NOBODYS), shape(&one));
        assert_eq!(passwords.hashed(), 5);
    }

    #[tokio::test]
    async fn who_finds_no_turn_is_refused() {
        let passwords = Passwords::with(0, Duration::ZERO);
        let refused = passwords
            .hash(&Platform::system(), &password("correct horse"))
            .await;
        let problem = refused.unwrap_err().problem();
        assert_eq!(problem.code, Code::Unavailable);
        assert_eq!(problem.after_seconds, Some(RETRY_AFTER_SECONDS));
    }
}
