//! A mail API over HTTP.

use crate::{Mail, MailError, Mailer};
use bytes::Bytes;
use futures::future::{BoxFuture, FutureExt};
use http::{HeaderValue, Request, StatusCode, Uri, header};
use serde_json::json;
use std::{fmt, sync::Arc};
use vitrine_http_out::HttpOut;

/// The settings of a mail API are not as they must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApi {
    /// Its address.
    #[error("`mail_api_url` is no address such as https://api.example.com/emails")]
    Url,
    /// Its token.
    #[error("`mail_api_token` is empty, or holds what a header cannot")]
    Token,
    /// The sender.
    #[error("`mail_from` is no address such as Vitrine <no-reply@example.com>")]
    From,
}

/// Hands mail to an API: `POST <url>` with `Authorization: Bearer <token>`, an `Idempotency-Key`, and the JSON
/// `{"from", "to": [address], "subject", "text"}`, which several providers take as it is.
#[derive(Clone)]
pub struct HttpMailer {
    out: Arc<dyn HttpOut>,
    url: Uri,
    authorization: HeaderValue,
    from: String,
}

impl HttpMailer {
    /// An API at `url`, which knows the app by `token` and is told that mail comes from `from`.
    ///
    /// # Errors
    /// See [`InvalidApi`].
    pub fn new(out: Arc<dyn HttpOut>, url: &str, token: &str, from: &str) -> Result<Self, InvalidApi> {
        let url: Uri = url.trim().parse().map_err(|_| InvalidApi::Url)?;
        if url.scheme().is_none() || url.authority().is_none() {
            return Err(InvalidApi::Url);
        }
        let token = token.trim();
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|_| InvalidApi::Token)?;
        if token.is_empty() {
            return Err(InvalidApi::Token);
        }
        authorization.set_sensitive(true);
        if !from.contains('@') || from.chars().any(char::is_control) {
            return Err(InvalidApi::From);
        }
        Ok(Self { out, url, authorization, from: from.trim().to_owned() })
    }

    fn request(&self, mail: &Mail) -> Result<Request<Bytes>, MailError> {
        let body = json!({ "from": self.from, "to": [mail.to], "subject": mail.subject, "text": mail.text });
        Request::post(self.url.clone())
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", mail.id.to_string())
            .body(Bytes::from(body.to_string()))
            .map_err(|error| MailError::Refused(error.to_string()))
    }
}

impl fmt::Debug for HttpMailer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpMailer").field("url", &self.url).field("from", &self.from).finish_non_exhaustive()
    }
}

impl Mailer for HttpMailer {
    fn send<'a>(&'a self, mail: &'a Mail) -> BoxFuture<'a, Result<(), MailError>> {
        async move {
            let answer =
                self.out.send(self.request(mail)?).await.map_err(|error| MailError::Later(error.to_string()))?;
            let status = answer.status();
            if status.is_success() {
                return Ok(());
            }
            let said = format!("the mail API answered {status}");
            // That our token is not taken is for an operator to put right; the mail waits for that.
            let ours = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::NOT_FOUND];
            let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
            match status.is_client_error() && !ours.contains(&status) && !passing.contains(&status) {
                true => Err(MailError::Refused(said)),
                false => Err(MailError::Later(said)),
            }
        }
        .boxed()
    }
}
