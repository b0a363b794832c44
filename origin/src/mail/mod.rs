//! Sending mail: to a server, or into a folder where each mail is a file.

pub mod order;

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::config::Mail;
use order::Written;

/// The domain of Message-IDs.
const MESSAGE_ID_DOMAIN: &str = "headgate.example";
/// How long a server may take for each of its answers: below the relay's own limit on a delivery.
const SERVER_TIMEOUT: Duration = Duration::from_secs(5);
/// What a server says of this mail or its reader, for good [RFC 5321 §4.2.3]. Its other 5xx are about
/// us, such as a password that is wrong: a mail must not be lost to those.
const REFUSED: std::ops::RangeInclusive<u16> = 550..=554;

/// One mail, in full: sending it twice sends the same bytes under the same Message-ID, by which a
/// reader's program knows the second for a copy.
#[derive(Debug, Clone)]
pub struct Letter {
    /// Stable over every attempt.
    pub id: String,
    /// Whose address it is.
    pub to_name: String,
    /// The address.
    pub to_email: String,
    /// Subject, text and HTML.
    pub written: Written,
    /// When that happened of which it tells.
    pub written_at: DateTime<Utc>,
}

/// Why a letter was not sent.
#[derive(Debug)]
pub enum Unsent {
    /// It never will be.
    Refused(anyhow::Error),
    /// It may be later.
    NotNow(anyhow::Error),
}

enum Way {
    Server(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
    Nowhere,
}

/// Sends letters.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

impl Mailer {
    /// As configured: a folder wins over a server.
    pub fn from_config(config: &Mail) -> anyhow::Result<Self> {
        let way = match (&config.mail_dir, &config.smtp_url) {
            (Some(folder), _) => Way::Folder(folder.clone()),
            (None, Some(url)) => Way::Server(Box::new(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                    .context("SMTP_URL can't be read")?
                    .timeout(Some(SERVER_TIMEOUT))
                    .build(),
            )),
            (None, None) => Way::Nowhere,
        };
        let from = config
            .mail_from
            .parse()
            .context("MAIL_FROM can't be read")?;
        Ok(Self { from, way })
    }

    /// One that drops every letter.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        let from = Mailbox::new(None, Address::new("shop", "headgate.example").unwrap());
        Self {
            from,
            way: Way::Nowhere,
        }
    }

    /// Sends a letter.
    pub async fn send(&self, letter: &Letter) -> Result<(), Unsent> {
        let message = message(&self.from, letter).map_err(Unsent::Refused)?;
        match &self.way {
            Way::Server(server) => {
                server.send(message).await.map_err(unsent)?;
            }
            Way::Folder(folder) => {
                let written = write(folder, &letter.id, &message.formatted()).await;
                written.map_err(Unsent::NotNow)?;
                tracing::info!(id = letter.id, folder = %folder.display(), "mail written");
            }
            Way::Nowhere => tracing::info!(id = letter.id, "no way to send mail is set: dropped"),
        }
        Ok(())
    }
}

/// What a server's refusal means.
fn unsent(error: smtp::Error) -> Unsent {
    let code = error.status().map(u16::from);
    if code.is_some_and(|code| REFUSED.contains(&code)) {
        return Unsent::Refused(anyhow!(error).context("the mail server refused it"));
    }
    Unsent::NotNow(anyhow!(error).context("the mail server did not take it"))
}

fn message(from: &Mailbox, letter: &Letter) -> anyhow::Result<Message> {
    // The library panics over control characters in a name; a name holds none.
    let name = letter.to_name.replace(char::is_control, " ");
    let address: Address = letter
        .to_email
        .parse()
        .context("the address can't be read")?;
    Ok(Message::builder()
        .from(from.clone())
        .to(Mailbox::new(Some(name), address))
        .subject(&letter.written.subject)
        .message_id(Some(format!("<{}@{MESSAGE_ID_DOMAIN}>", letter.id)))
        .date(letter.written_at.into())
        .multipart(
            // Of several forms the last is the best [RFC 2046 §5.1.4]. The boundary is not drawn at
            // random, so that the bytes are the same each time.
            MultiPart::alternative()
                .boundary(format!("=_{}", letter.id))
                .singlepart(SinglePart::plain(letter.written.text.clone()))
                .singlepart(SinglePart::html(letter.written.html.clone())),
        )?)
}

/// Writes the whole file or none: whoever watches the folder never sees half a mail.
async fn write(folder: &Path, id: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let part = folder.join(format!(".{id}.part"));
    tokio::fs::create_dir_all(folder).await?;
    tokio::fs::write(&part, bytes).await?;
    tokio::fs::rename(&part, folder.join(format!("{id}.eml"))).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_has_the_same_bytes_each_time() {
        let letter = Letter {
            id: "evt_1".into(),
            to_name: "Ada, \"the\" first\r\nBcc: x@example.com".into(),
            to_email: "ada@example.com".into(),
            written: Written {
                subject: "Your order".into(),
                text: "2 × Kettle\n".into(),
                html: "<p>2 × Kettle</p>".into(),
            },
            written_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        };
        let from = "Shop <shop@example.com>".parse().unwrap();
        let bytes = || message(&from, &letter).unwrap().formatted();
        assert_eq!(bytes(), bytes());
        let text = String::from_utf8(bytes()).unwrap();
        assert!(
            text.contains("Message-ID: <evt_1@headgate.example>"),
            "{text}"
        );
        assert!(!text.contains("\nBcc:"), "{text}");
        let place = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(place("multipart/alternative") < place("text/plain"));
        assert!(place("text/plain") < place("text/html"));
    }
}
