//! Each fault, as a client sees it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use axum::{Router, routing::post};
use reqwest::Client;
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use vitrine_fault_proxy::{Fault, HttpProxy, Rule, TcpFault, TcpProxy};

/// A server that gives back what it is given.
async fn echo() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let router = Router::new().route("/{*path}", post(|body: String| async move { body }));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn ask(proxy: &HttpProxy, path: &str) -> reqwest::Result<(u16, String)> {
    let client = Client::builder().timeout(Duration::from_millis(400)).build()?;
    let response = client.post(format!("{}/{path}?x=1", proxy.url())).body("hello").send().await?;
    Ok((response.status().as_u16(), response.text().await?))
}

#[tokio::test]
async fn each_fault_is_what_it_says() {
    let proxy = HttpProxy::start(&echo().await).await.unwrap();
    assert_eq!(ask(&proxy, "a").await.unwrap(), (200, "hello".to_owned()));
    proxy.set(Rule::every(Fault::Status(503)));
    assert_eq!(ask(&proxy, "a").await.unwrap(), (503, String::new()));
    for fault in [Fault::HangUp, Fault::LoseAnswer] {
        proxy.set(Rule::every(fault));
        let error = ask(&proxy, "a").await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{fault:?}: {error:?}");
    }
    for fault in [Fault::Stall, Fault::StallAnswer(2)] {
        proxy.set(Rule::every(fault));
        assert!(ask(&proxy, "a").await.unwrap_err().is_timeout(), "{fault:?}");
    }
    proxy.set(Rule::every(Fault::TruncateAnswer(2)));
    let error = ask(&proxy, "a").await.unwrap_err();
    assert!(!error.is_timeout() && (error.is_body() || error.is_decode()), "{error:?}");
    proxy.set(Rule::every(Fault::Delay(Duration::from_millis(100))));
    let begin = Instant::now();
    assert_eq!(ask(&proxy, "a").await.unwrap().0, 200);
    assert!(begin.elapsed() >= Duration::from_millis(100));
    proxy.heal();
    assert_eq!(ask(&proxy, "a").await.unwrap().0, 200);
}

#[tokio::test]
async fn rules_choose_and_count() {
    let proxy = HttpProxy::start(&echo().await).await.unwrap();
    proxy.add(Rule::when(Fault::Status(500), |seen| seen.path == "/b").times(2));
    let mut answers = Vec::new();
    for path in ["a", "b", "b", "b"] {
        answers.push(ask(&proxy, path).await.unwrap().0);
    }
    assert_eq!(answers, [200, 500, 500, 200]);
    let seen = proxy.seen();
    assert_eq!(seen.len(), 4);
    assert_eq!((seen[1].method.as_str(), seen[1].query.as_str(), seen[1].length), ("POST", "x=1", Some(5)));
    assert_eq!((seen[1].fault, seen[3].fault), (Some(Fault::Status(500)), None));
    assert_eq!(proxy.seen(), []);
}

#[tokio::test]
async fn connections_are_closed_or_stand_still() {
    let proxy = TcpProxy::start(&echo().await).await.unwrap();
    let request = b"POST /a HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi";
    let answer = async |stream: &mut TcpStream| {
        stream.write_all(request).await?;
        // The answer is short, so it comes as one.
        let mut buffer = [0; 1000];
        let read = tokio::time::timeout(Duration::from_millis(300), stream.read(&mut buffer)).await?.unwrap_or(0);
        std::io::Result::Ok(buffer[..read].starts_with(b"HTTP/1.1 200"))
    };
    let mut stream = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(answer(&mut stream).await.unwrap());
    proxy.set(TcpFault::Stall);
    assert_eq!(answer(&mut stream).await.unwrap_err().kind(), std::io::ErrorKind::TimedOut);
    proxy.set(TcpFault::Down);
    assert!(!answer(&mut stream).await.unwrap_or(false));
    let mut other = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(!answer(&mut other).await.unwrap_or(false));
    proxy.set(TcpFault::Pass);
    let mut other = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(answer(&mut other).await.unwrap());
    proxy.set(TcpFault::LoseAnswerTo(""));
    assert!(!answer(&mut other).await.unwrap_or(false));
    proxy.closed().await;
    let mut other = TcpStream::connect(proxy.address()).await.unwrap();
    assert!(answer(&mut other).await.unwrap());
}
