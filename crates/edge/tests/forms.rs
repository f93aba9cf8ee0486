//! Forms whose parts are passed on as they come.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use futures::{StreamExt as _, stream};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use vitrine_edge::{Form, Problem};

const FILE: &str = "--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n";
const END: &str = "\r\n--edge\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\nHarbour\r\n--edge--\r\n";
const PIECE: usize = 64 * 1024;

fn headers(media: &'static str) -> HeaderMap {
    [(header::CONTENT_TYPE, HeaderValue::from_static(media))].into_iter().collect()
}

/// A form with a file of so many pieces, all of which are there at once, and how many have been read.
fn form(pieces: usize) -> (Form, Arc<AtomicUsize>) {
    let read = Arc::new(AtomicUsize::new(0));
    let count = read.clone();
    let file = (0..pieces).map(|_| Bytes::from(vec![7; PIECE])).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let all = [Bytes::from_static(FILE.as_bytes())].into_iter().chain(file).chain([Bytes::from_static(END.as_bytes())]);
    let body = Body::from_stream(stream::iter(all.map(Ok::<_, std::io::Error>)));
    (Form::streaming(&headers("multipart/form-data; boundary=edge"), body).unwrap(), read)
}

fn is_too_large(problem: &Problem) {
    assert_eq!(problem.status(), StatusCode::PAYLOAD_TOO_LARGE, "{problem}");
}

#[tokio::test]
async fn a_file_is_read_no_faster_than_it_is_passed_on() {
    let (mut form, read) = form(100);
    let mut file = Box::pin(form.next().await.unwrap().unwrap().into_stream());
    let mut bytes = 0;
    while let Some(piece) = file.next().await {
        bytes += piece.unwrap().len();
        let ahead = read.load(Ordering::SeqCst) * PIECE - bytes;
        assert!(ahead <= 2 * PIECE, "{ahead} bytes are held after {bytes}");
    }
    assert_eq!(bytes, 100 * PIECE);
    drop(file);
    let title = form.next().await.unwrap().unwrap();
    assert_eq!(title.name(), "title");
    assert_eq!(title.text(7).await.unwrap(), "Harbour");
    assert!(form.next().await.unwrap().is_none());
}

#[tokio::test]
async fn a_piece_may_be_longer_than_what_may_be_held() {
    let file = "x".repeat(10 * PIECE);
    let whole = [FILE, &file, END].concat();
    let body = Body::from_stream(stream::iter([Ok::<_, std::io::Error>(whole)]));
    let mut form = Form::streaming(&headers("multipart/form-data; boundary=edge"), body).unwrap();
    let pieces = Box::pin(form.next().await.unwrap().unwrap().into_stream());
    let read: Vec<_> = pieces.map(|piece| piece.unwrap().len()).collect().await;
    assert_eq!(read.iter().sum::<usize>(), file.len());
    assert_eq!(form.next().await.unwrap().unwrap().text(7).await.unwrap(), "Harbour");
}

#[tokio::test]
async fn what_nobody_passes_on_is_bounded() {
    // A file that is skipped, or held.
    let (mut skipped, read) = form(100);
    drop(skipped.next().await.unwrap());
    is_too_large(&skipped.next().await.unwrap_err());
    assert!(read.load(Ordering::SeqCst) < 10);
    let (mut held, _) = form(100);
    let mut part = held.next().await.unwrap().unwrap();
    let refused = loop {
        match part.chunk().await {
            Ok(piece) => assert!(piece.is_some()),
            Err(problem) => break problem,
        }
    };
    is_too_large(&refused);
    // What comes before the first part, or a head that does not end.
    for begin in ["", "--edge\r\ncontent-disposition: "] {
        let pieces = std::iter::once(Bytes::from_static(begin.as_bytes()))
            .chain(std::iter::repeat_n(Bytes::from(vec![b'x'; PIECE]), 100));
        let body = Body::from_stream(stream::iter(pieces.map(Ok::<_, std::io::Error>)));
        let mut form = Form::streaming(&headers("multipart/form-data; boundary=edge"), body).unwrap();
        is_too_large(&form.next().await.unwrap_err());
    }
}

#[tokio::test]
async fn a_short_text_is_short_and_utf8() {
    for (most, text, wrong) in [(7, "Harbour", false), (6, "Harbour", true), (100, "\u{0}", false)] {
        let body = format!("--edge\r\ncontent-disposition: form-data; name=\"title\"\r\n\r\n{text}\r\n--edge--\r\n");
        let mut form = Form::streaming(&headers("multipart/form-data; boundary=edge"), body.into()).unwrap();
        let read = form.next().await.unwrap().unwrap().text(most).await;
        assert_eq!(read.is_err(), wrong, "{most} {text:?}");
        if let Err(problem) = read {
            assert_eq!(problem.status(), StatusCode::BAD_REQUEST);
            assert_eq!(problem.fields().next().unwrap().0, "title");
        }
    }
}

#[test]
fn forms_are_told_from_other_bodies() {
    for (media, is_one) in [
        ("multipart/form-data; boundary=edge", true),
        ("Multipart/Form-Data;boundary=edge", true),
        ("multipart/form-data", true),
        ("multipart/mixed; boundary=edge", false),
        ("application/octet-stream", false),
    ] {
        assert_eq!(Form::is_one(&headers(media)), is_one, "{media}");
    }
    assert!(!Form::is_one(&HeaderMap::new()));
    assert!(Form::streaming(&headers("multipart/form-data"), Body::empty()).is_err());
}
