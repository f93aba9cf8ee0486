//! Every case of every port's suite on every adapter, inside Wasm, each as a test of its own name:
//! `cargo test -p vitrine-ports --test suites`. Adapters whose server is not given are ignored.

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context as _, Result, ensure};
use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use libtest_mimic::{Arguments, Trial};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use vitrine_ports::Suites;
use vitrine_scenarios::client::{Client, Fetch as _};
use vitrine_servers::{Given, not_run};
use vitrine_suite::Case;

/// An adapter of a port.
struct Adapter {
    port: &'static str,
    backend: &'static str,
    cases: Vec<&'static str>,
    /// Whether it has what it needs.
    given: bool,
}

fn adapters(given: &Given) -> Vec<Adapter> {
    let adapter = |port, backend, given| Adapter { port, backend, cases: cases(port), given };
    vec![
        adapter("blob", "key-value", true),
        adapter("blob", "s3", given.s3.is_some()),
        adapter("clock", "runtime", true),
        adapter("db", "postgres", given.postgres.is_some()),
        adapter("db", "sqlite", true),
        adapter("http-out", "runtime", true),
        adapter("keys", "key-value", true),
        adapter("kv", "redis", given.redis.is_some()),
        adapter("kv", "sqlite", true),
        adapter("random", "runtime", true),
        adapter("ring", "chain", true),
    ]
}

fn cases(port: &str) -> Vec<&'static str> {
    match port {
        "blob" => names(vitrine_blob::suite::CASES),
        "clock" => names(vitrine_clock::suite::CASES),
        "db" => names(vitrine_db::suite::CASES),
        "http-out" => names(vitrine_http_out::suite::CASES),
        "keys" => names(vitrine_blob::suite::KEYS_CASES),
        "kv" => names(vitrine_kv::suite::CASES),
        "random" => names(vitrine_random::suite::CASES),
        "ring" => names(vitrine_events::suite::CASES),
        _ => Vec::new(),
    }
}

fn names<S>(cases: &[Case<S>]) -> Vec<&'static str> {
    cases.iter().map(|case| case.name).collect()
}

/// The guest has one store of each kind, so cases of one adapter take turns.
type Turn = Arc<Mutex<()>>;

fn trials(adapter: &Adapter, client: Option<&Client>) -> Vec<Trial> {
    let turn = Turn::default();
    let path = format!("/suite/{}/{}", adapter.port, adapter.backend);
    let mut trials = vec![trial(adapter, "the_guest_has_the_same_cases", client, &turn, {
        let (path, cases) = (path.clone(), adapter.cases.clone());
        async move |client: Client| {
            let answer = client.get(&path).fetch().await?;
            ensure!(answer.body == cases.join("\n"), "build the guests anew; it has:\n{}", answer.text());
            Ok(())
        }
    })];
    for case in &adapter.cases {
        let path = format!("{path}/{case}");
        trials.push(trial(adapter, case, client, &turn, async move |client: Client| {
            let answer = client.post(&path).fetch().await?;
            ensure!(answer.status == 204, "{}: {}", answer.status, answer.text());
            Ok(())
        }));
    }
    trials
}

fn trial<T>(adapter: &Adapter, name: &str, client: Option<&Client>, turn: &Turn, test: T) -> Trial
where
    T: AsyncFnOnce(Client) -> Result<()> + Send + 'static,
{
    let (client, turn) = (client.cloned(), Arc::clone(turn));
    Trial::test(format!("{}::{}::{name}", adapter.port, adapter.backend), move || {
        let run = || -> Result<()> {
            let client = client.context("there is no guest")?;
            let runtime = Builder::new_current_thread().enable_all().build()?;
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            runtime.block_on(test(client))
        };
        run().map_err(|error| format!("{error:#}").into())
    })
    .with_ignored_flag(!adapter.given)
}

/// The server that the cases of outbound HTTP call. It ends with the process.
struct Echo {
    origin: String,
    _runtime: Runtime,
}

impl Echo {
    fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let origin = format!("http://{}", listener.local_addr()?);
        let router = vitrine_http_out::echo().merge(relay());
        runtime.spawn(async move { axum::serve(listener, router).await });
        Ok(Self { origin, _runtime: runtime })
    }
}

/// Counts the rings that it hears.
fn relay() -> Router {
    let rung = Arc::new(AtomicU64::new(0));
    let heard = Arc::clone(&rung);
    let ring = post(move || async move {
        rung.fetch_add(1, Ordering::SeqCst);
        StatusCode::ACCEPTED
    });
    Router::new()
        .route("/_ring", ring)
        .route("/heard", get(move || async move { heard.load(Ordering::SeqCst).to_string() }))
}

fn run() -> Result<ExitCode> {
    let (arguments, given) = (Arguments::from_args(), Given::from_env());
    let adapters = adapters(&given);
    if arguments.list {
        let trials = adapters.iter().flat_map(|adapter| trials(adapter, None)).collect();
        return Ok(libtest_mimic::run(&arguments, trials).exit_code());
    }
    for adapter in adapters.iter().filter(|adapter| !adapter.given) {
        not_run(&format!("{} on {}, since no server is given", adapter.port, adapter.backend));
    }
    let echo = Echo::start()?;
    let variables = [("echo_url", echo.origin.as_str())];
    let suites = Suites::start(&given, &variables).context("the guest does not start")?;
    let trials = adapters.iter().flat_map(|adapter| trials(adapter, Some(&suites.client))).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() {
        eprintln!("What the guest said:\n{}", suites.running.log());
    }
    Ok(conclusion.exit_code())
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
