//! The key-value port inside Wasm, while the way to its Redis server breaks: what must not be done twice is not done twice.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_fault_proxy::{TcpFault, TcpProxy};
use vitrine_ports::Suites;
use vitrine_scenarios::client::Fetch as _;
use vitrine_servers::{Alone, Given, Redis, Url, redis};

struct Bound {
    proxy: TcpProxy,
    suites: Suites,
    server: Alone<Redis>,
}

/// The guest, bound to a server of its own through a proxy.
async fn bound() -> Option<Bound> {
    let Some(server) = Redis::alone().unwrap() else {
        eprintln!("not run, since Redis is not installed");
        return None;
    };
    let url = Url::parse(&server.url()).unwrap();
    let proxy = TcpProxy::start(&format!("127.0.0.1:{}", url.port)).await.unwrap();
    let address = proxy.address();
    let suites = Suites::start(
        &Given::default(),
        &[
            ("kv_backend", "redis"),
            ("redis_url", &format!("redis://:{}@{address}", url.password)),
            ("redis_host", &format!("redis://{address}")),
        ],
    );
    Some(Bound { proxy, suites: suites.unwrap(), server })
}

impl Bound {
    /// Has the guest count once.
    async fn count(&self) -> (u16, String) {
        let answer = self.suites.client.post("/suite/count/redis/a").fetch().await.unwrap();
        (answer.status.as_u16(), answer.text())
    }

    /// What the server has counted.
    fn counted(&self) -> String {
        redis(&self.server.url(), &["INCRBY", "suites:a", "0"]).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_whose_answer_is_lost_is_not_repeated() {
    let Some(bound) = bound().await else { return };
    assert_eq!(bound.count().await, (200, "1".to_owned()));
    for lost in [2, 4, 6] {
        // A connection that is new says other things first.
        bound.proxy.set(TcpFault::LoseAnswerTo("suites:a"));
        let (status, text) = bound.count().await;
        assert!(status == 500 && text.contains("not available"), "{status}: {text}");
        assert_eq!(bound.counted(), lost.to_string());
        assert_eq!(bound.count().await, (200, (lost + 1).to_string()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_was_lost_while_nobody_used_it_is_replaced() {
    let Some(bound) = bound().await else { return };
    for count in 1..=5 {
        assert_eq!(bound.count().await, (200, count.to_string()));
        bound.proxy.set(TcpFault::Down);
        bound.proxy.closed().await;
        bound.proxy.set(TcpFault::Pass);
    }
}
