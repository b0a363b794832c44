//! What the parts are told.

use anyhow::Result;

use super::{Options, Wires, log};
use crate::postgres::Cluster;
use crate::sandbox::{self, Sandbox};
use crate::wire::Wire;

/// A server's shop by the wire that leads to it.
pub(super) fn through(server: &Cluster, wire: &Wire) -> String {
    let (own, wire) = (format!(":{}/", server.port()), format!(":{}/", wire.port()));
    server.url().replace(&own, &wire)
}

/// What origins and worker share.
pub(super) fn origin(
    options: &Options,
    wires: &Wires,
    primary: &Cluster,
    provider_url: &str,
    edge_url: &str,
) -> Vec<(String, String)> {
    let secrets = &options.secrets;
    let mail = options.folder.join("mail").display().to_string();
    [
        ("DATABASE_URL", through(primary, &wires.database)),
        // The same role and password: a replica is a copy.
        ("DATABASE_REPLICA_URL", through(primary, &wires.replica)),
        ("SANDBOX_URL", provider_url.to_owned()),
        ("ASSERTION_KEYS", secrets.assertion_keys.clone()),
        ("DERIVATION_KEY", secrets.derivation_key.clone()),
        (
            "PAYMENT_WEBHOOK_SECRET",
            secrets.payment_webhook_secret.clone(),
        ),
        ("EDGE_URL", edge_url.to_owned()),
        ("PUBLIC_URL", edge_url.to_owned()),
        ("MAIL_DIR", mail),
        ("DIRECT_TOKENS", "true".to_owned()),
        ("WEBHOOKS_ALLOW_PRIVATE", "true".to_owned()),
        // Long enough for two edges to hear of it, and no longer.
        ("DRAIN_GRACE_SECONDS", "1".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
}

/// The provider, on its own database. It tells the first origin of charges.
pub(super) fn provider(
    options: &Options,
    wires: &Wires,
    book: &Cluster,
    port: u16,
) -> Result<Sandbox> {
    let first = wires.origins.first().map(Wire::url).unwrap_or_default();
    let options = sandbox::Options {
        program: &options.programs.sandbox,
        database_url: &sandbox::database_url(&book.url()),
        log: &log(options, "provider.log"),
        port,
        tells: Some(sandbox::Listener {
            origin_url: &first,
            secret: &options.secrets.payment_webhook_secret,
        }),
    };
    options.start()
}
