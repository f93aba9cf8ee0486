//! The limits of an app and of its deployment, and what the manifest answers itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use futures::future::join_all;
use vitrine_denied::app::{App, RUNTIME_CONFIG};
use vitrine_denied::watch::{instances, others_answer};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_loop_lets_others_run_on_its_thread() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/echo/").await.unwrap().expect(200).unwrap();
    let threads = std::thread::available_parallelism().unwrap().get();
    let loops = join_all((0..2 * threads).map(|n| {
        let app = &app;
        async move { app.problem("/loop-among-others/loop", 504, &format!("among-{n}")).await.unwrap() }
    }));
    others_answer(&app, loops).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn requests_beyond_the_limit_are_turned_away() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/slow/").await.unwrap().expect(200).unwrap();
    let answers = join_all((0..120).map(|_| app.get("/slow/late?600"))).await;
    let (mut answered, mut turned_away) = (0, 0);
    for answer in answers {
        let answer = answer.unwrap();
        if answer.status == 200 {
            answered += 1;
        } else {
            assert_eq!(answer.header("retry-after"), "1", "{}", answer.text());
            answer.problem(503).unwrap();
            turned_away += 1;
        }
    }
    assert!(answered >= 1 && turned_away >= 1, "{answered} were answered and {turned_away} turned away");
    let counted = format!("vitrine_rejected_total {turned_away}");
    let metrics = app.metrics().await.unwrap();
    assert!(metrics.lines().any(|line| line == counted), "not {counted}:\n{metrics}");
    app.get("/slow/").await.unwrap().expect(200).unwrap();
}

/// Which request of its instance the guest says this one is.
async fn nth(app: &App) -> u32 {
    app.get("/trap/").await.unwrap().expect(200).unwrap().text().parse().unwrap()
}

#[tokio::test]
async fn an_instance_is_replaced_after_its_last_request_and_after_idleness() {
    let app = App::start("hostile", &[]).unwrap();
    let mut seen = Vec::new();
    for _ in 0..30 {
        seen.push(nth(&app).await);
    }
    assert_eq!(seen.iter().max(), Some(&7), "an instance serves seven requests: {seen:?}");
    assert!(seen.iter().filter(|nth| **nth == 1).count() >= 4, "{seen:?}");

    // One that has served, but not seven times.
    while nth(&app).await < 2 {}
    let start = Instant::now();
    while instances(&app, "trap").await.unwrap() > 0 {
        assert!(start.elapsed() < Duration::from_secs(10), "an idle instance is kept");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(nth(&app).await, 1);
}

#[tokio::test]
async fn a_deployment_may_allow_less_memory_than_the_manifest() {
    let config = format!("max_instance_memory = {}\n{RUNTIME_CONFIG}", 16 << 20);
    let app = App::start_with("hostile", &[], &config).unwrap();
    let got: u32 = app.get("/hog/count").await.unwrap().expect(200).unwrap().text().parse().unwrap();
    assert!((4..16).contains(&got), "of 16 MiB it got {got}");
}

#[tokio::test]
async fn the_manifest_itself_answers() {
    let app = App::start("hostile", &[]).unwrap();
    let answer = app.get("/fixed").await.unwrap().expect(203).unwrap();
    assert_eq!((answer.text().as_str(), answer.header("x-from")), ("always the same", "the manifest"));
    assert!(!answer.header("x-request-id").is_empty(), "{:?}", answer.headers);
}
