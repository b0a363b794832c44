//! Secrets of a development machine: made once, kept in a file that only its owner reads.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The name of the key that the edge signs with, in development.
const KEY_ID: &str = "dev";

/// What edge and origin share, and what only the origin knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secrets {
    /// `kid:secret`, by which the edge hands over callers.
    pub assertion_keys: String,
    /// From which the origin derives order ids and cursors.
    pub derivation_key: String,
    /// What the payment provider signs its webhooks with.
    pub payment_webhook_secret: String,
}

impl Secrets {
    /// New ones.
    pub fn generate() -> Result<Self> {
        Ok(Self {
            assertion_keys: format!("{KEY_ID}:{}", random()?),
            derivation_key: random()?,
            payment_webhook_secret: webhook_secret()?,
        })
    }

    /// Reads them from `file`, or makes them and writes them there. What is missing in an older
    /// file is added; what is there is kept.
    pub fn keep(file: &Path) -> Result<Self> {
        let found = fs::read_to_string(file).unwrap_or_default();
        let lines = parse(&found);
        let fresh = Self::generate()?;
        let take = |name: &str, fresh: String| {
            lines
                .get(name)
                .filter(|value| !value.is_empty())
                .map_or(fresh, |v| (*v).to_owned())
        };
        let secrets = Self {
            assertion_keys: take("ASSERTION_KEYS", fresh.assertion_keys),
            derivation_key: take("DERIVATION_KEY", fresh.derivation_key),
            payment_webhook_secret: take("PAYMENT_WEBHOOK_SECRET", fresh.payment_webhook_secret),
        };
        if secrets.text() != found {
            write_private(file, &secrets.text())?;
        }
        Ok(secrets)
    }

    fn text(&self) -> String {
        format!(
            "ASSERTION_KEYS={}\nDERIVATION_KEY={}\nPAYMENT_WEBHOOK_SECRET={}\n",
            self.assertion_keys, self.derivation_key, self.payment_webhook_secret
        )
    }
}

fn parse(text: &str) -> BTreeMap<&str, &str> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .collect()
}

/// 32 bytes, base64url.
fn random() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// 32 bytes in the form of Standard Webhooks.
fn webhook_secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(format!("whsec_{}", STANDARD.encode(bytes)))
}

/// Writes a file that only its owner may read, all of it or nothing.
pub(crate) fn write_private(file: &Path, text: &str) -> Result<()> {
    let beside = file.with_extension("incoming");
    let _ = fs::remove_file(&beside);
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&beside)
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .with_context(|| format!("{} can't be written.", file.display()))?;
    Ok(fs::rename(beside, file)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn they_are_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.env");
        let first = Secrets::keep(&file).unwrap();
        assert_eq!(first, Secrets::keep(&file).unwrap());
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_ne!(first, Secrets::generate().unwrap());
        assert_eq!(first.derivation_key.len(), 43);
    }

    #[test]
    fn an_older_file_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secrets.env");
        fs::write(&file, "DERIVATION_KEY=kept\n").unwrap();
        let secrets = Secrets::keep(&file).unwrap();
        assert_eq!(secrets.derivation_key, "kept");
        assert!(secrets.assertion_keys.starts_with("dev:"));
    }
}
