//! What is not waited for, not read, and not called.

use super::{LIMITS, Outcome, Subject, check_eq, check_is};
use crate::{Body, HttpOutError};
use bytes::Bytes;
use futures::StreamExt as _;
use http::Request;

pub(super) async fn a_response_that_is_too_large_is_refused(to: Subject) -> Outcome {
    let limit = LIMITS.response_bytes;
    let get = |bytes: usize| Request::get(to.url(&format!("/bytes/{bytes}"))).body(Bytes::new());
    check_eq!(to.out.send(get(limit)?).await?.body().len(), limit);
    check_eq!(to.out.send(get(limit + 1)?).await.map(drop), Err(HttpOutError::TooLarge { limit }));
    check_eq!(to.out.send(get(100 * limit)?).await.map(drop), Err(HttpOutError::TooLarge { limit }));
    Ok(())
}

pub(super) async fn time_runs_out(to: Subject) -> Outcome {
    if !to.network {
        return Ok(());
    }
    for path in ["/never", "/stall"] {
        let late = to.out.send(Request::get(to.url(path)).body(Bytes::new())?).await.map(drop);
        check_eq!(late, Err(HttpOutError::Timeout));
    }
    let late = to.out.stream(Request::get(to.url("/never")).body(Body::empty())?).await.map(drop);
    check_eq!(late, Err(HttpOutError::Timeout));
    let mut body = to.out.stream(Request::get(to.url("/stall")).body(Body::empty())?).await?.into_body();
    check_eq!(body.next().await, Some(Ok(Bytes::from_static(b"x"))));
    check_eq!(body.next().await, Some(Err(HttpOutError::Timeout)));
    check_eq!(body.next().await, None);
    Ok(())
}

pub(super) async fn a_relative_uri_is_refused(to: Subject) -> Outcome {
    let whole = to.out.send(Request::get("/echo/200").body(Bytes::new())?).await.map(drop);
    check_is!(whole, Err(HttpOutError::Invalid(_)));
    let streamed = to.out.stream(Request::get("/echo/200").body(Body::empty())?).await.map(drop);
    check_is!(streamed, Err(HttpOutError::Invalid(_)));
    Ok(())
}

pub(super) async fn what_is_not_granted_is_denied(to: Subject) -> Outcome {
    let Some(denied) = to.denied else { return Ok(()) };
    let whole = to.out.send(Request::get(&denied).body(Bytes::new())?).await.map(drop);
    check_eq!(whole, Err(HttpOutError::Denied));
    let streamed = to.out.stream(Request::get(&denied).body(Body::empty())?).await.map(drop);
    check_eq!(streamed, Err(HttpOutError::Denied));
    Ok(())
}
