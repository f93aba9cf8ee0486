//! The product on an S3 server that fails for a while: whoever was answered 202 has his photo processed in the end, and nobody
//! else has one.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::RefCell;
use std::time::Duration;

use anyhow::{Result, ensure};
use futures::future::try_join_all;
use vitrine_fault_proxy::{Fault, HttpProxy, Rule, Seen};
use vitrine_scenarios::World;
use vitrine_scenarios::client::{Client, Fetch as _, list_at, text_at};
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};
use vitrine_scenarios::picture::{jpeg, quarters};
use vitrine_scenarios::user::User;
use vitrine_servers::{Alone, Given, S3, Url};

/// How long the server fails: the adapter's own tries are over long before, and some deliveries too.
const AWAY: Duration = Duration::from_secs(12);
/// Between two uploads of one sender.
const PAUSE: Duration = Duration::from_millis(250);
/// Deliveries that failed are tried again within a minute.
const RECOVERED_WITHIN: Duration = Duration::from_secs(120);

struct Bound {
    proxy: HttpProxy,
    running: Running,
    user: User,
    _server: Alone<S3>,
}

/// The product with its sweeper, bound to a server of its own through a proxy; none where s3s-fs is not installed.
async fn bound() -> Result<Option<Bound>> {
    let Some(server) = S3::alone()? else { return Ok(None) };
    let Url { user, password, port, .. } = Url::parse(&server.url())?;
    let proxy = HttpProxy::start(&format!("127.0.0.1:{port}")).await?;
    let address = proxy.url().replace("http://", "");
    let mut deployment = Deployment::product(Runtime::Host)?;
    deployment.also(&repository().join("spin.cron.toml"));
    deployment.bind(&Given { s3: Some(format!("http://{user}:{password}@{address}")), ..Given::default() })?;
    let running = deployment.start()?;
    let (client, secrets) = (Client::new(&running.base())?, deployment.secrets().cloned());
    let user = World { client, runtime: Runtime::Host, secrets }.register("sthree").await?;
    Ok(Some(Bound { proxy, running: running.keeping(deployment), user, _server: server }))
}

impl Bound {
    /// Uploads a picture of its own: the photo's id, or none if it was refused with 503.
    async fn upload(&self, number: u32) -> Result<Option<String>> {
        let picture = jpeg(&quarters(60 + number, 40))?;
        let answer = self.user.upload(&format!("number {number}")).body(picture).fetch().await?;
        if answer.status == 503 {
            return Ok(None);
        }
        let answer = answer.expect(202)?.json()?;
        Ok(Some(text_at(&answer, "/photo/id")?.to_owned()))
    }

    /// All photos of the user, the newest first.
    async fn listed(&self) -> Result<Vec<String>> {
        let (mut ids, mut path) = (Vec::new(), "/api/v1/photos".to_owned());
        loop {
            let list = self.user.get(&path).fetch().await?.expect(200)?.json()?;
            for item in list_at(&list, "/items")? {
                ids.push(text_at(item, "/id")?.to_owned());
            }
            let Ok(cursor) = text_at(&list, "/nextCursor") else { return Ok(ids) };
            path = format!("/api/v1/photos?cursor={cursor}");
        }
    }

    /// Asserts that these photos are processed in the end, and that there are no others.
    async fn kept(&self, ids: &[String]) -> Result<()> {
        let all = ids.iter().map(|id| self.user.settled_within(id, RECOVERED_WITHIN));
        for photo in try_join_all(all).await? {
            ensure!(text_at(&photo, "/status")? == "processed", "{photo}\n{}", self.running.log());
        }
        let mut listed = self.listed().await?;
        listed.reverse();
        ensure!(listed == ids, "listed {listed:?}, acknowledged {ids:?}");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_fails_while_photos_are_uploaded() -> Result<()> {
    let Some(bound) = bound().await? else { return Ok(()) };
    let (acknowledged, refused, over) = (RefCell::new(Vec::new()), RefCell::new(0), RefCell::new(false));
    let sender = async {
        for number in 0.. {
            if *over.borrow() {
                break;
            }
            match bound.upload(number).await? {
                Some(id) => acknowledged.borrow_mut().push(id),
                None => *refused.borrow_mut() += 1,
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok::<_, anyhow::Error>(())
    };
    let weather = async {
        let more = async || {
            let before = acknowledged.borrow().len();
            let patience = tokio::time::Instant::now() + RECOVERED_WITHIN;
            while acknowledged.borrow().len() < before + 3 {
                ensure!(tokio::time::Instant::now() < patience, "nothing is accepted\n{}", bound.running.log());
                tokio::time::sleep(PAUSE).await;
            }
            Ok(())
        };
        more().await?;
        bound.proxy.set(Rule::every(Fault::Status(503)));
        tokio::time::sleep(AWAY).await;
        bound.proxy.heal();
        more().await?;
        *over.borrow_mut() = true;
        Ok(())
    };
    futures::try_join!(sender, weather)?;
    let (acknowledged, refused) = (acknowledged.into_inner(), refused.into_inner());
    eprintln!("{} acknowledged, {refused} refused", acknowledged.len());
    ensure!(refused > 0, "nobody was refused, so nothing has failed");
    bound.kept(&acknowledged).await
}

/// All that the worker asks for, and nothing that an upload does.
fn of_the_worker(seen: &Seen) -> bool {
    seen.method == "GET" || seen.method == "HEAD" || seen.path.contains("derivatives")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_fails_after_photos_were_accepted() -> Result<()> {
    let Some(bound) = bound().await? else { return Ok(()) };
    bound.proxy.set(Rule::when(Fault::Status(503), of_the_worker));
    let mut acknowledged = Vec::new();
    for number in 0..5 {
        acknowledged.extend(bound.upload(number).await?);
    }
    ensure!(acknowledged.len() == 5, "an upload was refused\n{}", bound.running.log());
    tokio::time::sleep(AWAY).await;
    for id in &acknowledged {
        let photo = bound.user.photo(id).await?;
        ensure!(text_at(&photo, "/status")? == "received", "{photo}");
    }
    ensure!(bound.proxy.seen().iter().any(|seen| seen.fault.is_some()), "the worker has asked for nothing");
    bound.proxy.heal();
    bound.kept(&acknowledged).await
}
