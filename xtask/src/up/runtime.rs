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
    command.arg("--cache-dir").arg(workspace.root.join("target/compiled"));
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

#[cfg(test)]
mod tests {
    use super::super::Runtime;
    use super::*;

    fn options(runtime: Runtime) -> Options {
        Options {
            listen: "127.0.0.1:3000".parse().unwrap(),
            admin: "127.0.0.1:9464".parse().unwrap(),
            data: "data".into(),
            fresh: false,
            backends: false,
            log: "info".into(),
            runtime,
        }
    }

    fn workspace(root: &Path) -> Workspace {
        Workspace { root: root.to_path_buf(), target_dir: root.join("target"), members: Vec::new() }
    }

    fn arguments(command: &Command) -> String {
        command.get_args().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_manifest_of_redis_is_loaded_where_the_app_rings_by_redis() {
        let root = Path::new("/clone");
        let redis = |ring: &str| {
            let values = [("ring_backend".to_owned(), ring.to_owned())].into();
            let command = host(&workspace(root), &options(Runtime::Host), Path::new("/data"), Path::new("/e"), &values);
            arguments(&command).contains("--from spin.redis.toml")
        };
        assert!(redis("redis"));
        assert!(!redis("chain"));
    }

    #[test]
    fn spin_keeps_everything_in_the_data_folder_and_knows_the_secrets() {
        let root = tempfile::tempdir().unwrap();
        let (data, file) = (root.path().join("data"), root.path().join(".env"));
        std::fs::write(&file, "SPIN_VARIABLE_RING_TOKEN=s3same\n").unwrap();
        let command = spin(&workspace(root.path()), &options(Runtime::Spin), &data, &file).unwrap();
        assert_eq!(command.get_current_dir(), Some(data.as_path()));
        let arguments = arguments(&command);
        assert!(
            arguments.starts_with(&format!("up --from {}", root.path().join("spin.toml").display())),
            "{arguments}"
        );
        assert!(arguments.ends_with(&format!("--state-dir {}", data.display())), "{arguments}");
        let secret =
            command.get_envs().find(|(name, _)| *name == "SPIN_VARIABLE_RING_TOKEN").and_then(|(_, value)| value);
        assert_eq!(secret, Some("s3same".as_ref()));
    }
}
