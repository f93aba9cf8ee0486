//! What every package's manifest has in common, and what the root says about all of them.

use super::{Problem, Tree};

const INHERITED: [&str; 5] = ["edition", "license", "publish", "rust-version", "version"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (folder, manifest) in tree.packages() {
        let path = format!("{folder}/Cargo.toml");
        let package = manifest.get("package");
        let inherits = |value: Option<&toml::Value>| value.and_then(|v| v.get("workspace")).is_some();
        for key in INHERITED {
            if !inherits(package.and_then(|package| package.get(key))) {
                problems.push(Problem::new(&path, format!("[package] needs {key}.workspace = true")));
            }
        }
        if package.and_then(|package| package.get("description")).is_none() {
            problems.push(Problem::new(&path, "[package] needs a description of one sentence"));
        }
        if manifest.get("lints").and_then(|lints| lints.get("workspace")).is_none() {
            problems.push(Problem::new(&path, "[lints] workspace = true is missing"));
        }
    }
    problems.extend(default_members(tree));
    problems
}

/// `default-members` is what builds natively: every package but the components and the kit that only they use.
fn default_members(tree: &Tree) -> Vec<Problem> {
    let root = tree.toml("Cargo.toml");
    let listed = root.get("workspace").and_then(|workspace| workspace.get("default-members"));
    let listed: Vec<&str> =
        listed.and_then(toml::Value::as_array).into_iter().flatten().filter_map(|v| v.as_str()).collect();
    let covers = |folder: &str| listed.iter().any(|pattern| matches(pattern, folder));
    tree.packages()
        .filter_map(|(folder, manifest)| {
            let native =
                manifest.get("lib").and_then(|lib| lib.get("crate-type")).is_none() && folder != "crates/guest";
            let message = match (native, covers(folder)) {
                (true, false) => format!("default-members must hold {folder}, which builds natively"),
                (false, true) => format!("default-members must not hold {folder}, which builds for Wasm only"),
                _ => return None,
            };
            Some(Problem::new("Cargo.toml", message))
        })
        .collect()
}

/// Whether a pattern such as `components/*/core` names the folder.
fn matches(pattern: &str, folder: &str) -> bool {
    let (pattern, folder): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), folder.split('/').collect());
    pattern.len() == folder.len() && pattern.iter().zip(&folder).all(|(part, name)| *part == "*" || part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"a\"\nversion.workspace = true\nedition.workspace = true\nlicense.workspace = true\n\
        publish.workspace = true\nrust-version.workspace = true\ndescription = \"A.\"\n[lints]\nworkspace = true\n";
    const ROOT: &str = "[workspace]\ndefault-members = [\"crates/a\", \"components/*/core\"]\n";

    #[test]
    fn each_line_is_needed() {
        assert_eq!(check(&Tree::of(&[("Cargo.toml", ROOT), ("crates/a/Cargo.toml", GOOD)])), []);
        for line in GOOD.lines().filter(|line| !line.starts_with("name") && !line.starts_with('[')) {
            let tree =
                Tree::of(&[("Cargo.toml", ROOT), ("crates/a/Cargo.toml", &GOOD.replace(&format!("\n{line}\n"), "\n"))]);
            assert_eq!(check(&tree).len(), 1, "{line}");
        }
    }

    #[test]
    fn what_builds_natively_is_a_default_member_and_nothing_else() {
        let shim = format!("{GOOD}[lib]\ncrate-type = [\"cdylib\"]\n");
        let good = Tree::of(&[
            ("Cargo.toml", ROOT),
            ("components/x/Cargo.toml", &shim),
            ("components/x/core/Cargo.toml", GOOD),
        ]);
        assert_eq!(check(&good), []);
        assert_eq!(check(&Tree::of(&[("Cargo.toml", ROOT), ("crates/b/Cargo.toml", GOOD)])).len(), 1);
        assert_eq!(check(&Tree::of(&[("Cargo.toml", ROOT), ("crates/a/Cargo.toml", &shim)])).len(), 1);
    }
}
