//! Stripe, by its `PaymentIntents`: created and confirmed in one request, and never touched again.
//!
//! Forms in, JSON out; nested names stand in brackets. Anything but a clear answer is none, as with any
//! provider, and each call is made once.
//!
//! **What became of a charge without an answer.** Stripe keeps an `Idempotency-Key` for a day at least,
//! so the same request under the same key gets the same charge; a reservation is over long before that
//! (checked at the start), and nothing is charged after it. A look-up has our reference alone, in the
//! intent's `metadata`. Stripe's search finds that, but about a minute late: what it finds is taken,
//! what it does not find proves nothing. So the newest intents are listed back to the time of the
//! attempt; that is never late. A shop that makes more of them than [`PAGES_MAX`] pages hold has no answer
//! until search can be trusted, [`SEARCHABLE_SECONDS`] after the attempt. Should search be later still,
//! the webhook tells of a charge that we gave up, and it is paid back as a stray.
//!
//! **Refunds** carry their key in `metadata` too, and are listed before one is asked for, so that a key
//! which Stripe has forgotten pays back once all the same.

mod intent;
pub(super) mod signature;

use anyhow::Context;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use http::{HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use shared::money::Money;

use super::http::{Answer, Http};
use super::{Booked, Charge, Charged, NoAnswer, Page, PaymentGateway, Refund, Refunded};
use intent::{Failure, Intent, Refusal, Ruling};

/// The version of Stripe's API that this is written against.
const VERSION: &str = "2024-06-20";
/// Entries of one page: as many as Stripe gives.
const PAGE_ENTRIES: &str = "100";
/// Pages that a look-up reads at most.
const PAGES_MAX: usize = 10;
/// After so long a charge is found by search: Stripe says "under a minute", and more in an outage.
const SEARCHABLE_SECONDS: i64 = 600;
/// How far Stripe's clock may be behind ours.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// Where intents are.
const INTENTS: &str = "/v1/payment_intents";

/// The provider.
pub struct Stripe {
    http: Http,
    authorization: HeaderValue,
}

/// A list, as Stripe gives it.
#[derive(Deserialize)]
struct List<T> {
    data: Vec<T>,
    #[serde(default)]
    has_more: bool,
}

/// A refund, of which this is read.
#[derive(Deserialize)]
struct Made {
    id: String,
    status: Option<String>,
    #[serde(default)]
    metadata: intent::Metadata,
}

impl Stripe {
    /// Stripe at this URL, with the account's secret key. Nothing connects yet.
    pub fn new(url: &str, key: &SecretString) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", key.expose_secret()))
            .context("STRIPE_SECRET_KEY holds what can't be sent")?;
        authorization.set_sensitive(true);
        Ok(Self {
            http: Http::new("STRIPE_URL", url)?,
            authorization,
        })
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        key: Option<&str>,
        form: String,
    ) -> Result<Answer, NoAnswer> {
        let mut request = self
            .http
            .request(method, path)
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header("stripe-version", VERSION);
        if !form.is_empty() {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        if let Some(key) = key {
            request = request.header(shared::header::IDEMPOTENCY_KEY, key);
        }
        self.http.send(request, form).await
    }

    async fn post(
        &self,
        path: &str,
        key: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Result<Answer, NoAnswer> {
        self.send(Method::POST, path, key, form(fields)).await
    }

    async fn get(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let path = format!("{path}?{}", form(fields));
        self.send(Method::GET, &path, None, String::new()).await
    }

    /// The newest intents, or those behind one, with their charges.
    async fn intents(&self, after: Option<&str>) -> Result<List<Intent>, NoAnswer> {
        let mut fields = vec![("limit", PAGE_ENTRIES), ("expand[]", "data.latest_charge")];
        fields.extend(after.map(|id| ("starting_after", id)));
        self.get(INTENTS, &fields).await?.read(&[StatusCode::OK])
    }

    /// What the intent stands for. One that waits for its customer is ended, since nobody here could
    /// lead them through it, and it must not be paid later.
    async fn decided(&self, intent: Intent) -> Result<Charged, NoAnswer> {
        let decline_code = match intent.ruling() {
            Ruling::Paid => None,
            Ruling::Declined(code) => Some(code.to_owned()),
            Ruling::Waits => {
                let path = format!("{INTENTS}/{}/cancel", intent.id);
                let ended: Intent = self.post(&path, None, &[]).await?.read(&[StatusCode::OK])?;
                match ended.ruling() {
                    Ruling::Declined(code) => Some(code.to_owned()),
                    _ => return Err(NoAnswer(format!("{} can't be ended", intent.id))),
                }
            }
            Ruling::Open => {
                return Err(NoAnswer(format!("{} is {}", intent.id, intent.status)));
            }
        };
        Ok(Charged {
            id: intent.id,
            decline_code,
        })
    }

    /// What search knows of the reference.
    async fn searched(&self, reference: &str) -> Result<Option<Intent>, NoAnswer> {
        let query = format!("metadata['{}']:'{reference}'", intent::REFERENCE);
        let path = format!("{INTENTS}/search");
        let answer = self.get(&path, &[("query", &query)]).await?;
        if answer.status != StatusCode::OK {
            // Some accounts and regions have no search. The list is what proves.
            return Ok(None);
        }
        let list: List<Intent> = answer.read(&[StatusCode::OK])?;
        Ok(intent::best(list.data, reference))
    }

    /// What the list knows of it.
    async fn listed(
        &self,
        reference: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Intent>, NoAnswer> {
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = self.intents(after.as_deref()).await?;
            let newest = page.data.first().map_or(0, |first| first.created);
            let is_over = !page.has_more || reaches(&page.data, since);
            after = page.data.last().map(|last| last.id.clone());
            if let Some(found) = intent::best(page.data, reference) {
                return Ok(Some(found));
            }
            if is_over || newest > since.timestamp() + SEARCHABLE_SECONDS {
                return Ok(None);
            }
        }
        Err(NoAnswer("too many intents to look through".to_owned()))
    }
}

/// Whether the list goes back beyond that time.
fn reaches(intents: &[Intent], since: DateTime<Utc>) -> bool {
    let from = (since - SKEW).timestamp();
    intents.last().is_some_and(|last| last.created < from)
}

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

/// An amount as Stripe takes it.
fn amount(money: Money) -> (String, String) {
    (
        money.amount.to_string(),
        money.currency.as_str().to_ascii_lowercase(),
    )
}

#[async_trait]
impl PaymentGateway for Stripe {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        let (amount, currency) = amount(charge.amount);
        let fields = [
            ("amount", amount.as_str()),
            ("currency", &currency),
            ("payment_method", charge.method),
            ("payment_method_types[]", "card"),
            ("confirm", "true"),
            (intent::REFERENCE_FIELD, charge.reference),
        ];
        let key = Some(charge.provider_key);
        let answer = self.post(INTENTS, key, &fields).await?;
        if answer.status == StatusCode::OK {
            let intent = answer.read(&[StatusCode::OK])?;
            return self.decided(intent).await;
        }
        let Failure { error } = answer.read(&[
            StatusCode::PAYMENT_REQUIRED,
            StatusCode::BAD_REQUEST,
            StatusCode::NOT_FOUND,
        ])?;
        match error.refusal(answer.status) {
            Some(Refusal { charge: id, code }) => Ok(Charged {
                id: id.unwrap_or_else(|| charge.reference.to_owned()),
                decline_code: Some(code.to_owned()),
            }),
            None => Err(NoAnswer(format!("{}: {error}", answer.status))),
        }
    }

    async fn look_up(
        &self,
        reference: &str,
        since: DateTime<Utc>,
    ) -> Result<Option<Charged>, NoAnswer> {
        let found = match self.searched(reference).await? {
            Some(intent) => Some(intent),
            None => self.listed(reference, since).await?,
        };
        match found {
            Some(intent) => self.decided(intent).await.map(Some),
            None => Ok(None),
        }
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer> {
        let charge = refund
            .charge
            .ok_or_else(|| NoAnswer("the charge's own name is not known".to_owned()))?;
        let of = [("payment_intent", charge), ("limit", PAGE_ENTRIES)];
        let list = self.get("/v1/refunds", &of).await?;
        let list: List<Made> = list.read(&[StatusCode::OK])?;
        let known = list.data.into_iter().find(|made| {
            made.metadata.key.as_deref() == Some(refund.provider_key) && made.stands()
        });
        if let Some(made) = known {
            return Ok(Refunded { id: made.id });
        }
        let (amount, _) = amount(refund.amount);
        let fields = [
            ("payment_intent", charge),
            ("amount", amount.as_str()),
            (intent::KEY_FIELD, refund.provider_key),
        ];
        let key = Some(refund.provider_key);
        let answer = self.post("/v1/refunds", key, &fields).await?;
        let made: Made = answer.read(&[StatusCode::OK])?;
        if made.stands() {
            Ok(Refunded { id: made.id })
        } else {
            Err(NoAnswer(format!("the refund {} failed", made.id)))
        }
    }

    async fn book(&self, since: DateTime<Utc>, after: Option<&str>) -> Result<Page, NoAnswer> {
        let list = self.intents(after).await?;
        let next = list.data.last().map(|last| last.id.clone());
        let next = next.filter(|_| list.has_more && !reaches(&list.data, since));
        let charges: Vec<Booked> = list.data.into_iter().filter_map(Intent::booked).collect();
        Ok(Page {
            charges: charges
                .into_iter()
                .filter(|charge| charge.created_at >= since)
                .collect(),
            next,
        })
    }
}

impl Made {
    /// It is paid back, or will be.
    fn stands(&self) -> bool {
        !matches!(self.status.as_deref(), Some("failed" | "canceled"))
    }
}
