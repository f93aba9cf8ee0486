//! The `spin-*` request headers. They are set on every request, so names and fixed values are made once.

use std::net::SocketAddr;

use bytes::{BufMut, Bytes, BytesMut};
use http::header::HOST;
use http::uri::Uri;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::RouteMatch;

const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");
const PATH_MATCH: &str = "spin-path-match-";

/// What `spin-client-addr` says of a chained call, in Spin and here.
pub const CHAINED_CLIENT: HeaderValue = HeaderValue::from_static("0.0.0.0:0");

/// The value of `spin-client-addr`: made once for a connection, then cloned without copying.
pub fn client_value(address: SocketAddr) -> HeaderValue {
    HeaderValue::try_from(address.to_string()).unwrap_or(CHAINED_CLIENT)
}

impl RouteMatch<'_, '_> {
    /// Sets the `spin-*` headers of a request. What came in under those names is dropped, so that a component may trust
    /// them; Spin passes a forged value on beside its own.
    ///
    /// `scheme` is the server's; the host is the request's `Host`, else its authority, else `localhost`.
    pub fn set_headers(&self, headers: &mut HeaderMap, scheme: &str, uri: &Uri, client: HeaderValue) {
        drop_forged_matches(headers);
        let full_url = full_url(headers, scheme, uri);
        headers.insert(FULL_URL, header(full_url));
        headers.insert(PATH_INFO, header(Bytes::copy_from_slice(self.path_info().as_bytes())));
        headers.insert(MATCHED_ROUTE, self.entry.matched_route.clone());
        headers.insert(BASE_PATH, HeaderValue::from_static("/"));
        headers.insert(RAW_COMPONENT_ROUTE, self.entry.raw_route.clone());
        headers.insert(COMPONENT_ROUTE, self.entry.prefix.clone());
        headers.insert(CLIENT_ADDR, client);
        for (name, value) in self.parameters() {
            headers.insert(name.clone(), header(Bytes::copy_from_slice(value.as_bytes())));
        }
    }
}

fn drop_forged_matches(headers: &mut HeaderMap) {
    while let Some(forged) = headers.keys().find(|name| name.as_str().starts_with(PATH_MATCH)).cloned() {
        headers.remove(forged);
    }
}

fn full_url(headers: &HeaderMap, scheme: &str, uri: &Uri) -> Bytes {
    let host = headers.get(HOST).map(HeaderValue::as_bytes);
    let host = host.or_else(|| uri.authority().map(|authority| authority.as_str().as_bytes())).unwrap_or(b"localhost");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut url = BytesMut::with_capacity(scheme.len() + 3 + host.len() + path.len());
    url.put_slice(scheme.as_bytes());
    url.put_slice(b"://");
    url.put_slice(host);
    url.put_slice(path.as_bytes());
    url.freeze()
}

/// Text from a checked request always makes a header value.
fn header(bytes: Bytes) -> HeaderValue {
    HeaderValue::from_maybe_shared(bytes).unwrap_or(HeaderValue::from_static(""))
}
