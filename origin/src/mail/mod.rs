//! Sending mail: to a server, or into a folder where each mail is a file.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use secrecy::ExposeSecret;

use crate::config::Mail;

/// The domain of Message-IDs.
const MESSAGE_ID_DOMAIN: &str = "headgate.example";

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
    /// Subject.
    pub subject: String,
    /// Plain text.
    pub body: String,
    /// When that happened of which it tells.
    pub written_at: DateTime<Utc>,
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

    /// Sends a letter.
    pub async fn send(&self, letter: &Letter) -> anyhow::Result<()> {
        let message = message(&self.from, letter)?;
        match &self.way {
            Way::Server(server) => {
                server.send(message).await?;
            }
            Way::Folder(folder) => {
                write(folder, &letter.id, &message.formatted()).await?;
                tracing::info!(id = letter.id, folder = %folder.display(), "mail written");
            }
            Way::Nowhere => tracing::info!(id = letter.id, "no way to send mail is set: dropped"),
        }
        Ok(())
    }
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
        .subject(&letter.subject)
        .message_id(Some(format!("<{}@{MESSAGE_ID_DOMAIN}>", letter.id)))
        .date(letter.written_at.into())
        .header(ContentType::TEXT_PLAIN)
        .body(letter.body.clone())?)
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
            subject: "Your order".into(),
            body: "2 × Kettle\n".into(),
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
    }
}
