//! What is no HTTP that a component could be asked: refused with a status, never with silence.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_denied::app::App;
use vitrine_scenarios::raw;

#[tokio::test]
async fn what_is_no_request_gets_a_status() {
    let app = App::start("hostile", &[]).unwrap();
    let host = "host: x\r\n\r\n";
    let large = format!("GET /echo/ HTTP/1.1\r\nx-big: {}\r\n{host}", "x".repeat(200 << 10));
    let requests: [(&[u8], u16); 7] = [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 tls, perhaps\r\n\r\n", 400),
        (b"HELLO\r\n\r\n", 400),
        (b"GET /echo/\xFF\xFE HTTP/1.1\r\nhost: x\r\n\r\n", 400),
        (b"GET /echo/ HTTP/1.1\r\nhost: a b\r\n\r\n", 400),
        (b"POST /echo/ HTTP/1.1\r\nhost: x\r\ncontent-length: many\r\n\r\n", 400),
        (b"POST /echo/ HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 9\r\n\r\n12345", 400),
        (large.as_bytes(), 431),
    ];
    for (request, status) in requests {
        let answer = raw::exchange(&app.running.base(), request).await.unwrap();
        let beginning = String::from_utf8_lossy(&request[..request.len().min(60)]);
        assert_eq!(answer.status, Some(status), "{beginning}: {answer:?}");
    }
    app.get("/echo/").await.unwrap().expect(200).unwrap();
}

/// Where the head can be read at all, the refusal says what is wrong.
#[tokio::test]
async fn what_can_be_read_is_refused_by_a_problem() {
    let app = App::start("hostile", &[]).unwrap();
    let line = |start: &str, rest: &str| format!("{start}\r\n{rest}connection: close\r\n\r\n");
    for (request, status) in [
        (line("GET /echo/ HTTP/1.1", ""), 400),
        (line("GET /echo/ HTTP/1.1", "host: a b\r\n"), 400),
        (line("OPTIONS * HTTP/1.1", "host: x\r\n"), 400),
        (line(&format!("GET /{} HTTP/1.1", "z".repeat(20 << 10)), "host: x\r\n"), 414),
        (line("GET /echo/ HTTP/1.1", &format!("host: x\r\nx-big: {}\r\n", "x".repeat(100 << 10))), 431),
    ] {
        let answer = raw::exchange(&app.running.base(), request.as_bytes()).await.unwrap();
        assert_eq!(answer.status, Some(status), "{answer:?}");
        assert!(answer.is_problem(), "{answer:?}");
    }
}
