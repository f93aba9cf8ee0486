//! The blob port inside Wasm, while its S3 server, or the way to it, does not work: what it says, and that it recovers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_fault_proxy::{Fault, HttpProxy, Rule};
use vitrine_ports::Suites;
use vitrine_scenarios::client::Fetch as _;
use vitrine_servers::{Alone, Given, S3, Url};

const BUCKET: &str = "suites";
/// Puts, asks, reads whole.
const READING: &str = "/suite/blob/s3/blobs_of_every_size_come_back";
/// Puts, replaces, reads.
const LARGE: &str = "/suite/blob/s3/a_large_blob_comes_back";

struct Bound {
    proxy: HttpProxy,
    suites: Suites,
    _server: Alone<S3>,
}

/// The guest, bound to a server of its own through a proxy.
async fn bound() -> Option<Bound> {
    let server = S3::alone().unwrap()?;
    server.bucket(BUCKET).unwrap();
    let url = Url::parse(&server.url()).unwrap();
    let proxy = HttpProxy::start(&format!("127.0.0.1:{}", url.port)).await.unwrap();
    let suites = Suites::start(
        &Given::default(),
        &[
            ("blob_backend", "s3"),
            ("s3_endpoint", &proxy.url()),
            ("s3_host", &proxy.url()),
            ("suites_s3_access_key", &url.user),
            ("suites_s3_secret_key", &url.password),
            ("suites_bucket", BUCKET),
        ],
    );
    Some(Bound { proxy, suites: suites.unwrap(), _server: server })
}

impl Bound {
    async fn run(&self, case: &str) -> (u16, String) {
        let answer = self.suites.client.post(case).fetch().await.unwrap();
        (answer.status.as_u16(), answer.text())
    }

    async fn passes(&self, case: &str) {
        assert_eq!(self.run(case).await, (204, String::new()));
    }

    /// The case fails with these words, and passes when nothing is broken any more.
    async fn fails(&self, rule: Rule, words: &str) {
        self.proxy.set(rule);
        let (status, text) = self.run(READING).await;
        assert!(status == 422 && text.contains(words), "{status}: `{words}` is not in: {text}");
        self.proxy.heal();
        self.passes(READING).await;
    }
}

fn is_get(seen: &vitrine_fault_proxy::Seen) -> bool {
    seen.method == "GET"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_fails_for_a_moment_is_asked_again() {
    let Some(bound) = bound().await else { return };
    for fault in [Fault::Status(500), Fault::Status(503), Fault::HangUp, Fault::LoseAnswer] {
        bound.proxy.set(Rule::every(fault).times(3));
        bound.passes(READING).await;
    }
    let part = |seen: &vitrine_fault_proxy::Seen| seen.query.contains("partNumber=2");
    bound.proxy.set(Rule::when(Fault::LoseAnswer, part).times(1));
    bound.passes(LARGE).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_failure_is_told_apart() {
    let Some(bound) = bound().await else { return };
    bound.fails(Rule::every(Fault::Status(503)), "is not available").await;
    bound.fails(Rule::every(Fault::HangUp), "is not available").await;
    bound.fails(Rule::when(Fault::TruncateAnswer(1000), is_get), "ended after").await;
    bound.fails(Rule::when(Fault::StallAnswer(1000), is_get), "did not answer in time").await;
    bound.fails(Rule::every(Fault::Stall), "did not answer in time").await;
    bound.passes(LARGE).await;
}
