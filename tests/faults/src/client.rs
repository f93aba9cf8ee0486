//! What outsiders ask of the demo pair.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::Tokens;

/// Whoever waits longer for an answer takes it as lost.
const PATIENCE: Duration = Duration::from_secs(20);

/// What came of an order that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// Answered 2xx: it was promised.
    Kept,
    /// Answered with another status.
    Refused(u16),
    /// Not answered.
    Lost,
}

/// A client. Clones share connections.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
}

impl Client {
    /// A client.
    ///
    /// # Errors
    /// When HTTP cannot be set up.
    pub fn new() -> Result<Self> {
        Ok(Self { http: reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()? })
    }

    /// Sends an order under its own id as `Idempotency-Key`.
    pub async fn order(&self, base: &str, id: &str, amount: i64) -> Reply {
        let body = json!({ "id": id, "amount": amount }).to_string();
        let request = self.http.post(format!("{base}/orders")).header("idempotency-key", format!("\"{id}\""));
        reply(request.header(CONTENT_TYPE, "application/json").body(body).send().await)
    }

    /// Sends several orders as one request, without a key.
    pub async fn orders(&self, base: &str, orders: &[(String, i64)]) -> Reply {
        let list: Vec<_> = orders.iter().map(|(id, amount)| json!({ "id": id, "amount": amount })).collect();
        let body = Value::from(list).to_string();
        let request = self.http.post(format!("{base}/orders/many")).header(CONTENT_TYPE, "application/json");
        reply(request.body(body).send().await)
    }

    /// Rings the relay once, as the sweeper does.
    ///
    /// # Errors
    /// When it does not take the ring.
    pub async fn sweep(&self, base: &str, tokens: &Tokens) -> Result<()> {
        let answer = self.http.post(format!("{base}/api/v1/ring")).bearer_auth(&tokens.ring).send().await?;
        ensure!(answer.status() == 202, "the ring is answered {}", answer.status());
        Ok(())
    }

    /// How many entries the ledger has.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn entries(&self, base: &str) -> Result<u64> {
        let answer = self.json(self.http.get(format!("{base}/ledger/count"))).await?;
        answer.get("count").and_then(Value::as_u64).context("a count")
    }

    /// Whether the ledger has an entry of this order.
    ///
    /// # Errors
    /// When it does not say.
    pub async fn has_entry(&self, base: &str, order: &str) -> Result<bool> {
        let answer = self.json(self.http.get(format!("{base}/ledger/{order}"))).await?;
        let items = answer.get("items").and_then(Value::as_array).context("a list")?;
        Ok(!items.is_empty())
    }

    /// An operator's question.
    ///
    /// # Errors
    /// When it is not answered 200 with JSON.
    pub async fn ask(&self, base: &str, path: &str, tokens: &Tokens) -> Result<Value> {
        self.json(self.http.get(format!("{base}/api/v1/admin/events/{path}")).bearer_auth(&tokens.admin)).await
    }

    /// Has all dead letters of the orders delivered after all, and says how many.
    ///
    /// # Errors
    /// When it is refused.
    pub async fn replay(&self, base: &str, tokens: &Tokens) -> Result<u64> {
        let url = format!("{base}/api/v1/admin/events/demo-orders/replay");
        let request =
            self.http.post(url).bearer_auth(&tokens.admin).header(CONTENT_TYPE, "application/json").body("{}");
        self.json(request).await?.get("replayed").and_then(Value::as_u64).context("how many were replayed")
    }

    async fn json(&self, request: reqwest::RequestBuilder) -> Result<Value> {
        let answer = request.send().await?;
        let (status, body) = (answer.status(), answer.text().await?);
        ensure!(status == 200, "answered {status}: {body}");
        Ok(serde_json::from_str(&body)?)
    }
}

fn reply(answer: reqwest::Result<reqwest::Response>) -> Reply {
    match answer.map(|answer| answer.status()) {
        Ok(status) if status.is_success() => Reply::Kept,
        Ok(status) => Reply::Refused(status.as_u16()),
        Err(_) => Reply::Lost,
    }
}
