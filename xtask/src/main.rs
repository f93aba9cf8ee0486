//! Every chore of the project: `cargo xtask <chore>`.

mod build;
mod cargo;
mod console;
mod wasm;
mod workspace;

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
    /// Builds the components (.wasm) into target/components.
    Build(build::Options),
}

fn main() -> Result<()> {
    let args = Args::parse();
    let console = Console::new(args.verbose);
    let workspace = Workspace::find()?;
    match args.chore {
        Chore::Build(options) => build::run(&console, &workspace, &options),
    }
}
