//! `POST /` with a picture: has the engine that is composed into it render the picture, as the worker does, and answers how
//! long that took and what came of it. What `vitrine-bench` measures.

use std::time::Instant;

use axum::body::Bytes;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use spin_sdk::http::{IntoResponse, Request};
use vitrine_guest::{Service, StartError};

mod bindings {
    #![allow(missing_docs, unreachable_pub, unsafe_code, clippy::all, reason = "generated from wit/")]
    wit_bindgen::generate!({
        inline: "package vitrine:pictures; world pictures { import vitrine:imaging/engine@0.1.0; }",
        path: "../../../wit/imaging/0.1.0",
        generate_all,
    });
}

use bindings::vitrine::imaging::engine::{self, Media, Rendition};

/// The longest picture, in bytes.
const LONGEST: usize = 50 << 20;

static SERVICE: Service = Service::exclusive();

#[spin_sdk::http_service]
async fn handle(request: Request) -> impl IntoResponse {
    SERVICE.serve(request, start).await
}

async fn start() -> Result<Router, StartError> {
    Ok(Router::new().route("/", post(render)).layer(DefaultBodyLimit::max(LONGEST)))
}

async fn render(picture: Bytes) -> Result<Json<Value>, (StatusCode, String)> {
    let start = Instant::now();
    let rendered = engine::render(&picture);
    let milliseconds = start.elapsed().as_secs_f64() * 1000.0;
    let rendered = rendered.map_err(|failure| (StatusCode::UNPROCESSABLE_ENTITY, format!("{failure:?}")))?;
    let rendition = |it: &Rendition| {
        let media = match it.media {
            Media::Jpeg => "image/jpeg",
            Media::Webp => "image/webp",
        };
        json!({ "name": it.name, "width": it.width, "height": it.height, "type": media, "bytes": it.bytes.len() })
    };
    let renditions: Vec<Value> = rendered.renditions.iter().map(rendition).collect();
    Ok(Json(json!({ "milliseconds": milliseconds, "renditions": renditions })))
}
