//! Blobs of one mebibyte, put and got several at a time.

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::post;
use bytes::Bytes;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use std::convert::Infallible;
use vitrine_blob::Blobs;

/// The size of each blob, in bytes.
pub const BYTES: usize = 1 << 20;
/// How many are on their way at once.
const AT_ONCE: usize = 4;
/// How many keys there are: those after the first so many replace others.
const KEYS: usize = 16;
/// What a source gives at once, in bytes.
const PIECE: usize = 64 * 1024;

/// `POST /put/{count}` puts that many blobs, `POST /get/{count}` gets as many of those that were put.
pub fn router(blobs: Blobs) -> Router {
    Router::new()
        .route("/put/{count}", post(async |State(blobs): State<Blobs>, Path(count)| answer(put(&blobs, count).await)))
        .route("/get/{count}", post(async |State(blobs): State<Blobs>, Path(count)| answer(get(&blobs, count).await)))
        .with_state(blobs)
}

fn answer(result: Result<(), String>) -> Result<(), (StatusCode, String)> {
    result.map_err(|error| (StatusCode::INTERNAL_SERVER_ERROR, error))
}

/// Puts `count` blobs.
///
/// # Errors
/// The first that fails.
pub async fn put(blobs: &Blobs, count: usize) -> Result<(), String> {
    let bytes: Bytes = (0..BYTES).map(|n| (n % 251) as u8).collect();
    let puts = stream::iter(0..count).map(|n| {
        let pieces: Vec<_> = bytes.chunks(PIECE).map(|piece| Ok::<_, Infallible>(bytes.slice_ref(piece))).collect();
        async move {
            let put = blobs.put(&key(n), stream::iter(pieces), BYTES as u64).await;
            put.map(drop).map_err(|error| error.to_string())
        }
    });
    puts.buffer_unordered(AT_ONCE).try_collect().await
}

/// Gets `count` blobs and reads them to their end.
///
/// # Errors
/// The first that fails, is not there, or is of another size.
pub async fn get(blobs: &Blobs, count: usize) -> Result<(), String> {
    let gets = stream::iter(0..count).map(|n| async move {
        let found = blobs.get(&key(n)).await.map_err(|error| error.to_string())?;
        let (_, mut pieces) = found.ok_or_else(|| format!("{} is not there", key(n)))?;
        let mut bytes = 0;
        while let Some(piece) = pieces.next().await {
            bytes += piece.map_err(|error| error.to_string())?.len();
        }
        if bytes == BYTES { Ok(()) } else { Err(format!("{} has {bytes} bytes", key(n))) }
    });
    gets.buffer_unordered(AT_ONCE).try_collect().await
}

fn key(n: usize) -> String {
    format!("bench/{}", n % KEYS)
}
