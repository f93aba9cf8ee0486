//! What goes out and what comes back.

use super::{LIMITS, Outcome, Subject, check_eq};
use crate::Body;
use bytes::Bytes;
use futures::stream;
use http::{Method, Request, Response};

/// More than is allowed of a body that is whole.
const PIECES: usize = 64;
const PIECE: usize = 16 * 1024;

fn header<'a, B>(response: &'a Response<B>, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("absent")
}

pub(super) async fn what_is_sent_arrives_and_what_is_answered_comes_back(to: Subject) -> Outcome {
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        let request = Request::builder().method(&method).uri(to.url("/echo/201?a=b")).header("x-sent", "a, b");
        let response = to.out.send(request.body(Bytes::from_static(b"hello"))?).await?;
        check_eq!(response.status().as_u16(), 201);
        check_eq!((header(&response, "x-method"), header(&response, "x-copy")), (method.as_str(), "a, b"));
        check_eq!(response.body(), "hello");
    }
    let response = to.out.send(Request::get(to.url("/echo/200")).body(Bytes::new())?).await?;
    check_eq!((header(&response, "x-method"), header(&response, "x-copy")), ("GET", "none"));
    check_eq!(response.body(), "");
    Ok(())
}

pub(super) async fn every_status_is_an_answer(to: Subject) -> Outcome {
    for status in [204, 301, 404, 500, 503] {
        let url = to.url(&format!("/echo/{status}"));
        check_eq!(to.out.send(Request::post(&url).body(Bytes::new())?).await?.status().as_u16(), status);
        check_eq!(to.out.stream(Request::post(&url).body(Body::empty())?).await?.status().as_u16(), status);
    }
    Ok(())
}

pub(super) async fn a_length_is_told_where_it_is_known(to: Subject) -> Outcome {
    let url = to.url("/echo/200");
    let whole = to.out.send(Request::post(&url).body(Bytes::from_static(b"hello"))?).await?;
    check_eq!(header(&whole, "x-length"), "5");
    let known = Body::pieces([Bytes::from_static(b"hel"), Bytes::from_static(b"lo")]);
    check_eq!(header(&to.out.stream(Request::post(&url).body(known)?).await?, "x-length"), "5");
    let unknown = Body::stream(stream::iter([Ok(Bytes::from_static(b"hello"))]), None);
    let response = to.out.stream(Request::post(&url).body(unknown)?).await?;
    check_eq!(header(&response, "x-length"), "none");
    check_eq!(response.into_body().collect(5).await?, "hello");
    let response = to.out.stream(Request::get(to.url("/bytes/7")).body(Body::empty())?).await?;
    check_eq!(response.body().length(), Some(7));
    check_eq!(response.into_body().collect(7).await?, "xxxxxxx");
    Ok(())
}

pub(super) async fn large_bodies_stream_both_ways(to: Subject) -> Outcome {
    let pieces = (0..PIECES).map(|number| Bytes::from(vec![u8::try_from(number).unwrap_or(0); PIECE]));
    let sent: Vec<u8> = pieces.clone().flatten().collect();
    check_eq!(sent.len() > LIMITS.response_bytes, true);
    for length in [Some(sent.len() as u64), None] {
        let body = Body::stream(stream::iter(pieces.clone().map(Ok)), length);
        let response = to.out.stream(Request::post(to.url("/echo/200")).body(body)?).await?;
        let came = response.into_body().collect(sent.len()).await?;
        check_eq!((came.len(), came == sent), (sent.len(), true));
    }
    Ok(())
}
