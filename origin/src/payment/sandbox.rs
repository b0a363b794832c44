//! The sandbox provider's client. What its API does stands in the crate `sandbox`.
//!
//! Anything but a clear answer is none: a lost connection, a status that says nothing of a charge, a
//! body that can't be read. Each call is made once; whoever calls decides about another try.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use shared::money::{Currency, Money};

use super::http::{Answer, Http};
use super::{Booked, Charge, Charged, NoAnswer, Page, PaymentGateway, Refund, Refunded};

/// The provider.
pub struct Sandbox(Http);

impl Sandbox {
    /// The provider at this URL. Nothing connects yet.
    pub fn new(url: &str) -> anyhow::Result<Self> {
        Ok(Self(Http::new("SANDBOX_URL", url)?))
    }

    async fn get(&self, path: &str, fields: &[(&str, &str)]) -> Result<Answer, NoAnswer> {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self.0.request(Method::GET, &format!("{path}?{query}"));
        self.0.send(request, "").await
    }

    async fn post(&self, path: &str, key: &str, body: &Value) -> Result<Answer, NoAnswer> {
        let request = self
            .0
            .request(Method::POST, path)
            .header(shared::header::IDEMPOTENCY_KEY, key)
            .header(header::CONTENT_TYPE, "application/json");
        self.0.send(request, body.to_string()).await
    }
}

/// A charge, of which this is read.
#[derive(Deserialize)]
struct Made {
    id: String,
    decline_code: Option<String>,
}

#[derive(Deserialize)]
struct List {
    data: Vec<Made>,
}

/// A line of its book.
#[derive(Deserialize)]
struct Line {
    id: String,
    reference: String,
    decline_code: Option<String>,
    amount: i64,
    currency: Currency,
    refunded: i64,
    created: i64,
}

#[derive(Deserialize)]
struct Lines {
    data: Vec<Line>,
    has_more: bool,
}

#[derive(Deserialize)]
struct PaidBack {
    id: String,
}

impl From<Made> for Charged {
    fn from(made: Made) -> Self {
        Self {
            id: made.id,
            decline_code: made.decline_code,
        }
    }
}

#[async_trait]
impl PaymentGateway for Sandbox {
    async fn charge(&self, charge: &Charge<'_>) -> Result<Charged, NoAnswer> {
        let body = json!({
            "reference": charge.reference,
            "method": charge.method,
            "amount": charge.amount.amount,
            "currency": charge.amount.currency,
        });
        let answer = self.post("/charges", charge.provider_key, &body).await?;
        let decided = [StatusCode::CREATED, StatusCode::PAYMENT_REQUIRED];
        Ok(answer.read::<Made>(&decided)?.into())
    }

    async fn look_up(
        &self,
        reference: &str,
        _since: DateTime<Utc>,
    ) -> Result<Option<Charged>, NoAnswer> {
        let answer = self.get("/charges", &[("reference", reference)]).await?;
        let list: List = answer.read(&[StatusCode::OK])?;
        Ok(list.data.into_iter().next().map(Charged::from))
    }

    async fn refund(&self, refund: &Refund<'_>) -> Result<Refunded, NoAnswer> {
        let body = json!({
            "reference": refund.reference,
            "amount": refund.amount.amount,
            "currency": refund.amount.currency,
        });
        let answer = self.post("/refunds", refund.provider_key, &body).await?;
        let PaidBack { id } = answer.read(&[StatusCode::CREATED])?;
        Ok(Refunded { id })
    }

    async fn book(&self, since: DateTime<Utc>, after: Option<&str>) -> Result<Page, NoAnswer> {
        let since = since.timestamp().to_string();
        let mut fields = vec![("since", since.as_str())];
        fields.extend(after.map(|id| ("after", id)));
        let lines: Lines = self.get("/book", &fields).await?.read(&[StatusCode::OK])?;
        let next = lines.data.last().map(|last| last.id.clone());
        let booked = |line: Line| {
            Ok(Booked {
                created_at: DateTime::from_timestamp(line.created, 0)
                    .ok_or_else(|| NoAnswer("a time can't be read".to_owned()))?,
                succeeded: line.decline_code.is_none(),
                amount: Money {
                    amount: line.amount,
                    currency: line.currency,
                },
                paid_back: line.refunded,
                id: line.id,
                reference: line.reference,
            })
        };
        Ok(Page {
            next: next.filter(|_| lines.has_more),
            charges: lines
                .data
                .into_iter()
                .map(booked)
                .collect::<Result<_, _>>()?,
        })
    }
}
