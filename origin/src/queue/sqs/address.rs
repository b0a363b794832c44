//! Where SQS is, as `QUEUE_URL` says it.

use anyhow::bail;

/// Names of queues begin with it unless the URL says otherwise.
const PREFIX: &str = "headgate";
/// Longest prefix: a queue's name has at most 80 characters, of which the consumer's name is part.
const PREFIX_BYTES_MAX: usize = 40;

/// Whom to ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Amazon, with the credentials that its SDK finds: variables, a profile, the container's or the
    /// machine's role.
    Amazon {
        /// The region.
        region: String,
    },
    /// Another server that speaks SQS, such as one of a test.
    Server {
        /// Where it is.
        endpoint: String,
        /// The access key's id.
        key: String,
        /// The access key.
        secret: String,
    },
}

/// Whom to ask, and for which queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) place: Place,
    pub(super) prefix: String,
}

impl Address {
    /// `sqs://REGION[/PREFIX]`, or `sqs+http://KEY:SECRET@HOST:PORT[/PREFIX]` (`sqs+https` too).
    pub(super) fn parse(url: &str) -> anyhow::Result<Self> {
        const WANTED: &str = "it should read `sqs://REGION[/PREFIX]`, such as `sqs://eu-central-1`, or \
                              `sqs+http://KEY:SECRET@HOST:PORT[/PREFIX]` for another server; a prefix has \
                              letters, digits, `_` and `-`";
        let Some((scheme, rest)) = url.split_once("://") else {
            bail!("QUEUE_URL is no URL: {WANTED}");
        };
        let (authority, prefix) = rest.split_once('/').unwrap_or((rest, PREFIX));
        let word = |text: &str| {
            let fine = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            !text.is_empty() && text.chars().all(fine)
        };
        if !word(prefix) || prefix.len() > PREFIX_BYTES_MAX {
            bail!("QUEUE_URL names no prefix of at most {PREFIX_BYTES_MAX} characters: {WANTED}");
        }
        let place = match (scheme, authority.split_once('@')) {
            ("sqs", None) if word(authority) => Place::Amazon {
                region: authority.to_owned(),
            },
            ("sqs+http" | "sqs+https", Some((user, host))) if !host.is_empty() => {
                let Some((key, secret)) = user.split_once(':') else {
                    bail!("QUEUE_URL names no secret: {WANTED}");
                };
                Place::Server {
                    endpoint: format!("{}://{host}", scheme.trim_start_matches("sqs+")),
                    key: key.to_owned(),
                    secret: secret.to_owned(),
                }
            }
            _ => bail!("QUEUE_URL leads nowhere: {WANTED}"),
        };
        Ok(Self {
            place,
            prefix: prefix.to_owned(),
        })
    }

    /// The name of a consumer's queue.
    pub(super) fn queue(&self, consumer: &str) -> String {
        format!("{}-{consumer}.fifo", self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_place_and_a_prefix() {
        let amazon = |region: &str| Place::Amazon {
            region: region.to_owned(),
        };
        let server = |endpoint: &str| Place::Server {
            endpoint: endpoint.to_owned(),
            key: "key".to_owned(),
            secret: "secret".to_owned(),
        };
        for (url, expected) in [
            (
                "sqs://eu-central-1",
                Some((amazon("eu-central-1"), "headgate")),
            ),
            (
                "sqs://us-east-1/shop_2",
                Some((amazon("us-east-1"), "shop_2")),
            ),
            (
                "sqs+http://key:secret@127.0.0.1:5000/shop",
                Some((server("http://127.0.0.1:5000"), "shop")),
            ),
            (
                "sqs+https://key:secret@sqs.example",
                Some((server("https://sqs.example"), "headgate")),
            ),
            ("sqs:", None),
            ("sqs://", None),
            ("sqs://eu central 1", None),
            ("sqs://eu-central-1/", None),
            ("sqs://eu-central-1/a/b", None),
            ("sqs://eu-central-1/a.fifo", None),
            ("sqs://key:secret@eu-central-1", None),
            ("sqs+http://127.0.0.1:5000", None),
            ("sqs+http://key@127.0.0.1:5000", None),
            ("sqs+http://key:secret@", None),
        ] {
            let read = Address::parse(url).ok();
            let expected = expected.map(|(place, prefix)| Address {
                place,
                prefix: prefix.to_owned(),
            });
            assert_eq!(read, expected, "{url}");
        }
        let long = format!("sqs://eu-central-1/{}", "p".repeat(PREFIX_BYTES_MAX + 1));
        assert!(Address::parse(&long).is_err());
    }

    #[test]
    fn no_error_tells_a_secret() {
        for url in [
            "sqs://key:secret@eu-central-1",
            "sqs+http://key:secret@/shop",
        ] {
            let error = Address::parse(url).unwrap_err().to_string();
            assert!(!error.contains("secret@"), "{error}");
        }
    }

    #[test]
    fn each_consumer_has_a_queue() {
        let address = Address::parse("sqs://eu-central-1/shop").unwrap();
        assert_eq!(address.queue("email"), "shop-email.fifo");
    }
}
