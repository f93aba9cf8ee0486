//! Every chore of the project: `cargo xtask <chore>`.

mod announce;
mod apt;
mod backends;
mod bench;
mod browser;
mod build;
mod cargo;
mod chores;
mod console;
mod env_file;
mod kills;
mod manifests;
mod native;
mod process;
mod sizes;
mod test;
mod tidy;
mod up;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::console::Console;
use crate::workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Every chore of the project.")]
struct Args {
    #[command(subcommand)]
    chore: Chore,
    /// Shows all that the tools print, as they print it.
    #[arg(long, global = true)]
    verbose: bool,
}

#[derive(Subcommand)]
enum Chore {
    /// Sets up all that is needed and runs the app.
    Up(up::Options),
    /// Runs everything that must pass; the last line says how much did.
    Test(test::Options),
    /// Starts and stops real servers (PostgreSQL, Redis, S3) on this machine.
    Backends(backends::Options),
    /// Builds the components into target/components.
    Build(build::Options),
    /// Formats all code.
    Fmt,
    /// Checks the rules of the house.
    Tidy,
    /// Builds the documentation of the native members; a broken link is an error.
    Doc,
    /// Writes docs/openapi.json and docs/problems.md anew, from the code.
    Openapi,
    /// Prints the size of each component.
    Sizes,
    /// Measures, always beside a baseline in the same run.
    Bench(bench::Options),
    /// Kills the host at random points, and checks that nothing that was acknowledged is lost or doubled.
    Kills(kills::Options),
    /// Removes what was built.
    Clean(chores::CleanOptions),
    /// Waits for an app that is starting, and says where it is.
    #[command(hide = true)]
    Announce(announce::Options),
}

fn main() -> ExitCode {
    let args = Args::parse();
    match perform(&args) {
        Ok(true) => ExitCode::SUCCESS,
        // What failed was told already.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does a chore, and returns whether it succeeded.
fn perform(args: &Args) -> Result<bool> {
    let console = Console::new(args.verbose);
    match &args.chore {
        Chore::Announce(options) => {
            announce::run(&console, options);
            return Ok(true);
        }
        Chore::Tidy => return chores::tidy(&console, &workspace::root()?).map(|()| true),
        _ => {}
    }
    let workspace = Workspace::find()?;
    match &args.chore {
        Chore::Up(options) => up::run(&console, &workspace, options),
        Chore::Test(options) => return Ok(test::run(&console, &workspace, options)),
        Chore::Backends(options) => return backends::run(&console, &workspace.root, options),
        Chore::Build(options) => build::run(&console, &workspace, options),
        Chore::Fmt => chores::fmt(&console, &workspace),
        Chore::Doc => console.run("documentation", &mut native::doc(&workspace)),
        Chore::Openapi => console.run("docs/openapi.json, docs/problems.md", &mut native::openapi(&workspace)),
        Chore::Sizes => sizes::run(&console, &workspace),
        Chore::Bench(options) => bench::run(&console, &workspace, options),
        Chore::Kills(options) => kills::run(&console, &workspace, options),
        Chore::Clean(options) => chores::clean(&console, &workspace, options),
        Chore::Tidy | Chore::Announce(_) => Ok(()),
    }
    .map(|()| true)
}
