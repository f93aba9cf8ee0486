//! Logins, and argon2id alone at the same cost.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use auth_core::Password;
use serde_json::{Value, json};
use vitrine_random::SystemRandom;
use vitrine_scenarios::client::text_at;
use vitrine_scenarios::user::{PASSWORD, User};

use super::site::Site;
use crate::figures::Figure;
use crate::load::each;
use crate::native::{ARGON2, hashing};
use crate::server::cpu_time;

/// How many are on their way at once: as many as auth has instances, and fewer than may be tried at one account.
const AT_ONCE: usize = 2;

/// Sessions that an account begins, fewer than it may have.
const SESSIONS: usize = 50;

/// Access tokens that were not used yet, at auth without and with the gateway.
pub(super) struct Fresh {
    pub(super) direct: Vec<String>,
    pub(super) guarded: Vec<String>,
}

/// What some of the same cost.
struct Cost {
    rate: f64,
    cpu: f64,
}

impl Cost {
    fn of(count: usize, length: Duration, cpu: Duration) -> Self {
        Self { rate: count as f64 / length.as_secs_f64(), cpu: cpu.as_secs_f64() * 1000.0 / count as f64 }
    }

    fn figure(&self, what: String, hash: Option<&Self>) -> Figure {
        let ratio = hash.map(|hash| format!(" = {:.2}", self.cpu / hash.cpu)).unwrap_or_default();
        Figure::plain(what, format!("{:.0}/s, {:.1} ms{ratio}", self.rate, self.cpu))
    }
}

pub(super) fn measure(direct: &Site, guarded: &Site, count: usize) -> Result<(Vec<Figure>, Fresh)> {
    let hash = hashes(count)?;
    let (without, tokens_direct) = logins(direct, count)?;
    let (with, tokens_guarded) = logins(guarded, count)?;
    let (memory, iterations) = ARGON2;
    let figures = vec![
        hash.figure(format!("argon2id alone, {memory} KiB, t={iterations}: rate, CPU of one"), None),
        without.figure("login without the gateway: rate, CPU of one".to_owned(), Some(&hash)),
        with.figure("login through the gateway: rate, CPU of one".to_owned(), Some(&hash)),
    ];
    Ok((figures, Fresh { direct: tokens_direct, guarded: tokens_guarded }))
}

/// Checks of a password, natively, as many at once as there are logins.
fn hashes(count: usize) -> Result<Cost> {
    let (hashing, password) = (hashing()?, Password::parse(PASSWORD)?);
    let stored = hashing.hash(&password, &SystemRandom)?;
    let (start, cpu) = (Instant::now(), cpu_time(std::process::id())?);
    let share = count.div_ceil(AT_ONCE);
    thread::scope(|scope| {
        let check = || -> Result<()> {
            (0..share).try_for_each(|_| {
                let known = hashing.verify(Some(&password), Some(&stored))?;
                anyhow::ensure!(known, "argon2id does not know the password");
                Ok(())
            })
        };
        let threads: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(check)).collect();
        threads.into_iter().try_for_each(|it| it.join().map_err(|_| anyhow::anyhow!("a thread panicked"))?)
    })?;
    Ok(Cost::of(share * AT_ONCE, start.elapsed(), cpu_time(std::process::id())? - cpu))
}

fn logins(site: &Site, count: usize) -> Result<(Cost, Vec<String>)> {
    // The oldest session of an account ends when there are too many.
    let users = (0..count.div_ceil(SESSIONS)).map(|_| site.register()).collect::<Result<Vec<_>>>()?;
    let request = |user: &User| {
        let body = json!({"login": user.handle, "password": PASSWORD}).to_string();
        let (address, length) = (site.server.address, body.len());
        let head = format!("POST /api/v1/auth/login HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}");
        format!("{head}\r\ncontent-type: application/json\r\n\r\n{body}").into_bytes()
    };
    let requests: Vec<_> = users.iter().cycle().take(count).map(request).collect();
    // Instances and connections before the clock runs.
    each(site.server.address, AT_ONCE, requests.get(..AT_ONCE.min(count)).unwrap_or_default())
        .with_context(|| format!("login, {}", site.server.name))?;
    let (start, cpu) = (Instant::now(), site.cpu_time()?);
    let answers =
        each(site.server.address, AT_ONCE, &requests).with_context(|| format!("login, {}", site.server.name))?;
    let cost = Cost::of(count, start.elapsed(), site.cpu_time()? - cpu);
    let token = |(body, _): &(Vec<u8>, Duration)| {
        let answer: Value = serde_json::from_slice(body)?;
        Ok(text_at(&answer, "/tokens/accessToken")?.to_owned())
    };
    Ok((cost, answers.iter().map(token).collect::<Result<_>>()?))
}
