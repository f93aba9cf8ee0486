//! The test programs that a build left, as Cargo's messages tell. They are run one by one, since a second call of Cargo that
//! chooses other packages would choose other features, and compile wasmtime again.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::workspace::Workspace;

/// A test program.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Binary {
    /// The package that it belongs to.
    pub(crate) package: String,
    /// The package, and the test where it is not the package's own unit tests.
    pub(crate) label: String,
    /// Absolute folder of the package, where the program expects to be run.
    pub(crate) folder: PathBuf,
    pub(crate) program: PathBuf,
    black_box: bool,
}

impl Binary {
    /// Whether it drives the built app from outside.
    pub(crate) fn is_black_box(&self) -> bool {
        self.black_box
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    manifest_path: Option<PathBuf>,
    target: Option<Target>,
    profile: Option<Profile>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

/// Reads Cargo's messages, one JSON object a line, and returns the test programs by label.
pub(crate) fn find(messages: &str, workspace: &Workspace) -> Vec<Binary> {
    let mut found: Vec<Binary> = messages
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .filter_map(|message| binary(message, workspace))
        .collect();
    found.sort_by(|a, b| a.label.cmp(&b.label));
    found
}

fn binary(message: Message, workspace: &Workspace) -> Option<Binary> {
    if message.reason != "compiler-artifact" || !message.profile?.test {
        return None;
    }
    let folder = message.manifest_path?.parent()?.to_path_buf();
    let relative = folder.strip_prefix(&workspace.root).unwrap_or(Path::new("")).to_path_buf();
    let package = workspace.members.iter().find(|member| member.folder(workspace) == relative)?.name.clone();
    let target = message.target?;
    if target.kind.iter().any(|kind| kind == "bench") {
        return None;
    }
    let label = if target.kind.iter().any(|kind| kind == "test") {
        format!("{package} ({})", target.name)
    } else {
        package.clone()
    };
    Some(Binary { package, label, black_box: super::is_black_box(&relative), folder, program: message.executable? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_programs_are_found() {
        let workspace: Workspace = serde_json::from_str(
            r#"{"workspace_root":"/w","target_directory":"/w/target","packages":[
                {"name":"vitrine-db","manifest_path":"/w/crates/db/Cargo.toml","targets":[]},
                {"name":"vitrine-denied","manifest_path":"/w/tests/denied/Cargo.toml","targets":[]}]}"#,
        )
        .unwrap();
        let messages = r#"
{"reason":"compiler-artifact","manifest_path":"/w/tests/denied/Cargo.toml","target":{"name":"kv","kind":["test"]},"profile":{"test":true},"executable":"/w/target/kv"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/db/Cargo.toml","target":{"name":"vitrine_db","kind":["lib"]},"profile":{"test":true},"executable":"/w/target/db"}
{"reason":"compiler-artifact","manifest_path":"/w/crates/db/Cargo.toml","target":{"name":"vitrine_db","kind":["lib"]},"profile":{"test":false},"executable":null}
{"reason":"build-finished","success":true}"#;
        let found = find(messages, &workspace);
        let labels: Vec<_> = found.iter().map(|binary| (binary.label.as_str(), binary.is_black_box())).collect();
        assert_eq!(labels, [("vitrine-db", false), ("vitrine-denied (kv)", true)]);
    }
}
