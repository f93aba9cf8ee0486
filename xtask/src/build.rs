//! `cargo xtask build`: the components, all in one call of Cargo, copied to `target/components`.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::console::Console;
use crate::wasm;
use crate::workspace::{Member, Workspace};

/// What to build.
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Options {
    /// Builds this component only.
    #[arg(long, value_name = "NAME")]
    pub(crate) component: Option<String>,
    /// Builds the guests of the tests too.
    #[arg(long)]
    pub(crate) guests: bool,
    /// Optimises the guests as the components are, for measurements.
    #[arg(long)]
    pub(crate) optimised: bool,
}

/// The Cargo profile of what is shipped.
const COMPONENT: &str = "component";
/// That of the tests' guests, which are built to be run, not to be fast.
const GUEST: &str = "guest";

pub(crate) fn run(console: &Console, workspace: &Workspace, options: &Options) -> Result<()> {
    let members = select(workspace, options)?;
    let toolchain = wasm::Toolchain::find_or_install(console, workspace)?;
    let cheap = |member: &&Member| is_guest(&member.folder(workspace)) && !options.optimised;
    let (guests, components): (Vec<&Member>, Vec<&Member>) = members.into_iter().partition(cheap);
    for (profile, kind, members) in [(COMPONENT, "components", components), (GUEST, "guests of the tests", guests)] {
        if members.is_empty() {
            continue;
        }
        let mut command = toolchain.cargo(workspace);
        command.args(["build", "--profile", profile, "--target", wasm::TARGET]);
        for member in &members {
            command.args(["--package", &member.name]);
        }
        let label = match members.as_slice() {
            [one] => format!("build {}", one.name),
            many => format!("build {} {kind}", many.len()),
        };
        console.run(&label, &mut command)?;
        install(console, workspace, profile, &members)?;
    }
    Ok(())
}

/// Whether a package's folder is that of a guest of the tests.
fn is_guest(folder: &Path) -> bool {
    folder.parent() == Some(Path::new("tests/guests"))
}

/// The members that make a `.wasm` file, by the options.
fn select<'a>(workspace: &'a Workspace, options: &Options) -> Result<Vec<&'a Member>> {
    let mut chosen = Vec::new();
    for member in workspace.members.iter().filter(|member| member.is_component()) {
        let folder = member.folder(workspace);
        let component = folder.parent() == Some(Path::new("components"));
        let guest = is_guest(&folder);
        let wanted = match &options.component {
            Some(name) => (component || guest) && *name == member.name,
            None => component || (guest && options.guests),
        };
        if wanted {
            chosen.push(member);
        }
    }
    match (&options.component, chosen.is_empty()) {
        (Some(name), true) => bail!("no component is called {name}: see the folders in components/"),
        (None, true) => bail!("there is no component below components/"),
        _ => Ok(chosen),
    }
}

/// Copies what was built to where `spin.toml` looks, and leaves files that did not change untouched.
fn install(console: &Console, workspace: &Workspace, profile: &str, members: &[&Member]) -> Result<()> {
    let started = Instant::now();
    let target = workspace.components_dir();
    std::fs::create_dir_all(&target).with_context(|| format!("cannot create {}", target.display()))?;
    let built = workspace.wasm_target_dir().join(wasm::TARGET).join(profile);
    let mut changed = 0;
    for member in members {
        let source = built.join(member.wasm_file());
        let bytes = std::fs::read(&source).with_context(|| format!("cannot read {}", source.display()))?;
        let path = target.join(member.wasm_file());
        if std::fs::read(&path).is_ok_and(|old| old == bytes) {
            continue;
        }
        // Renamed into place, so that a host that starts at this moment reads the old file or the new one.
        let fresh = path.with_extension("wasm.new");
        std::fs::write(&fresh, &bytes).with_context(|| format!("cannot write {}", fresh.display()))?;
        std::fs::rename(&fresh, &path).with_context(|| format!("cannot write {}", path.display()))?;
        changed += 1;
    }
    console.done(true, &format!("{changed} of {} files changed in target/components", members.len()), started);
    Ok(())
}
