//! Which headers pass, in which direction.

use crate::{Origin, Service};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};

/// The greatest size of all headers, names and values, and of one value, in bytes.
const MAX_ALL: usize = 24 * 1024;
const MAX_ONE: usize = 8 * 1024;

/// What passes from a client to a service. All else is left behind, so that no name is left by which somebody could claim to
/// be another, or to come from elsewhere; `Authorization` and `Cookie` are written anew.
const PASSED: [HeaderName; 21] = [
    header::ACCEPT,
    header::ACCEPT_ENCODING,
    header::ACCEPT_LANGUAGE,
    header::CACHE_CONTROL,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    header::IF_MATCH,
    header::IF_MODIFIED_SINCE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::IF_UNMODIFIED_SINCE,
    HeaderName::from_static("last-event-id"),
    header::RANGE,
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("trpc-accept"),
    // By it the streaming link of the client 10 asks for a line for each call.
    HeaderName::from_static("trpc-batch-mode"),
    header::USER_AGENT,
    HeaderName::from_static("x-trpc-source"),
];

/// What stays on this side of an answer: what belongs to one connection, what only the gateway says, and what tells about
/// the inside.
const KEPT: [&str; 22] = [
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-connection",
    "ratelimit",
    "ratelimit-policy",
    "refresh",
    "server",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-powered-by",
    "x-request-id",
];

/// Whether all headers are of a size that is taken.
pub(crate) fn are_small(headers: &HeaderMap) -> bool {
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    size <= MAX_ALL && headers.values().all(|value| value.len() <= MAX_ONE)
}

/// Whether pages of other sites may set the header.
pub(crate) fn from_pages(name: &HeaderName) -> bool {
    PASSED.contains(name) || *name == header::AUTHORIZATION || name.as_str() == "x-request-id"
}

/// What a service gets of a client's headers.
pub(crate) fn to_service(client: &HeaderMap) -> HeaderMap {
    let named = named_by_connection(client);
    let pass = |name: &HeaderName| PASSED.contains(name) && !named.contains(&name.as_str());
    let mut headers = HeaderMap::with_capacity(16);
    client
        .iter()
        .filter(|(name, _)| pass(name))
        .for_each(|(name, value)| _ = headers.append(name.clone(), value.clone()));
    headers
}

/// What a client gets of a service's headers. Only auth sets cookies.
pub(crate) fn to_client(service: Service, answer: &HeaderMap) -> HeaderMap {
    let named = named_by_connection(answer);
    let pass = |name: &HeaderName| {
        let name = name.as_str();
        let cookie = name == "set-cookie" && service != Service::Auth;
        !cookie && !KEPT.contains(&name) && !name.starts_with("spin-") && !named.contains(&name)
    };
    let mut headers = HeaderMap::with_capacity(answer.len() + 12);
    answer
        .iter()
        .filter(|(name, _)| pass(name))
        .for_each(|(name, value)| _ = headers.append(name.clone(), value.clone()));
    headers
}

/// The headers that `Connection` names: they end here too (RFC 9110, section 7.6.1).
fn named_by_connection(headers: &HeaderMap) -> Vec<&str> {
    let lines = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).collect()
}

/// Whether a `Location` leads to this site: a path, or an address of its own origin.
pub(crate) fn leads_here(location: &HeaderValue, own: &Origin) -> bool {
    let Ok(text) = location.to_str() else { return false };
    // Browsers take `\` for `/`, and pass over white space.
    if text.contains(['\\', '\t', '\n', '\r', ' ']) {
        return false;
    }
    if let Some(path) = text.strip_prefix('/') {
        return !path.starts_with('/');
    }
    let Some(rest) = text.strip_prefix(own.as_str()) else { return false };
    (rest.is_empty() || rest.starts_with(['/', '?', '#'])) && text.parse::<Uri>().is_ok()
}

/// Nothing is loaded, framed or sent by an answer of the API, should a browser take it for a page.
const CONTENT_SECURITY_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
const PERMISSIONS_POLICY: HeaderValue = HeaderValue::from_static(
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), \
     midi=(), payment=(), usb=()",
);
/// Two years, as browsers ask for.
const STRICT_TRANSPORT_SECURITY: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// What browsers are told about every answer. A service that serves pages says more about some of it; then its own word holds.
pub(crate) fn secure(headers: &mut HeaderMap, own: &Origin) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    if own.is_secure() {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, STRICT_TRANSPORT_SECURITY);
    }
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ] {
        headers.entry(name).or_insert(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_leads_here_or_nowhere() {
        let own: Origin = "https://own.example".parse().unwrap();
        let leads = |text: &str| leads_here(&HeaderValue::from_bytes(text.as_bytes()).unwrap(), &own);
        for here in ["/", "/a?b#c", "https://own.example", "https://own.example/a", "https://own.example?x"] {
            assert!(leads(here), "{here}");
        }
        for away in [
            "",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "a/b",
            "https://own.example.evil.example",
            "https://own.example@evil.example",
            "https://own.example:444/",
            "http://own.example/",
            "javascript:alert(1)",
            "https:evil.example",
            " //evil.example",
        ] {
            assert!(!leads(away), "{away}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let mut headers = HeaderMap::new();
        headers.insert("a", HeaderValue::from_str(&"x".repeat(MAX_ONE)).unwrap());
        assert!(are_small(&headers));
        for _ in 0..3 {
            headers.append("b", HeaderValue::from_str(&"x".repeat(MAX_ONE)).unwrap());
        }
        assert!(!are_small(&headers));
        let one: HeaderMap =
            [(header::ACCEPT, HeaderValue::from_str(&"x".repeat(MAX_ONE + 1)).unwrap())].into_iter().collect();
        assert!(!are_small(&one));
    }
}
