//! The behaviour suite of the blob port on a real S3 server: the one that `VITRINE_TEST_S3` names, or one of its own.

use crate::support::{blobs, out, settings};
use bytes::Bytes;
use rusty_s3::{Bucket, Credentials, S3Action as _, UrlStyle};
use std::time::Duration;
use vitrine_blob::suite::{CASES, Place};
use vitrine_servers::{Given, S3, not_run};

/// All cases in one bucket, each in a place of its own.
#[tokio::test]
async fn the_suite_passes_on_a_real_server() {
    let Some(server) = S3::alone().unwrap() else { return };
    server.bucket("suite").unwrap();
    run(&server.url(), "suite").await;
}

/// The same on the server that is given, which may be of another make.
#[tokio::test]
async fn the_suite_passes_on_the_given_server() {
    let Some(url) = Given::from_env().s3 else {
        return not_run("VITRINE_TEST_S3 is not set");
    };
    const BUCKET: &str = "test-blob-suite";
    let settings = settings(&url, BUCKET).unwrap();
    let endpoint = settings.endpoint.parse().unwrap();
    let bucket = Bucket::new(endpoint, UrlStyle::Path, BUCKET, settings.region).unwrap();
    let credentials = Credentials::new(settings.access_key, settings.secret_key);
    let make = http::Request::put(bucket.create_bucket(&credentials).sign(Duration::from_secs(60)).as_str());
    // That it is there already is as good.
    out().unwrap().send(make.body(Bytes::new()).unwrap()).await.unwrap();
    run(&url, BUCKET).await;
}

async fn run(url: &str, bucket: &str) {
    let blobs = blobs(&settings(url, bucket).unwrap()).unwrap();
    let run: [u8; 4] = vitrine_random::bytes(&vitrine_random::SystemRandom);
    let run = vitrine_blob::hex(&run);
    let mut failed = Vec::new();
    for case in CASES {
        let place = Place::new(blobs.clone(), &format!("{run}/{}/", case.name));
        if let Err(failure) = (case.run)(place).await {
            failed.push((case.name, failure));
        }
    }
    assert!(failed.is_empty(), "{failed:#?}");
}
