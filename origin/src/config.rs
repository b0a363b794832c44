//! What an operator sets, by flag or by environment. Read once, in `main`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use shared::assertion::AssertionKeys;
use shared::idempotency::DerivationKey;

use crate::admission::REQUESTS_A_CONNECTION;
use crate::payment::PaymentGateway;
use crate::payment::sandbox::Sandbox;
use crate::payment::stripe::Stripe;
use crate::payment::webhook::Verifier;
use crate::server::Drain;
use crate::store::pool;

/// Where the data is.
#[derive(Debug, Clone, Args)]
pub struct Databases {
    /// The shop's Postgres.
    #[arg(long, env, hide_env_values = true)]
    pub database_url: SecretString,
    /// A replica of it, from which products are read as far as it has come. Unset: all is read from
    /// the primary.
    #[arg(long, env, hide_env_values = true)]
    pub database_replica_url: Option<SecretString>,
    /// Most connections that the API holds to the shop's database, and those who follow events
    /// sixteen more of their own; by default four a core.
    #[arg(long, env)]
    pub pool_connections_max: Option<u32>,
}

/// Who issues tokens.
#[derive(Debug, Clone, Args)]
pub struct Issuing {
    /// The `iss` of our tokens.
    #[arg(long, env, default_value = "headgate")]
    pub issuer: String,
    /// The `aud` of our tokens.
    #[arg(long, env, default_value = "headgate")]
    pub audience: String,
}

/// Where mail goes. With neither it is logged and dropped.
#[derive(Debug, Clone, Default, Args)]
pub struct Mail {
    /// A mail server, such as `smtp://127.0.0.1:1025`.
    #[arg(long, env, hide_env_values = true)]
    pub smtp_url: Option<SecretString>,
    /// A folder in which each mail becomes a file instead.
    #[arg(long, env)]
    pub mail_dir: Option<PathBuf>,
    /// The sender.
    #[arg(long, env, default_value = "Headgate <orders@headgate.example>")]
    pub mail_from: String,
}

/// Who charges.
#[derive(Debug, Clone, Args)]
pub struct Payments {
    /// The secret key of a Stripe account, which then charges in the place of the sandbox provider.
    #[arg(long, env, hide_env_values = true)]
    pub stripe_secret_key: Option<SecretString>,
    /// What Stripe signs the webhooks of this endpoint with. Unset: they are refused.
    #[arg(long, env, hide_env_values = true)]
    pub stripe_webhook_secret: Option<SecretString>,
    /// Where Stripe is reached.
    #[arg(long, env, default_value = "https://api.stripe.com")]
    pub stripe_url: String,
    /// Where the sandbox payment provider is reached.
    #[arg(long, env, default_value = "http://127.0.0.1:8090")]
    pub sandbox_url: String,
    /// What the provider signs its webhooks with: `whsec_` and base64. Unset: they are refused.
    #[arg(long, env, hide_env_values = true)]
    pub payment_webhook_secret: Option<SecretString>,
    /// How long the provider may take to charge.
    #[arg(long, env, default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=15))]
    pub provider_timeout_seconds: u16,
    /// How long stock waits for its payment before it is given back.
    #[arg(long, env, default_value_t = 1_800)]
    pub reservation_seconds: u32,
}

/// Where webhooks may lead.
#[derive(Debug, Clone, Default, Args)]
pub struct Webhooks {
    /// Also call webhooks at private addresses and over plain http: for a machine of one's own.
    #[arg(long, env, default_value = "false", default_missing_value = "true", num_args = 0..=1,
          action = clap::ArgAction::Set)]
    pub webhooks_allow_private: bool,
}

/// How a process ends.
#[derive(Debug, Clone, Args)]
pub struct Draining {
    /// How long a process may take to end once it was asked to (SIGTERM).
    #[arg(long, env, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=30))]
    pub drain_seconds: u16,
    /// For how much of it new connections are still taken, while whoever shares out requests learns of
    /// it; half of it at most.
    #[arg(long, env, default_value_t = 5, value_parser = clap::value_parser!(u16).range(0..=15))]
    pub drain_grace_seconds: u16,
}

impl Draining {
    /// The times of an end.
    pub fn times(&self) -> Drain {
        let seconds = |seconds: u16| Duration::from_secs(seconds.into());
        Drain::new(
            seconds(self.drain_seconds),
            seconds(self.drain_grace_seconds),
        )
    }
}

/// As often as this the provider can be asked before a reservation is over.
const TRIES_WITHIN_RESERVATION: u32 = 5;
/// For so long a provider knows its idempotency keys at least: Stripe forgets them after a day.
const PROVIDER_KEY_SECONDS: u32 = 23 * 60 * 60;

/// [`Payments`], checked, in the units that are worked with.
#[derive(Debug, Clone, Copy)]
pub struct PaymentLimits {
    /// How long the provider may take to charge.
    pub charge_timeout: Duration,
    /// How long stock waits for its payment.
    pub reservation: TimeDelta,
}

impl Payments {
    /// What checks the provider's webhooks, if they are to be heard.
    pub fn verifier(&self) -> anyhow::Result<Option<Verifier>> {
        if self.stripe_secret_key.is_some() {
            return Ok(self.stripe_webhook_secret.clone().map(Verifier::stripe));
        }
        self.payment_webhook_secret
            .as_ref()
            .map(Verifier::new)
            .transpose()
    }

    /// The provider that is configured. Nothing connects yet.
    pub fn gateway(&self) -> anyhow::Result<Arc<dyn PaymentGateway>> {
        Ok(match &self.stripe_secret_key {
            Some(key) => Arc::new(Stripe::new(&self.stripe_url, key)?),
            None => Arc::new(Sandbox::new(&self.sandbox_url)?),
        })
    }

    /// Checks that a reservation outlives what its payment may take, and not what the provider
    /// remembers.
    pub fn limits(&self) -> anyhow::Result<PaymentLimits> {
        let timeout = u32::from(self.provider_timeout_seconds);
        let needed = timeout * TRIES_WITHIN_RESERVATION;
        anyhow::ensure!(
            self.reservation_seconds > needed,
            "RESERVATION_SECONDS={} is too short: the provider may be asked \
             {TRIES_WITHIN_RESERVATION} times for {timeout} s each. Set it above {needed}, or lower \
             PROVIDER_TIMEOUT_SECONDS.",
            self.reservation_seconds
        );
        anyhow::ensure!(
            self.reservation_seconds <= PROVIDER_KEY_SECONDS,
            "RESERVATION_SECONDS={} is too long: a charge is asked for again under the same key until \
             its reservation is over, and providers forget keys after a day. Set it to \
             {PROVIDER_KEY_SECONDS} at most.",
            self.reservation_seconds
        );
        Ok(PaymentLimits {
            charge_timeout: Duration::from_secs(timeout.into()),
            reservation: TimeDelta::seconds(self.reservation_seconds.into()),
        })
    }
}

/// What serving and working need.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where the data is.
    #[command(flatten)]
    pub databases: Databases,
    /// Who issues tokens.
    #[command(flatten)]
    pub issuing: Issuing,
    /// Where mail goes.
    #[command(flatten)]
    pub mail: Mail,
    /// Who charges.
    #[command(flatten)]
    pub payments: Payments,
    /// Where webhooks may lead.
    #[command(flatten)]
    pub webhooks: Webhooks,
    /// How the process ends.
    #[command(flatten)]
    pub draining: Draining,
    /// Keys under which the edge hands over callers: `id:secret[,id:secret]`.
    #[arg(long, env, hide_env_values = true)]
    pub assertion_keys: SecretString,
    /// The secret that order ids, provider keys and cursors derive from.
    #[arg(long, env, hide_env_values = true)]
    pub derivation_key: SecretString,
    /// Address to serve on; port 0 takes a free one.
    #[arg(long, env, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Most requests under way at once; reads may be four fifths of them, lists half. By default thirty-two
    /// a connection of the API's pool. Beyond that requests are refused with 503 at once.
    #[arg(long, env)]
    pub requests_max: Option<u32>,
    /// Where an edge is reached, such as `https://shop.example`: it is told which copies are no longer
    /// true, and tells all others. Unset: copies live to the end of their lifetimes.
    #[arg(long, env)]
    pub edge_url: Option<String>,
    /// Where alerts are sent as JSON by POST, such as a chat's incoming webhook. Unset: they are lines of the
    /// log and rows of `alerts`.
    #[arg(long, env, hide_env_values = true)]
    pub alert_webhook_url: Option<String>,
    /// What carries events to their consumers, such as `nats://127.0.0.1:4222` (a build with `--features
    /// nats`) or `sqs://eu-central-1` (`--features sqs`). Unset: consumers read the log in Postgres.
    #[arg(long, env, hide_env_values = true)]
    pub queue_url: Option<String>,
    /// A cache that the origin's processes share for products, such as `redis://127.0.0.1:6379` (a build with
    /// `--features redis`). Unset: each remembers what it has read itself.
    #[arg(long, env, hide_env_values = true)]
    pub cache_url: Option<SecretString>,
    /// Where clients reach the shop; the pages of problems live below it.
    #[arg(long, env, default_value = "http://127.0.0.1:8787")]
    pub public_url: String,
    /// Also accept callers who come without the edge: a user's own token, or nobody on public
    /// routes.
    #[arg(long, env, default_value = "false", default_missing_value = "true", num_args = 0..=1,
          action = clap::ArgAction::Set)]
    pub direct_tokens: bool,
}

impl Config {
    /// The keys of the hand-over.
    pub fn assertion_keys(&self) -> anyhow::Result<AssertionKeys> {
        use secrecy::ExposeSecret;
        Ok(self.assertion_keys.expose_secret().parse()?)
    }

    /// How many requests may be under way at once.
    pub fn places(&self) -> usize {
        let places = self.requests_max.unwrap_or_else(|| {
            pool::connections(&self.databases).saturating_mul(REQUESTS_A_CONNECTION)
        });
        usize::try_from(places).unwrap_or(usize::MAX)
    }

    /// The derivation key.
    pub fn derivation_key(&self) -> anyhow::Result<DerivationKey> {
        use secrecy::ExposeSecret;
        Ok(self.derivation_key.expose_secret().parse()?)
    }
}

/// Which parts of the origin run in a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Parts {
    /// The API.
    Serve,
    /// Relay and consumers.
    Work,
    /// Both.
    Run,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reservation_outlives_its_payment() {
        for (provider_timeout_seconds, reservation_seconds, fine) in [
            (10, 1_800, true),
            (10, 51, true),
            (10, 50, false),
            (15, 75, false),
            (1, 6, true),
            (10, PROVIDER_KEY_SECONDS, true),
            (10, PROVIDER_KEY_SECONDS + 1, false),
        ] {
            let payments = Payments {
                stripe_secret_key: None,
                stripe_webhook_secret: None,
                stripe_url: String::new(),
                sandbox_url: String::new(),
                payment_webhook_secret: None,
                provider_timeout_seconds,
                reservation_seconds,
            };
            let limits = payments.limits();
            assert_eq!(limits.is_ok(), fine, "{payments:?}");
            if let Err(error) = limits {
                assert!(
                    error.to_string().starts_with("RESERVATION_SECONDS="),
                    "{error}"
                );
            }
        }
    }
}
