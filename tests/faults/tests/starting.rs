//! What a service says that cannot start.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use vitrine_faults::{Binding, Demo};

const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_start_that_fails_is_told_once_for_each_request() {
    let demo = Demo::with(&Binding::Embedded, |deployment| deployment.set("db_backend", "postgres")).unwrap();
    let running = demo.start().unwrap();
    for _ in 0..2 {
        assert!(demo.client.entries(&running.base()).await.is_err());
    }
    running.interrupt().unwrap();
    let (_, log) = running.wait(SOON).unwrap();
    let told: Vec<&str> = log.lines().filter(|line| line.contains("SPIN_VARIABLE_DEMO_LEDGER_POSTGRES_URL")).collect();
    assert_eq!(told.len(), 2, "{log}");
    for line in told {
        assert!(line.contains("the service cannot start: the variable `postgres_url` is empty"), "{line}");
    }
}
