//! The command that runs the app, on the host or on Spin.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::{Options, data};
use crate::backends::check::chosen;
use crate::workspace::Workspace;
use crate::{env_file, manifests};

pub(super) fn host(
    workspace: &Workspace,
    options: &Options,
    data: &Path,
    env_file: &Path,
    values: &BTreeMap<String, String>,
) -> Command {
    let mut command = crate::cargo::tool(&workspace.root, workspace.host_program());
    command.args(["up", "--from", manifests::HTTP, "--from", manifests::CRON]);
    if chosen(values, "ring_backend", "redis") {
        command.args(["--from", manifests::REDIS]);
    }
    command.arg("--listen").arg(options.listen.to_string());
    command.arg("--admin").arg(options.admin.to_string());
    command.arg("--runtime-config-file").arg(data.join(data::RUNTIME_CONFIG));
    command.arg("--state-dir").arg(data);
    command.arg("--env-file").arg(env_file);
    command.arg("--log").arg(&options.log);
    command
}

/// Spin, which looks for SQLite files below the folder that it is started in, and for no file of variables but its manifest's.
pub(super) fn spin(workspace: &Workspace, options: &Options, data: &Path, env_file: &Path) -> Result<Command> {
    let mut command = crate::cargo::tool(data, "spin");
    command.args(["up", "--from"]).arg(workspace.root.join(manifests::HTTP));
    command.arg("--listen").arg(options.listen.to_string());
    command.arg("--runtime-config-file").arg(data.join(data::RUNTIME_CONFIG));
    command.arg("--state-dir").arg(data);
    let known = |name: &String| std::env::var_os(name).is_some();
    command.envs(env_file::read(env_file)?.into_iter().filter(|(name, _)| !known(name)));
    Ok(command)
}
