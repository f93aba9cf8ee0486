//! To a service and back.

use crate::{Error, Origin, Route, address, body, credentials, headers};
use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, Response, StatusCode, Uri, header, request::Parts},
};
use core::net::IpAddr;
use http::uri::{Authority, PathAndQuery, Scheme};
use std::sync::Arc;
use vitrine_edge::RequestId;
use vitrine_http_out::HttpOut;

/// How one route is reached.
#[derive(Debug, Clone)]
pub(crate) struct Way {
    pub(crate) out: Arc<dyn HttpOut>,
    pub(crate) base: (Scheme, Authority),
    pub(crate) body_limit: u64,
}

/// What the gateway knows of a request beside what it says itself.
pub(crate) struct Known<'a> {
    pub(crate) route: &'a Route,
    pub(crate) client: Option<IpAddr>,
    pub(crate) id: &'a RequestId,
    /// What becomes its `Authorization`.
    pub(crate) authorization: Option<HeaderValue>,
}

impl Way {
    /// Passes the request on, path and query as they were written, and gives back the answer. Bodies stream in both directions.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::Service`] if there is no answer, [`Error::Answer`] for one that must not pass.
    pub(crate) async fn send(
        &self,
        parts: &Parts,
        body: Body,
        known: &Known<'_>,
        own: &Origin,
    ) -> Result<Response<Body>, Error> {
        let (body, excess) = body::limited(&parts.method, &parts.headers, body, self.body_limit)?;
        let mut request = Request::new(body);
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = self.uri(parts.uri.path_and_query())?;
        *request.headers_mut() = headers::to_service(&parts.headers);
        let out = request.headers_mut();
        if let Some(value) = &known.authorization {
            out.insert(header::AUTHORIZATION, value.clone());
        }
        if let Some(value) = known.route.cookies().then(|| credentials::own_cookies(&parts.headers)).flatten()
            && let Ok(mut value) = HeaderValue::from_str(&value)
        {
            value.set_sensitive(true);
            out.insert(header::COOKIE, value);
        }
        if let Some(value) = address::told(known.client) {
            out.insert(address::FORWARDED_FOR, value);
        }
        out.insert("x-request-id", known.id.to_header());
        let answer = self.out.stream(request).await;
        if excess.is_seen() {
            // Whatever the service made of a body that broke off.
            return Err(Error::TooLarge(self.body_limit));
        }
        let (head, body) = answer?.into_parts();
        if head.status.is_informational() {
            return Err(Error::Answer("an interim status"));
        }
        let mut response = Response::new(body::none());
        *response.status_mut() = head.status;
        *response.headers_mut() = headers::to_client(known.route.service, &head.headers);
        let location = head.headers.get_all(header::LOCATION);
        if !location.iter().all(|location| headers::leads_here(location, own)) {
            return Err(Error::Answer("a Location that leads to another site"));
        }
        if matches!(head.status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::RESET_CONTENT) {
            response.headers_mut().remove(header::CONTENT_LENGTH);
        } else if parts.method != Method::HEAD {
            if let Some(unread) = body.unread() {
                response.extensions_mut().insert(unread.clone());
            }
            *response.body_mut() = Body::from_stream(body);
        }
        Ok(response)
    }

    fn uri(&self, path: Option<&PathAndQuery>) -> Result<Uri, Error> {
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(self.base.0.clone());
        parts.authority = Some(self.base.1.clone());
        parts.path_and_query = path.cloned();
        Uri::from_parts(parts).map_err(|_| Error::BadRequest("The request target is no path."))
    }
}
