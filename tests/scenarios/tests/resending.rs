//! A client whose uploads met a kill sends all of them again, with their keys: each is there once.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::future::join_all;
use futures::{StreamExt as _, stream};
use tokio::sync::Notify;
use vitrine_scenarios::World;
use vitrine_scenarios::client::{Client, Fetch as _, list_at, text_at};
use vitrine_scenarios::harness::{Deployment, Runtime};
use vitrine_scenarios::picture::{jpeg, quarters};
use vitrine_scenarios::user::{User, unique};

const UPLOADS: u32 = 20;

/// Whoever held a key when the process died holds it for a minute.
const FREE_WITHIN: Duration = Duration::from_secs(90);

fn world(base: &str, deployment: &Deployment) -> World {
    let runtime = Runtime::from_env().unwrap();
    World { client: Client::new(base).unwrap(), runtime, secrets: deployment.secrets().cloned() }
}

/// The location of photo number `n`, if the app answers 202; none if it does not answer, or is at work on it.
async fn send(user: &User, run: &str, n: u32) -> Option<String> {
    let picture = jpeg(&quarters(900 + n, 700)).unwrap();
    let request = user.upload(&format!("number {n}")).header("idempotency-key", format!("\"{run}-{n}\"")).body(picture);
    let answer = request.fetch().await.ok()?;
    assert!(matches!(answer.status.as_u16(), 202 | 409), "{}: {}", answer.status, answer.text());
    (answer.status == 202).then(|| answer.header("location").to_owned())
}

#[tokio::test]
async fn what_is_sent_again_after_a_kill_is_there_once() {
    let deployment = Deployment::product(Runtime::from_env().unwrap()).unwrap();
    let running = deployment.start().unwrap();
    let user = world(&running.base(), &deployment).register("resi").await.unwrap();
    let (run, acknowledged, eight) = (unique("run"), Mutex::new(BTreeMap::new()), Notify::new());
    let uploads = stream::iter(0..UPLOADS).for_each_concurrent(4, |n| {
        let (user, run, acknowledged, eight) = (&user, &run, &acknowledged, &eight);
        async move {
            if let Some(location) = send(user, run, n).await {
                let mut acknowledged = acknowledged.lock().unwrap();
                acknowledged.insert(n, location);
                if acknowledged.len() == 8 {
                    eight.notify_one();
                }
            }
        }
    });
    let kill = async {
        eight.notified().await;
        running.kill().unwrap();
    };
    futures::join!(uploads, kill);
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() < UPLOADS as usize, "the kill came too late to be in the middle");

    let running = deployment.start().unwrap();
    let again = user.moved(world(&running.base(), &deployment));
    let all = join_all((0..UPLOADS).map(async |n| {
        let start = Instant::now();
        loop {
            if let Some(location) = send(&again, &run, n).await {
                return location;
            }
            assert!(start.elapsed() < FREE_WITHIN, "number {n} is held too long\n{}", running.log());
            tokio::time::sleep(Duration::from_secs(2)).await;
        }
    }));
    let locations = all.await;
    for (n, location) in &acknowledged {
        assert_eq!(&locations[*n as usize], location, "number {n} is another photo now");
    }
    let page = again.get("/api/v1/photos?limit=100").fetch().await.unwrap().expect(200).unwrap().json().unwrap();
    let mut listed: Vec<_> = list_at(&page, "/items")
        .unwrap()
        .iter()
        .map(|photo| format!("/api/v1/photos/{}", text_at(photo, "/id").unwrap()))
        .collect();
    let mut expected = locations.clone();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected, "each photo is there once");
}
