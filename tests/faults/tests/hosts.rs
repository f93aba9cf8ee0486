//! Two hosts on one PostgreSQL and one Redis: what one of them knows of people, the other one knows too.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use futures::future::join_all;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use vitrine_scenarios::client::{Answer, Client, Fetch as _, text_at};
use vitrine_scenarios::harness::{Deployment, Running, Runtime};
use vitrine_scenarios::scenarios::sessions::refreshed_at_once;
use vitrine_scenarios::user::{PASSWORD, User};
use vitrine_scenarios::{World, token};
use vitrine_servers::{Given, not_run, sql};

/// Registrations at once; `VITRINE_REGISTRATIONS=1000` is the long form.
fn registrations() -> usize {
    std::env::var("VITRINE_REGISTRATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(100)
}

const PHOTOS: &str = "/api/v1/photos";
const REGISTER: &str = "/api/v1/auth/register";

/// Two processes of the product that share their servers and nothing else.
struct Pair {
    /// Each of them.
    worlds: [World; 2],
    deployment: Deployment,
    _running: [Running; 2],
    _folder: TempDir,
}

impl Pair {
    /// Starts them with these variables, where there are servers.
    fn start(variables: &[(&str, &str)]) -> Result<Option<Self>> {
        let Given { postgres, redis, .. } = Given::from_env();
        if postgres.is_none() || redis.is_none() {
            not_run("VITRINE_TEST_POSTGRES and VITRINE_TEST_REDIS name no servers (cargo xtask test --backends)");
            return Ok(None);
        }
        let mut deployment = Deployment::product(Runtime::Host)?;
        deployment.bind(&Given { postgres, redis, ..Given::default() })?;
        for (name, value) in variables {
            deployment.set(name, value);
        }
        let one = deployment.start()?;
        // Files of its own, so that nothing is shared by way of a folder.
        let folder = tempfile::tempdir()?;
        deployment.keep_state_in(folder.path());
        let other = deployment.start()?;
        let world = |running: &Running| -> Result<World> {
            Ok(World { client: Client::new(&running.base())?, runtime: Runtime::Host, secrets: None })
        };
        let worlds = [world(&one)?, world(&other)?];
        Ok(Some(Self { worlds, deployment, _running: [one, other], _folder: folder }))
    }

    /// One of them, in turn.
    fn at(&self, n: usize) -> &World {
        let [one, other] = &self.worlds;
        if n.is_multiple_of(2) { one } else { other }
    }

    /// How many accounts there are.
    fn accounts(&self) -> Result<u64> {
        let url = self.deployment.database("auth").context("auth is on PostgreSQL")?;
        Ok(sql(url, "SELECT COUNT(*) FROM accounts")?.trim().parse()?)
    }
}

/// A session of a user, begun at one of the hosts.
struct Session {
    access: String,
    refresh: String,
}

impl Session {
    async fn begin(world: &World, user: &User) -> Result<Self> {
        let body = json!({"login": user.handle, "password": PASSWORD});
        let answer = world.client.post("/api/v1/auth/login").json(&body).fetch().await?.expect(200)?.json()?;
        let token = |name| Ok::<_, anyhow::Error>(text_at(&answer, name)?.to_owned());
        Ok(Self { access: token("/tokens/accessToken")?, refresh: token("/tokens/refreshToken")? })
    }

    async fn read(&self, world: &World) -> Result<Answer> {
        world.client.get(PHOTOS).bearer_auth(&self.access).fetch().await
    }

    async fn lives(&self, world: &World) -> Result<()> {
        self.read(world).await?.expect(200).map(drop)
    }

    /// That a host refuses it within the second that is promised, and keeps to that.
    async fn is_refused(&self, world: &World, why: &str) -> Result<()> {
        let ended = Instant::now();
        while self.read(world).await?.status != 401 {
            ensure!(ended.elapsed() < Duration::from_secs(1), "after {why}, its token is still taken");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let body = json!({"refreshToken": self.refresh});
        world.client.post("/api/v1/auth/refresh").json(&body).fetch().await?.problem(401)?;
        Ok(())
    }
}

#[tokio::test]
async fn a_session_that_one_host_begins_or_ends_is_known_to_the_other() {
    let Some(pair) = Pair::start(&[]).unwrap() else { return };
    let [one, other] = &pair.worlds;
    let user = one.register("both").await.unwrap();
    let moved = user.moved(other.clone());
    moved.get(PHOTOS).fetch().await.unwrap().expect(200).unwrap();
    let [revoked, left, elsewhere] = [
        Session::begin(one, &user).await.unwrap(),
        Session::begin(one, &user).await.unwrap(),
        Session::begin(other, &user).await.unwrap(),
    ];
    for session in [&revoked, &left, &elsewhere] {
        session.lives(one).await.unwrap();
        session.lives(other).await.unwrap();
    }

    let id = text_at(&token::claims(&revoked.access).unwrap(), "/sid").unwrap().to_owned();
    let path = format!("/api/v1/auth/sessions/{id}");
    one.client.request(Method::DELETE, &path).bearer_auth(&user.token).fetch().await.unwrap().expect(204).unwrap();
    revoked.is_refused(other, "its session was revoked").await.unwrap();
    left.lives(other).await.unwrap();

    let body = json!({"refreshToken": left.refresh});
    let answer = one.client.post("/api/v1/auth/logout").json(&body).fetch().await.unwrap();
    assert!(answer.status.is_success(), "{answer:?}");
    left.is_refused(other, "a logout").await.unwrap();
    elsewhere.lives(other).await.unwrap();

    let body = json!({"currentPassword": PASSWORD, "newPassword": "another horse and its battery"});
    let change = one.client.post("/api/v1/auth/password").bearer_auth(&user.token).json(&body);
    let answer = change.fetch().await.unwrap();
    assert!(answer.status.is_success(), "{answer:?}");
    elsewhere.is_refused(other, "a change of the password").await.unwrap();
    // Who has changed it stays.
    moved.get(PHOTOS).fetch().await.unwrap().expect(200).unwrap();
}

/// How many of these requests, one after another and in turn at both, get another answer than 429; each host's last answer.
async fn passed(count: usize, request: impl Fn(usize) -> RequestBuilder) -> Result<(usize, Vec<Answer>)> {
    let (mut passed, mut answers) = (0, Vec::new());
    for n in 0..count {
        let answer = request(n).fetch().await?;
        passed += usize::from(answer.status != 429);
        answers.push(answer);
    }
    Ok((passed, answers.split_off(count - 2)))
}

fn is_told_to_wait(answer: Answer) {
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=7200).contains(&wait), "{wait}");
    answer.problem(429).unwrap();
}

#[tokio::test]
async fn requests_to_both_count_together() {
    let limits = [("limit_address", "20/3600"), ("limit_login", "5/3600"), ("trusted_proxies", "127.0.0.0/8")];
    let Some(pair) = Pair::start(&limits).unwrap() else { return };
    let at = |n: usize| &pair.at(n).client;
    let from = |address: &str, request: RequestBuilder| request.header("x-forwarded-for", address);

    let read = |n: usize| from("198.51.100.1", at(n).get("/api/v1/auth/me"));
    let (count, last) = passed(40, read).await.unwrap();
    assert_eq!(count, 20, "{last:?}");
    last.into_iter().for_each(is_told_to_wait);

    // Each at another account, since auth slows down who guesses at one.
    let login = |n: usize| {
        let body = json!({"login": format!("nobody{n}"), "password": "wrong wrong wrong"});
        from("198.51.100.2", at(n).post("/api/v1/auth/login").json(&body))
    };
    let (count, last) = passed(10, login).await.unwrap();
    assert_eq!(count, 5, "{last:?}");
    last.into_iter().for_each(is_told_to_wait);

    let at_once = (0..40).map(|n| from("198.51.100.3", at(n).get("/api/v1/auth/me")).fetch());
    let answers: Result<Vec<Answer>> = join_all(at_once).await.into_iter().collect();
    let count = answers.unwrap().iter().filter(|answer| answer.status != 429).count();
    assert!((1..=20).contains(&count), "{count} of 40 at once");
}

#[tokio::test]
async fn a_hundred_refreshes_at_both_leave_the_session_alive() {
    let Some(pair) = Pair::start(&[]).unwrap() else { return };
    refreshed_at_once(&pair.worlds).await.unwrap();
}

/// Registers these at once, in turn at both, of which one may win.
async fn one_wins(pair: &Pair, bodies: Vec<Value>) -> Result<()> {
    let before = pair.accounts()?;
    let register = |(n, body): (usize, &Value)| pair.at(n).client.post(REGISTER).json(body).fetch();
    let answers = join_all(bodies.iter().enumerate().map(register)).await;
    let (mut won, mut lost) = (0, 0);
    for answer in answers {
        let answer = answer?;
        match answer.status.as_u16() {
            201 => won += 1,
            409 => lost += 1,
            // Under that load a database, or a service, may say that it is busy.
            503 => {}
            _ => anyhow::bail!("{}: {}", answer.status, answer.text()),
        }
    }
    ensure!(won == 1, "{won} of {} won, {lost} were told that it is taken", bodies.len());
    ensure!(lost > 0, "nobody was told that it is taken");
    ensure!(pair.accounts()? == before + 1, "there are {} accounts, and there were {before}", pair.accounts()?);
    Ok(())
}

#[tokio::test]
async fn of_many_who_want_one_handle_one_gets_it() {
    let Some(pair) = Pair::start(&[]).unwrap() else { return };
    // The tables are made when auth is asked for the first time.
    pair.at(0).register("first").await.unwrap();
    let spellings = ["wanted_name", "Wanted_Name", "WANTED_NAME", "wanteD_namE"];
    let body = |(n, handle): (usize, &&str)| json!({"email": format!("w{n}@example.org"), "handle": handle, "password": PASSWORD});
    let bodies = spellings.iter().cycle().take(registrations()).enumerate().map(body).collect();
    one_wins(&pair, bodies).await.unwrap();
    // Cyrillic а, full width, an accent, a zero-width joiner: no handles at all.
    for (n, handle) in ["w\u{430}nted_name", "ｗanted_name", "wánted_name", "wanted\u{200d}_name"].iter().enumerate()
    {
        let body = json!({"email": format!("alike{n}@example.org"), "handle": handle, "password": PASSWORD});
        pair.at(n).client.post(REGISTER).json(&body).fetch().await.unwrap().problem(422).unwrap();
    }
}

#[tokio::test]
async fn of_many_who_have_one_address_one_gets_in() {
    let Some(pair) = Pair::start(&[]).unwrap() else { return };
    pair.at(0).register("first").await.unwrap();
    // In capitals, with the accent as a letter of its own, a ligature, full width.
    let spellings = [
        "école.office@example.org",
        "ÉCOLE.OFFICE@EXAMPLE.ORG",
        "e\u{301}cole.office@example.org",
        "école.o\u{fb03}ce@example.org",
        "école.ｏffice@example.org",
    ];
    let body = |(n, email): (usize, &&str)| json!({"email": email, "handle": format!("w{n}_x"), "password": PASSWORD});
    let bodies = spellings.iter().cycle().take(registrations()).enumerate().map(body).collect();
    one_wins(&pair, bodies).await.unwrap();
    // Cyrillic о between Latin letters, and what is not seen: no addresses at all.
    for (n, email) in ["école.\u{43e}ffice@example.org", "école.\u{200b}office@example.org"].iter().enumerate() {
        let body = json!({"email": email, "handle": format!("alike{n}"), "password": PASSWORD});
        pair.at(n).client.post(REGISTER).json(&body).fetch().await.unwrap().problem(422).unwrap();
    }
}
