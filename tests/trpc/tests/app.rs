//! Both clients, over every link that they have for calls by HTTP, against the running app: what a program of a user sees of
//! `auth` through the gateway.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::{Context as _, Result};
use libtest_mimic::Arguments;
use serde_json::{Value, json};
use support::trial::trial;
use vitrine_scenarios::harness::{Deployment, Runtime};
use vitrine_scenarios::user::{PASSWORD, unique};
use vitrine_servers::{not_run, npm};
use vitrine_trpc_clients::{Call, Outcome, Plan, Version};

/// Where the app's procedures are, once it runs.
static URL: OnceLock<String> = OnceLock::new();

/// The links of a client, and whether a link puts queries that are made at the same time into one request.
fn links(version: Version) -> impl Iterator<Item = (&'static str, bool)> {
    let own = match version {
        Version::V10 => ("formDataLink", true),
        Version::V11 => ("retryLink", false),
    };
    let both = [("httpLink", false), ("httpBatchLink", true), ("httpBatchStreamLink", true), ("loggerLink", true)];
    both.into_iter().chain([("splitByKind", true), own])
}

/// A client over one link, and an account that nobody else has.
#[derive(Clone)]
struct Program {
    version: Version,
    link: &'static str,
    batches: bool,
    handle: String,
}

impl Program {
    fn plan(&self) -> Plan {
        Plan::new(self.version, URL.get().unwrap(), self.link)
    }

    /// Calls with an access token.
    fn with(&self, token: &str) -> Plan {
        self.plan().header("authorization", &format!("Bearer {token}"))
    }

    fn registration(&self) -> Value {
        let email = format!("{}@example.org", self.handle);
        json!({ "email": email, "handle": self.handle, "password": PASSWORD, "displayName": "Ada" })
    }

    fn login(&self, password: &str) -> Call {
        Call::mutation("login").input(json!({ "login": self.handle, "password": password }))
    }

    /// Registers, and gives what was answered.
    async fn registered(&self) -> Value {
        let outcome = self.plan().call(Call::mutation("register").input(self.registration())).run().await.unwrap();
        outcome.data(0).unwrap().clone()
    }

    /// That a call failed like this.
    fn sees(&self, outcome: &Outcome, call: usize, code: &str, status: u16) -> Value {
        let error = outcome.error(call).unwrap().clone();
        assert_eq!(error["name"], "TRPCClientError", "{error}");
        assert_eq!((&error["data"]["code"], &error["data"]["httpStatus"]), (&json!(code), &json!(status)), "{error}");
        assert!(error["code"].as_i64().unwrap() < 0 && error["message"].as_str().is_some_and(|text| !text.is_empty()));
        error
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

macro_rules! stories {
    ($program:ident; $($name:ident),* $(,)?) => {{
        let (version, link) = ($program.version, $program.link);
        vec![$({
            let program = Program { handle: unique("p"), ..$program.clone() };
            trial(version, &format!("{link}::{}", stringify!($name)), move || $name(program))
        }),*]
    }};
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let mut trials = Vec::new();
    for version in Version::ALL {
        for (link, batches) in links(version) {
            let program = Program { version, link, batches, handle: String::new() };
            trials.extend(stories!(program; a_session_from_its_beginning_to_its_end, of_one_request_a_call_may_fail,
                a_token_that_is_none_fails_each_call, a_second_factor_is_asked_for, passwords_are_tried_one_by_one,
                who_guesses_is_told_to_wait));
        }
    }
    if !npm::is_there() {
        not_run("node and npm are not on the PATH");
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.list {
        return Ok(libtest_mimic::run(&arguments, trials).exit_code());
    }
    let deployment = Deployment::product(Runtime::from_env()?)?;
    let running = deployment.start().context("the app under test does not start")?.keeping(deployment);
    let url = URL.get_or_init(|| format!("{}/api/auth", running.base()));
    eprintln!("the app is at {url}");
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() {
        eprintln!("What the app said:\n{}", running.log());
    }
    Ok(conclusion.exit_code())
}

async fn a_session_from_its_beginning_to_its_end(program: Program) {
    let registration = program.registration();
    let by_email = json!({ "login": registration["email"], "password": PASSWORD });
    let wrong = json!({ "email": "no address", "handle": "!", "password": "short" });
    let plan = program
        .plan()
        .call(Call::mutation("register").input(registration.clone()))
        .call(program.login(PASSWORD))
        .call(Call::mutation("login").input(by_email))
        .call(program.login("not the password"))
        .call(Call::mutation("register").input(registration))
        .call(Call::mutation("register").input(wrong))
        .call(Call::query("me"))
        .call(Call::query("profile").input(json!({ "handle": program.handle })))
        .call(Call::query("nothing"));
    let outcome = plan.run().await.unwrap();
    let (begun, login) = (outcome.data(0).unwrap(), outcome.data(1).unwrap());
    assert_eq!((text(begun, "/account/handle"), text(begun, "/account/displayName")), (&*program.handle, "Ada"));
    assert_eq!(begun["account"], login["account"]);
    assert_eq!(login["tokens"]["expiresIn"], 900);
    assert_eq!(outcome.data(2).unwrap()["account"]["id"], begun["account"]["id"]);
    program.sees(&outcome, 3, "UNAUTHORIZED", 401);
    let taken = program.sees(&outcome, 4, "CONFLICT", 409);
    assert!(!text(&taken, "/data/errors/0/field").is_empty(), "{taken}");
    let invalid = program.sees(&outcome, 5, "UNPROCESSABLE_CONTENT", 422);
    assert_eq!(invalid["data"]["errors"].as_array().unwrap().len(), 3, "{invalid}");
    program.sees(&outcome, 6, "UNAUTHORIZED", 401);
    assert_eq!(outcome.data(7).unwrap()["displayName"], "Ada");
    assert_eq!(program.sees(&outcome, 8, "NOT_FOUND", 404)["data"]["path"], "nothing");
    let (first, token) = (text(begun, "/tokens/accessToken"), text(login, "/tokens/accessToken"));

    let change = |old: &str| json!({ "currentPassword": old, "newPassword": "new and better words" });
    let key = json!({ "name": "a script", "scopes": ["photos:read"], "password": PASSWORD });
    let plan = program
        .with(token)
        .call(Call::query("me"))
        .call(Call::mutation("updateProfile").input(json!({ "bio": "Counts – 数える." })))
        .call(Call::query("sessions"))
        .call(Call::mutation("apiKeys.create").input(key))
        .call(Call::query("apiKeys.list"))
        .call(Call::query("audit"))
        .call(Call::query("exportData"))
        .call(Call::mutation("changePassword").input(change("not the password")))
        .call(Call::mutation("refresh").input(json!({ "refreshToken": login["tokens"]["refreshToken"] })))
        .call(Call::mutation("changePassword").input(change(PASSWORD)));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &login["account"]);
    assert_eq!(outcome.data(1).unwrap()["bio"], "Counts – 数える.");
    assert_eq!(outcome.data(2).unwrap().as_array().unwrap().len(), 3);
    assert_eq!(outcome.data(4).unwrap()[0], outcome.data(3).unwrap()["apiKey"]);
    assert!(outcome.data(5).unwrap().as_array().unwrap().len() >= 4);
    assert_eq!(text(outcome.data(6).unwrap(), "/account/handle"), program.handle);
    assert_eq!(program.sees(&outcome, 7, "FORBIDDEN", 403)["data"]["reason"], "wrong_password");
    let refreshed = outcome.data(8).unwrap();
    assert_eq!(outcome.data(9).unwrap(), &json!({}));

    // The new password has ended the first session, and the logout ends this one.
    let refused = program.with(first).call(Call::query("me")).run().await.unwrap();
    program.sees(&refused, 0, "UNAUTHORIZED", 401);
    let plan = program.with(text(refreshed, "/tokens/accessToken"));
    let out = json!({ "refreshToken": refreshed["tokens"]["refreshToken"] });
    let plan = plan.call(Call::query("me")).call(Call::mutation("logout").input(out.clone()));
    let outcome = plan.call(Call::mutation("refresh").input(out)).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap()["bio"], "Counts – 数える.");
    assert_eq!(outcome.data(1).unwrap(), &json!({}));
    program.sees(&outcome, 2, "UNAUTHORIZED", 401);
    let refused = program.with(text(refreshed, "/tokens/accessToken")).call(Call::query("sessions"));
    program.sees(&refused.run().await.unwrap(), 0, "UNAUTHORIZED", 401);
}

async fn of_one_request_a_call_may_fail(program: Program) {
    let begun = program.registered().await;
    let plan = program.with(text(&begun, "/tokens/accessToken")).together();
    let profile = |handle: &str| Call::query("profile").input(json!({ "handle": handle }));
    let plan = plan.call(Call::query("me")).call(profile("nobody_has_this_one")).call(Call::query("sessions"));
    let outcome = plan.call(profile(&program.handle)).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &begun["account"]);
    assert_eq!(program.sees(&outcome, 1, "NOT_FOUND", 404)["data"]["path"], "profile");
    assert_eq!(outcome.data(2).unwrap()[0]["current"], true);
    assert_eq!(outcome.data(3).unwrap()["handle"], program.handle);
    let statuses: Vec<u16> = outcome.requests.iter().map(|request| request.status).collect();
    let expected: &[u16] = match (program.batches, program.link) {
        (false, _) => &[200, 200, 200, 404],
        (true, "httpBatchStreamLink") => &[200],
        (true, _) => &[207],
    };
    let mut sorted = statuses.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, expected, "{:?}", outcome.requests);
}

/// The gateway refuses, not auth.
async fn a_token_that_is_none_fails_each_call(program: Program) {
    let plan = program.with("e30.e30.e30").together().call(Call::query("me")).call(Call::query("sessions"));
    let outcome = plan.run().await.unwrap();
    for call in 0..2 {
        program.sees(&outcome, call, "UNAUTHORIZED", 401);
    }
    assert!(outcome.requests.iter().all(|request| request.status == 401), "{:?}", outcome.requests);
}

async fn a_second_factor_is_asked_for(program: Program) {
    let begun = program.registered().await;
    let plan = || program.with(text(&begun, "/tokens/accessToken"));
    let begin = Call::mutation("totp.begin").input(json!({ "password": PASSWORD }));
    let outcome = plan().call(begin).run().await.unwrap();
    let setup = outcome.data(0).unwrap();
    assert!(text(setup, "/qrSvg").contains("<svg"), "{setup}");
    let secret = totp_rs::Secret::try_from_base32(text(setup, "/secret")).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let confirm = Call::mutation("totp.confirm").input(json!({ "code": totp.generate(now).to_string() }));
    let outcome = plan().call(confirm).run().await.unwrap();
    let codes = outcome.data(0).unwrap()["recoveryCodes"].clone();
    assert_eq!(codes.as_array().unwrap().len(), 10);

    let with = |code: &Value| json!({ "login": program.handle, "password": PASSWORD, "totp": code });
    let plan = program.plan().call(program.login(PASSWORD));
    let plan = plan.call(Call::mutation("login").input(with(&json!("00000000"))));
    let plan = plan.call(Call::mutation("login").input(with(&codes[0])));
    let outcome = plan.call(Call::mutation("login").input(with(&codes[0]))).run().await.unwrap();
    for (call, reason) in [(0, "totp_required"), (1, "totp_invalid"), (3, "totp_invalid")] {
        assert_eq!(program.sees(&outcome, call, "UNAUTHORIZED", 401)["data"]["reason"], reason);
    }
    assert_eq!(outcome.data(2).unwrap()["account"]["totpEnabled"], true);
}

async fn passwords_are_tried_one_by_one(program: Program) {
    program.registered().await;
    let plan = program.plan().together().call(program.login(PASSWORD)).call(program.login(PASSWORD));
    let outcome = plan.run().await.unwrap();
    let (first, second) = (outcome.data(0), outcome.data(1));
    // A link that does not batch mutations sends two requests.
    if outcome.requests.len() == 1 {
        assert!(first.is_err() && second.is_err(), "{outcome:?}");
        program.sees(&outcome, 1, "BAD_REQUEST", 400);
    } else {
        assert!(first.is_ok() && second.is_ok(), "{outcome:?}");
    }
}

async fn who_guesses_is_told_to_wait(program: Program) {
    program.registered().await;
    // Five in a minute; another one may begin meanwhile.
    let plan = (0..12).fold(program.plan(), |plan, _| plan.call(program.login("not the password")));
    let outcome = plan.run().await.unwrap();
    program.sees(&outcome, 0, "UNAUTHORIZED", 401);
    let slowed = (1..12).find(|call| outcome.error(*call).unwrap()["data"]["httpStatus"] == 429);
    program.sees(&outcome, slowed.unwrap(), "TOO_MANY_REQUESTS", 429);
}
