//! Puts and reads that meet each other.

use crate::support::{blobs, blobs_over, out_with, settings};
use bytes::Bytes;
use futures::{
    FutureExt as _, StreamExt as _,
    future::{self, BoxFuture},
    stream,
};
use http::{Method, Request, Response};
use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Semaphore;
use vitrine_blob::Blobs;
use vitrine_blob_s3::{SINGLE_BYTES, Settings};
use vitrine_http_out::{Body, HttpOut, HttpOutError};
use vitrine_servers::{Alone, S3};

/// What these tests see does not depend on how fast the server is.
const LONG: Duration = Duration::from_secs(120);

fn bucket() -> Option<(Alone<S3>, Settings)> {
    let Some(server) = S3::alone().unwrap() else {
        println!("s3s-fs is not installed: not tested");
        return None;
    };
    server.bucket("photos").unwrap();
    let settings = settings(&server.url(), "photos").unwrap();
    Some((server, settings))
}

fn source(bytes: &Bytes) -> impl futures::Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let pieces: Vec<_> = bytes.chunks(100_000).map(|piece| Ok(bytes.slice_ref(piece))).collect();
    stream::iter(pieces)
}

async fn get(blobs: &Blobs, key: &str) -> Bytes {
    blobs.get(key).await.unwrap().unwrap().1.collect().await.unwrap()
}

/// Tells of each upload in parts that has begun.
#[derive(Debug)]
struct Begun {
    out: Arc<dyn HttpOut>,
    begun: Arc<Semaphore>,
}

impl HttpOut for Begun {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        self.out.send(request)
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        async move {
            let query = request.uri().query().unwrap_or_default();
            let begins = request.method() == Method::POST && query.split('&').any(|pair| pair.starts_with("uploads"));
            let response = self.out.stream(request).await?;
            if begins {
                self.begun.add_permits(1);
            }
            Ok(response)
        }
        .boxed()
    }
}

/// Many at once do not all hold sixteen mebibytes: those that find no room go out in parts before.
#[tokio::test]
async fn many_large_puts_at_once_share_the_memory() {
    let Some((_server, settings)) = bucket() else { return };
    let begun = Arc::new(Semaphore::new(0));
    let out = Begun { out: out_with(LONG).unwrap(), begun: Arc::clone(&begun) };
    let (blobs, some) = (blobs_over(&settings, Arc::new(out)).unwrap(), Bytes::from(vec![7; 9 << 20]));
    // No put ends before it is opened.
    let gate = Semaphore::new(0);
    let puts = (0..6).map(|n| {
        let (blobs, gate, some) = (&blobs, &gate, &some);
        async move {
            let end = stream::once(async { drop(gate.acquire().await) }).filter_map(async |()| None);
            blobs.put(&format!("many/{n}"), source(some).chain(end), u64::MAX).await.map(drop)
        }
    });
    let opened = async {
        // Those that found no room have begun, so the others have taken all there is.
        begun.acquire_many(2).await.unwrap().forget();
        gate.add_permits(6);
    };
    let (results, ()) = future::join(future::join_all(puts), opened).await;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    assert_eq!(begun.available_permits(), 0, "no other one has gone out in parts");
    for n in 0..6 {
        assert_eq!(get(&blobs, &format!("many/{n}")).await, some);
    }
}

/// Does something before the small object that says a SHA-256 is read for the first time.
struct Meeting {
    out: Arc<dyn HttpOut>,
    what: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl HttpOut for Meeting {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, HttpOutError>> {
        self.out.send(request)
    }

    fn stream(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, HttpOutError>> {
        async move {
            if request.method() == Method::GET && request.uri().path().ends_with(".sha256") {
                let what = self.what.lock().unwrap().take();
                if let Some(what) = what {
                    what.await;
                }
            }
            self.out.stream(request).await
        }
        .boxed()
    }
}

impl fmt::Debug for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.out.fmt(f)
    }
}

#[tokio::test]
async fn a_read_that_meets_another_put_is_whole() {
    let Some((_server, settings)) = bucket() else { return };
    let (first, second) = (vec![1; SINGLE_BYTES as usize + 1], vec![2; SINGLE_BYTES as usize + 2]);
    let (first, second) = (Bytes::from(first), Bytes::from(second));
    let writer = blobs(&settings).unwrap();
    let reader = |what: BoxFuture<'static, ()>| {
        let out = Meeting { out: out_with(LONG).unwrap(), what: Mutex::new(Some(what)) };
        blobs_over(&settings, Arc::new(out)).unwrap()
    };
    let replace = || {
        let (writer, second) = (writer.clone(), second.clone());
        async move { drop(writer.put("a", source(&second), u64::MAX).await.unwrap()) }.boxed()
    };
    writer.put("a", source(&first), u64::MAX).await.unwrap();
    assert_eq!(reader(replace()).head("a").await.unwrap().unwrap().bytes, second.len() as u64);
    writer.put("a", source(&first), u64::MAX).await.unwrap();
    assert_eq!(get(&reader(replace()), "a").await, second);
    writer.put("a", source(&first), u64::MAX).await.unwrap();
    let (manifest, part) = reader(replace()).range("a", 5, 3).await.unwrap().unwrap();
    assert_eq!((manifest.bytes, part.collect().await.unwrap()), (second.len() as u64, second.slice(5..8)));
    let erase = writer.clone();
    let erased = reader(async move { erase.delete("a").await.unwrap() }.boxed()).head("a").await.unwrap();
    assert_eq!(erased, None);
}
