//! Which other sites' pages may call this one (the CORS protocol of the Fetch standard).

use crate::{Error, Origin, body, headers};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

/// How long a browser may go by the answer to a preflight, in seconds; none keeps it for longer than two hours.
const MAX_AGE: HeaderValue = HeaderValue::from_static("7200");
const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
/// What a page may read of an answer beside what it always may.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "etag, idempotent-replayed, link, location, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id",
);
const TRUE: HeaderValue = HeaderValue::from_static("true");
const VARIES: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Method, Access-Control-Request-Headers");

/// The sites that may.
#[derive(Debug, Clone)]
pub(crate) struct Cors {
    own: Origin,
    allowed: Vec<Origin>,
}

impl Cors {
    pub(crate) fn new(own: Origin, allowed: Vec<Origin>) -> Self {
        Self { own, allowed }
    }

    /// The header `Origin`, if it names this site or one that may call it. `null` names none.
    pub(crate) fn trusted<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let mut values = headers.get_all(header::ORIGIN).iter();
        let value = values.next().filter(|value| self.own.is(value) || self.allowed.iter().any(|own| own.is(value)))?;
        values.next().is_none().then_some(value)
    }

    /// Whether the request asks for leave to send another one.
    pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
        *method == Method::OPTIONS
            && headers.contains_key(header::ORIGIN)
            && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
    }

    /// The answer to a preflight. No service sees one.
    ///
    /// # Errors
    /// [`Error::CrossSite`] for any other site.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> Result<Response, Error> {
        if self.trusted(request).is_none() {
            return Err(Error::CrossSite);
        }
        let mut response = (StatusCode::NO_CONTENT, body::none()).into_response();
        let response_headers = response.headers_mut();
        response_headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        response_headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        let wanted = request.get_all(header::ACCESS_CONTROL_REQUEST_HEADERS).iter();
        let wanted = wanted.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        let known = wanted.filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok());
        let granted: Vec<String> = known.filter(headers::from_pages).map(|name| name.to_string()).collect();
        if let Ok(value) = HeaderValue::from_str(&granted.join(", "))
            && !granted.is_empty()
        {
            response_headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, value);
        }
        Ok(response)
    }

    /// What every answer says about it, `origin` being what the request was trusted with.
    pub(crate) fn tell(&self, origin: Option<HeaderValue>, preflight: bool, response: &mut HeaderMap) {
        // A cache must not give one site's answer to another.
        response.append(header::VARY, if preflight { VARIES } else { HeaderValue::from_static("Origin") });
        if let Some(origin) = origin {
            response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            response.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
            if !preflight {
                response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
            }
        }
    }
}
