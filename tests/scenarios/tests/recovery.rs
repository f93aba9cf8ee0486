//! The app is killed, or asked to end, in the middle of its work.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::Duration;

use futures::future::join_all;
use futures::{StreamExt as _, stream};
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;
use vitrine_scenarios::client::{Client, Fetch as _, text_at};
use vitrine_scenarios::harness::{Deployment, Runtime, repository};
use vitrine_scenarios::picture::{jpeg, quarters};
use vitrine_scenarios::user::User;
use vitrine_scenarios::{World, raw};

/// A delivery that died with the process is tried again when its lease is over: a minute, and then some.
const RECOVERED_WITHIN: Duration = Duration::from_secs(120);
const UPLOADS: usize = 20;

fn runtime() -> Runtime {
    Runtime::from_env().unwrap()
}

fn world(base: &str, deployment: &Deployment) -> World {
    World { client: Client::new(base).unwrap(), runtime: runtime(), secrets: deployment.secrets().cloned() }
}

/// Rings every second for as long as it is polled: what the sweeper does, where one process cannot run it too.
async fn ring(world: World) {
    let token = world.secrets.as_ref().unwrap().ring_token.clone();
    loop {
        world.client.post("/api/v1/ring").bearer_auth(&token).fetch().await.unwrap().expect(202).unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Waits for something that comes soon.
async fn until(what: &str, is_so: impl AsyncFn() -> bool) {
    let mut pauses = 500;
    while !is_so().await {
        pauses -= 1;
        assert!(pauses > 0, "not within five seconds: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn every_acknowledged_photo_survives_a_kill() {
    let mut deployment = Deployment::product(runtime()).unwrap();
    if runtime() == Runtime::Host {
        deployment.also(&repository().join("spin.cron.toml"));
    }
    let running = deployment.start().unwrap();
    let user = world(&running.base(), &deployment).register("kilian").await.unwrap();

    // Four at a time; the kill comes when eight are acknowledged, so it falls into uploads and into processing.
    let (acknowledged, mut acknowledgements) = mpsc::unbounded_channel();
    let uploads = stream::iter(0..UPLOADS).for_each_concurrent(4, |n| {
        let (user, acknowledged) = (&user, acknowledged.clone());
        async move {
            let picture = jpeg(&quarters(900 + n as u32, 700)).unwrap();
            // After the kill there is nobody to accept anything.
            if let Ok(id) = user.accepted(&format!("number {n}"), picture).await {
                acknowledged.send(id).unwrap();
            }
        }
    });
    let kill = async {
        let mut ids = Vec::new();
        while ids.len() < 8 {
            ids.push(acknowledgements.recv().await.expect("the app accepts uploads until it is killed"));
        }
        running.kill().unwrap();
        ids
    };
    let ((), mut ids) = futures::join!(uploads, kill);
    drop(acknowledged);
    while let Some(id) = acknowledgements.recv().await {
        ids.push(id);
    }
    assert!(ids.len() < UPLOADS, "the kill came too late to be in the middle");

    let running = deployment.start().unwrap();
    let again: User = user.moved(world(&running.base(), &deployment));
    let all_settled = join_all(ids.iter().map(|id| again.settled_within(id, RECOVERED_WITHIN)));
    let settled = match runtime() {
        Runtime::Host => all_settled.await,
        Runtime::Spin => tokio::select! {
            settled = all_settled => settled,
            () = ring(world(&running.base(), &deployment)) => unreachable!(),
        },
    };
    for (id, photo) in ids.iter().zip(settled) {
        let photo = photo.unwrap_or_else(|error| panic!("{id}: {error:?}\n{}", running.log()));
        let status = text_at(&photo, "/status").unwrap();
        // Two tries may die before a picture is given up, and there was one kill.
        assert_eq!(status, "processed", "{photo}");
    }
    // And the app goes on as if nothing had happened.
    again.processed(jpeg(&quarters(64, 64)).unwrap()).await.unwrap();
}

#[tokio::test]
async fn a_stop_lets_requests_in_flight_finish() {
    if runtime() == Runtime::Spin {
        // Spin ends at once, and whoever was uploading tries again.
        return;
    }
    let deployment = Deployment::product(runtime()).unwrap();
    let running = deployment.start().unwrap();
    let user = world(&running.base(), &deployment).register("lars").await.unwrap();
    let picture = jpeg(&quarters(900, 700)).unwrap();
    let (first, rest) = picture.split_at(picture.len() / 2);
    let head = format!(
        "POST /api/v1/photos?title=late HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
        user.token,
        picture.len()
    );
    let mut upload = raw::connect(&running.base()).await.unwrap();
    upload.write_all(&[head.as_bytes(), first].concat()).await.unwrap();
    let admin = Client::new(&running.admin()).unwrap();
    until("the upload is under way", async || {
        let metrics = admin.get("/metrics").fetch().await.unwrap().expect(200).unwrap();
        String::from_utf8_lossy(&metrics.body).contains("\nvitrine_in_flight 1\n")
    })
    .await;

    running.interrupt().unwrap();
    until("new connections are refused", async || raw::connect(&running.base()).await.is_err()).await;
    upload.write_all(rest).await.unwrap();
    let answer = raw::read_answer(&mut upload).await.unwrap();
    assert_eq!(answer.status, Some(202), "{answer:?}");
    let (status, log) = running.wait(Duration::from_secs(15)).unwrap();
    assert!(status.success(), "{status}\n{log}");

    // What was acknowledged then is there after the next start.
    let running = deployment.start().unwrap();
    let again = user.moved(world(&running.base(), &deployment));
    let list = again.get("/api/v1/photos").fetch().await.unwrap().expect(200).unwrap().json().unwrap();
    assert_eq!(text_at(&list, "/items/0/title").unwrap(), "late", "{list}");
}

#[test]
fn an_idle_app_stops_at_once() {
    if runtime() == Runtime::Spin {
        // Its exit code is its own affair.
        return;
    }
    let deployment = Deployment::product(runtime()).unwrap();
    let running = deployment.start().unwrap();
    running.terminate().unwrap();
    let (status, log) = running.wait(Duration::from_secs(3)).unwrap();
    assert!(status.success(), "{status}\n{log}");
}
