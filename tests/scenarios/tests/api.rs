//! Runs every scenario against one app, each as a test of its own name: `cargo test -p vitrine-scenarios --test api`.

use std::env;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use libtest_mimic::{Arguments, Trial};
use vitrine_scenarios::client::Client;
use vitrine_scenarios::harness::{Deployment, Running, Runtime, Secrets};
use vitrine_scenarios::scenarios;
use vitrine_scenarios::{Scenario, World};

/// The app that the scenarios run against, and the process to end afterwards, if it is ours.
fn app(runtime: Runtime) -> Result<(String, Option<Secrets>, Option<Running>)> {
    if let Ok(base) = env::var("VITRINE_BASE_URL") {
        return Ok((base, None, None));
    }
    let mut deployment = Deployment::product(runtime)?;
    // So that a body beyond the limit is a matter of milliseconds.
    deployment.set("upload_max_bytes", "8388608");
    let running = deployment.start()?;
    let secrets = deployment.secrets().cloned();
    Ok((running.base(), secrets, Some(running.keeping(deployment))))
}

fn trial(scenario: &Scenario, base: &str, runtime: Runtime, secrets: Option<&Secrets>) -> Trial {
    let (base, secrets, run) = (base.to_owned(), secrets.cloned(), scenario.run);
    let ignored = scenario.skipped(runtime, secrets.is_some()).is_some();
    Trial::test(scenario.name, move || {
        let start = || -> Result<()> {
            let runtime_of_this = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let world = World { client: Client::new(&base)?, runtime, secrets };
            runtime_of_this.block_on(run(world))
        };
        start().map_err(|error| format!("{error:?}").into())
    })
    .with_ignored_flag(ignored)
}

fn run() -> Result<ExitCode> {
    let arguments = Arguments::from_args();
    let runtime = Runtime::from_env()?;
    let all = scenarios::all();
    if arguments.list {
        let trials = all.iter().map(|scenario| trial(scenario, "", runtime, None)).collect();
        return Ok(libtest_mimic::run(&arguments, trials).exit_code());
    }
    let (base, secrets, running) = app(runtime).context("the app under test does not start")?;
    let trials = all.iter().map(|scenario| trial(scenario, &base, runtime, secrets.as_ref())).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if let (true, Some(running)) = (conclusion.has_failed(), &running) {
        eprintln!("What the app said:\n{}", running.log());
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
