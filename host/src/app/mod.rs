//! Starts an app: reads its manifests, opens what they are bound to, compiles, links and listens; or says why not.

mod bind;
mod listen;
mod load;

use crate::admin::{self, Phase};
use crate::cron;
use crate::dispatch::{Callee, Dispatcher, Place};
use crate::guest::Guest;
use crate::http::{Frontend, StaticResponse, Target};
use crate::instance::GuestHandler;
use crate::manifest;
use crate::metrics::Metrics;
use crate::pubsub;
use crate::route::Router;
use crate::threads::Threads;
use anyhow::{Context, Result};
use bind::App;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::watch;
use wasmtime::Engine;
use wasmtime_wasi_http::handler::ProxyHandler;

/// Requests from outside that may be in flight when the manifest does not say.
const MAX_IN_FLIGHT: usize = 512;

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// The manifests; one at most has HTTP triggers.
    pub manifests: Vec<PathBuf>,
    /// How labels are bound; without it there are only Spin's defaults.
    pub runtime_config: Option<PathBuf>,
    /// Where databases are kept whose path is relative.
    pub state_dir: PathBuf,
    /// Variables, beside those of the environment.
    pub env_file: Option<PathBuf>,
    /// Where compiled code is kept; nowhere when nothing is said.
    pub cache_dir: Option<PathBuf>,
}

/// Checks everything that can be checked without listening: manifests, variables, bindings, and every component. It
/// makes no file.
///
/// # Errors
/// The first thing that is wrong, in one message that says what to do.
pub async fn check(options: &Options) -> Result<()> {
    let metrics = Metrics::new()?;
    let apps = bind::bind(options, &metrics)?;
    let engine = load::engine(&apps, options)?;
    load::load(&engine, &apps).await?;
    bind::could_open(&apps)
}

/// Runs an app until it is asked to end. It listens on `address` if it has HTTP triggers.
///
/// # Errors
/// What is wrong at the start; once it listens, it does not fail.
pub async fn run(options: &Options, address: SocketAddr, admin: SocketAddr) -> Result<()> {
    let start = Instant::now();
    let metrics = Metrics::new()?;
    let mut apps = bind::bind(options, &metrics)?;
    let listener = match apps.iter().any(|app| !app.manifest.http.is_empty()) {
        true => Some(listen::bind(address, "--listen").await?),
        false => None,
    };
    let admin = listen::bind(admin, "--admin").await?;
    let (phase, phases) = watch::channel(Phase::Starting);
    let admin_address = admin.local_addr()?;
    tokio::spawn(admin::serve(admin, metrics.clone(), phases));

    let engine = load::engine(&apps, options)?;
    load::load(&engine, &apps).await?;
    bind::open(&mut apps)?;
    let threads = Threads::start()?;
    let mut frontend = None;
    // Components hold only weak references to who carries their calls.
    let mut dispatchers = Vec::new();
    for app in &apps {
        let dispatcher = Dispatcher::new(callees(app, &engine, &threads));
        if !app.manifest.http.is_empty() {
            frontend = Some(Arc::new(routes(app, &dispatcher, &metrics)?));
        }
        dispatchers.push(dispatcher);
        schedule(app, &engine, &threads)?;
    }
    _ = phase.send(Phase::Ready);
    let components = apps.iter().map(|app| app.guests.len()).sum::<usize>();
    let took = start.elapsed();
    match frontend.zip(listener) {
        Some((frontend, listener)) => {
            tracing::info!(address = %listener.local_addr()?, admin = %admin_address, components, ?took, "listening");
            listen::serve(listener, &threads, frontend, &dispatchers, &phase).await
        }
        None => {
            tracing::info!(admin = %admin_address, components, ?took, "running; there is no HTTP trigger");
            crate::shutdown::asked().await
        }
    }
}

/// The components that answer HTTP requests, each with its places.
fn callees<'a>(app: &'a App, engine: &'a Engine, threads: &'a Threads) -> impl Iterator<Item = Callee> + 'a {
    app.guests.values().filter(|guest| app.manifest.answers_http(&guest.name)).map(move |guest| {
        let on = if guest.limits.cpu_bound { &threads.computing } else { &threads.serving };
        let place = |(thread, runtime): &(usize, tokio::runtime::Handle)| {
            let handler = ProxyHandler::new(GuestHandler::new(engine.clone(), guest.clone()));
            Place::new(*thread, runtime.clone(), handler, guest)
        };
        Callee::new(guest.clone(), on.iter().map(place).collect())
    })
}

fn routes(app: &App, dispatcher: &Dispatcher, metrics: &Arc<Metrics>) -> Result<Frontend> {
    let triggers = &app.manifest.http;
    let router = Router::new(triggers.iter().map(|trigger| &trigger.route));
    let target = |trigger: &manifest::HttpTrigger| match &trigger.target {
        manifest::Target::Component(id) => {
            let callee = dispatcher.find(id).with_context(|| format!("component {id} does not answer requests"))?;
            Ok(Target::Component(callee))
        }
        manifest::Target::Static { status, headers, body } => Ok(Target::Static(Box::new(StaticResponse {
            status: *status,
            headers: headers.clone(),
            body: body.clone().into(),
        }))),
    };
    let targets = triggers.iter().map(target).collect::<Result<Vec<_>>>()?;
    let max_in_flight = app.manifest.tool.max_in_flight.unwrap_or(MAX_IN_FLIGHT);
    Ok(Frontend::new(router, targets, max_in_flight, metrics.clone()))
}

/// Starts the cron and Redis triggers, each on a thread of those where its component belongs.
fn schedule(app: &App, engine: &Engine, threads: &Threads) -> Result<()> {
    for subscription in app.subscriptions()? {
        let computing = threads.turn(true)?.clone();
        threads.turn(false)?.spawn(pubsub::run(engine.clone(), subscription, computing));
    }
    for trigger in &app.manifest.cron {
        let guest: &Arc<Guest> = app.guest(&trigger.component)?;
        let runtime = threads.turn(guest.limits.cpu_bound)?;
        runtime.spawn(cron::run(engine.clone(), guest.clone(), trigger.schedule.clone()));
    }
    Ok(())
}
