//! Streams both ways. `POST /echo` sends the body back as it comes; `/ticks?N` sends N lines, one every 100 ms; `/late?MS`
//! waits so long before the head; `/stall` sends a head and one line, and then nothing for a minute; `/headers` lists the
//! request's headers; `/size` counts the bytes of the body.

use std::time::Duration;

use bytes::Bytes;
use futures::SinkExt as _;
use http_body_util::BodyExt as _;
use spin_sdk::http::{BoxBody, FullBody, IntoResponse, Request, Response, body, box_body};
use spin_sdk::time::sleep;
use spin_sdk::{http_service, wasip3};

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let number = request.uri().query().and_then(|query| query.parse().ok()).unwrap_or(1);
    let path = request.uri().path().to_owned();
    match path.rsplit('/').next() {
        Some("echo") => Response::new(box_body(request.into_body())),
        Some("ticks") => lines(number, Duration::from_millis(100)),
        Some("stall") => lines(2, Duration::from_secs(60)),
        Some("late") => {
            sleep(Duration::from_millis(number)).await;
            text("late")
        }
        Some("headers") => {
            let lines =
                request.headers().iter().map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap_or("?")));
            text(lines.collect::<String>())
        }
        Some("size") => text(size(request).await),
        _ => text("still answering"),
    }
}

fn text(text: impl Into<Bytes>) -> Response<BoxBody> {
    Response::new(box_body(FullBody::new(text.into())))
}

async fn size(request: Request) -> String {
    let mut body = request.into_body();
    let mut bytes = 0;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => bytes += frame.data_ref().map_or(0, Bytes::len),
            Err(error) => return format!("broken after {bytes}: {error}"),
        }
    }
    bytes.to_string()
}

fn lines(count: u64, pause: Duration) -> Response<BoxBody> {
    let (mut sender, body) = body::stream::<String>();
    wasip3::spawn(async move {
        for line in 1..=count {
            if sender.send(format!("{line}\n")).await.is_err() {
                return;
            }
            sleep(pause).await;
        }
    });
    Response::new(box_body(body))
}
