//! An adapter whose other side is a router of this process.

use crate::{Body, HttpOut, HttpOutError, Limits};
use axum::{
    Router,
    body::HttpBody as _,
    extract::Path,
    routing::{any, get},
};
use bytes::Bytes;
use futures::{
    StreamExt, TryStreamExt,
    future::{self, BoxFuture, FutureExt},
    stream,
};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header::CONTENT_LENGTH};
use std::collections::BTreeMap;
use tower::ServiceExt;

/// Answers the requests to each origin from a real router, in process. Any other origin is denied. The time limit is
/// not kept: there is no network to wait for.
#[derive(Debug, Clone, Default)]
pub struct RouterHttpOut {
    origins: BTreeMap<String, Router>,
    limits: Limits,
}

impl RouterHttpOut {
    /// Answers nothing yet.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { origins: BTreeMap::new(), limits }
    }

    /// Answers requests to `origin`, such as `http://upload.spin.internal`, from `router`.
    #[must_use]
    pub fn with(mut self, origin: &str, router: Router) -> Self {
        self.origins.insert(origin.to_owned(), router);
        self
    }

    async fn exchange(&self, request: Request<Body>) -> Result<Response<Body>, HttpOutError> {
        let uri = request.uri();
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(HttpOutError::Invalid(format!("`{uri}` is no absolute URI")));
        };
        let router = self.origins.get(&format!("{scheme}://{authority}")).ok_or(HttpOutError::Denied)?;
        let (mut parts, body) = request.into_parts();
        parts.uri = parts
            .uri
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .parse()
            .map_err(|error: http::uri::InvalidUri| HttpOutError::Invalid(error.to_string()))?;
        if let Some(length) = body.length() {
            parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        let request = Request::from_parts(parts, axum::body::Body::from_stream(body));
        let Ok(response) = router.clone().oneshot(request).await;
        let length = response.body().size_hint().exact();
        Ok(response.map(|body| {
            let pieces = body.into_data_stream().map_err(|error| HttpOutError::Failed(error.to_string()));
            Body::stream(pieces, length)
        }))
    }
}

impl HttpOut for RouterHttpOut {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        async move {
            let (parts, body) = self.exchange(request.map(Body::from)).await?.into_parts();
            Ok(Response::from_parts(parts, body.collect(self.limits.response_bytes).await?))
        }
        .boxed()
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        self.exchange(request).boxed()
    }
}

/// The server that the suite's cases call.
///
/// `/echo/{status}` answers with that status and the request's body as it comes, and tells in headers what came:
/// `x-method`, `x-length` (the request's `Content-Length`, or `none`) and `x-copy` (its `x-sent`). `/bytes/{count}`
/// answers so many bytes, `/never` nothing, `/stall` one byte of two.
pub fn echo() -> Router {
    Router::new()
        .route("/echo/{status}", any(back))
        .route("/bytes/{count}", get(|Path(count): Path<usize>| async move { vec![b'x'; count] }))
        .route("/never", any(future::pending::<StatusCode>))
        .route("/stall", any(stall))
}

async fn back(Path(status): Path<u16>, request: axum::extract::Request) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let mut response = Response::new(axum::body::Body::from_stream(body.into_data_stream()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    let none = || HeaderValue::from_static("none");
    let headers = [
        ("x-method", HeaderValue::from_str(parts.method.as_str()).ok()),
        ("x-length", parts.headers.get(CONTENT_LENGTH).cloned()),
        ("x-copy", parts.headers.get("x-sent").cloned()),
    ];
    for (name, value) in headers {
        response.headers_mut().insert(HeaderName::from_static(name), value.unwrap_or_else(none));
    }
    response
}

async fn stall() -> axum::body::Body {
    let first = stream::iter([Ok::<_, std::io::Error>(Bytes::from_static(b"x"))]);
    axum::body::Body::from_stream(first.chain(stream::pending()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::post;

    fn out() -> RouterHttpOut {
        let echo = Router::new().route("/echo", post(|body: String| async move { body }));
        RouterHttpOut::new(Limits { response_bytes: 8, ..Limits::default() }).with("http://echo.test", echo)
    }

    async fn send(uri: &str, body: &'static str) -> Result<Response<Bytes>, HttpOutError> {
        out().send(Request::post(uri).body(Bytes::from(body)).unwrap()).await
    }

    #[tokio::test]
    async fn the_router_answers_for_its_origin() {
        let response = send("http://echo.test/echo?x=1", "hello").await.unwrap();
        assert_eq!((response.status().as_u16(), response.body().as_ref()), (200, b"hello".as_slice()));
        assert_eq!(send("http://echo.test/absent", "").await.unwrap().status(), 404);
    }

    #[tokio::test]
    async fn other_origins_and_large_answers_are_refused() {
        assert_eq!(send("https://echo.test/echo", "").await.unwrap_err(), HttpOutError::Denied);
        assert_eq!(send("http://echo.test/echo", "too much").await.unwrap().body().len(), 8);
        assert_eq!(
            send("http://echo.test/echo", "far too much").await.unwrap_err(),
            HttpOutError::TooLarge { limit: 8 }
        );
        assert!(matches!(send("/echo", "").await, Err(HttpOutError::Invalid(_))));
    }
}
