//! Every component has the same shape. What more it needs follows from what the manifests make of it.

use super::app_manifest::{MANIFESTS, components, triggers};
use super::{Problem, Tree};

/// The longest shim: it exports, reads variables and picks adapters; what decides belongs to the core.
const LONGEST_SHIM: usize = 150;

/// What every component has.
const ALWAYS: [&str; 5] = ["Cargo.toml", "README.md", "core/Cargo.toml", "core/src/error.rs", "core/src/lib.rs"];
/// What a component has that answers HTTP.
const WITH_HTTP: [&str; 1] = ["core/src/http.rs"];
/// What a component has that keeps rows. A keyspace is no such thing: its table is the port's (`kv-<purpose>`).
const WITH_DATABASE: [&str; 3] = ["core/src/model.rs", "core/src/service.rs", "core/src/store.rs"];

/// What the manifests make of a component.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Facts {
    http: bool,
    database: bool,
}

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for name in tree.folders("components") {
        let folder = format!("components/{name}");
        let facts = facts(tree, name);
        let mut required: Vec<&str> = ALWAYS.to_vec();
        required.push("src/lib.rs");
        if facts.http {
            required.extend(WITH_HTTP);
        }
        if facts.database {
            required.extend(WITH_DATABASE);
        }
        for file in required.into_iter().filter(|file| !tree.has(&format!("{folder}/{file}"))) {
            problems.push(Problem::new(format!("{folder}/{file}"), "is missing"));
        }
        let below = |path: &str| tree.files().any(|(file, _)| file.starts_with(&format!("{folder}/{path}")));
        if facts.database && !below("core/migrations/0001_") {
            problems.push(Problem::new(format!("{folder}/core/migrations/0001_*.sql"), "is missing"));
        }
        if !below("core/tests/") {
            problems.push(Problem::new(format!("{folder}/core/tests"), "a core is tested from outside"));
        }
        problems.extend(packages(tree, name, &folder));
        problems.extend(shim(tree, &folder));
    }
    problems
}

fn facts(tree: &Tree, name: &str) -> Facts {
    let mut facts = Facts::default();
    for manifest in MANIFESTS.map(|path| tree.toml(path)) {
        facts.http |= triggers(&manifest)
            .iter()
            .any(|(kind, table)| kind == "http" && table.get("component").and_then(toml::Value::as_str) == Some(name));
        facts.database |= components(&manifest).iter().any(|(own, table)| own == name && keeps_rows(table));
    }
    facts
}

/// Whether one of its databases is more than a keyspace.
fn keeps_rows(component: &toml::Table) -> bool {
    let labels = component.get("sqlite_databases").and_then(toml::Value::as_array).into_iter().flatten();
    labels.filter_map(toml::Value::as_str).any(|label| !label.starts_with("kv-"))
}

/// The two packages of a component and their names.
fn packages(tree: &Tree, name: &str, folder: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, expected) in [
        (format!("{folder}/Cargo.toml"), name.to_owned()),
        (format!("{folder}/core/Cargo.toml"), format!("{name}-core")),
    ] {
        let manifest = tree.toml(&path);
        let found = manifest.get("package").and_then(|package| package.get("name")).and_then(toml::Value::as_str);
        if tree.has(&path) && found != Some(expected.as_str()) {
            problems.push(Problem::new(&path, format!("the package must be called {expected}")));
        }
    }
    let path = format!("{folder}/Cargo.toml");
    let manifest = tree.toml(&path);
    let kinds = manifest.get("lib").and_then(|lib| lib.get("crate-type")).and_then(toml::Value::as_array);
    let kinds: Vec<&str> = kinds.into_iter().flatten().filter_map(|kind| kind.as_str()).collect();
    if tree.has(&path) && kinds != ["cdylib"] {
        problems.push(Problem::new(&path, "a shim needs [lib] crate-type = [\"cdylib\"]"));
    }
    problems
}

fn shim(tree: &Tree, folder: &str) -> Vec<Problem> {
    let path = format!("{folder}/src/lib.rs");
    let lines: usize = tree
        .files()
        .filter(|(file, _)| file.starts_with(&format!("{folder}/src/")))
        .map(|(_, text)| text.lines().count())
        .sum();
    let message = format!("the shim has {lines} lines; at most {LONGEST_SHIM}: what decides belongs to the core");
    if lines > LONGEST_SHIM { vec![Problem::new(path, message)] } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str =
        "[[trigger.http]]\nroute = \"/a/...\"\ncomponent = \"a\"\n[component.a]\nsqlite_databases = [\"a\"]\n";

    fn whole() -> Tree {
        let mut tree = Tree::of(&[
            ("spin.toml", APP),
            ("components/a/Cargo.toml", "[package]\nname = \"a\"\n[lib]\ncrate-type = [\"cdylib\"]\n"),
        ]);
        tree.set("components/a/core/Cargo.toml", "[package]\nname = \"a-core\"\n");
        for file in ["README.md", "src/lib.rs", "core/migrations/0001_a.sql", "core/tests/http.rs"] {
            tree.set(&format!("components/a/{file}"), "");
        }
        for file in ["error", "http", "lib", "model", "service", "store"] {
            tree.set(&format!("components/a/core/src/{file}.rs"), "");
        }
        tree
    }

    #[test]
    fn each_file_is_needed() {
        assert_eq!(check(&whole()), []);
        let paths: Vec<String> =
            whole().files().map(|(path, _)| path.to_owned()).filter(|path| path.starts_with("components/")).collect();
        assert_eq!(paths.len(), 12);
        for path in paths {
            let rest: Vec<(String, String)> = whole()
                .files()
                .filter(|(other, _)| *other != path)
                .map(|(p, t)| (p.to_owned(), t.to_owned()))
                .collect();
            let rest: Vec<(&str, &str)> = rest.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            assert_eq!(check(&Tree::of(&rest)).len(), 1, "{path}");
        }
    }

    #[test]
    fn an_engine_needs_less() {
        let mut tree = whole();
        tree.set("spin.toml", "[component.a]\n");
        let rest: Vec<(&str, &str)> = tree
            .files()
            .filter(|(path, _)| !path.contains("http.rs") && !path.contains("store") && !path.contains(".sql"))
            .collect();
        let mut engine = Tree::of(&rest);
        engine.set("components/a/core/tests/render.rs", "");
        assert_eq!(check(&engine), []);
    }

    #[test]
    fn a_keyspace_is_no_database() {
        let mut tree = whole();
        tree.set("spin.toml", &APP.replace("[\"a\"]", "[\"kv-a\"]"));
        let rest: Vec<(&str, &str)> =
            tree.files().filter(|(path, _)| !path.contains("store") && !path.contains(".sql")).collect();
        assert_eq!(check(&Tree::of(&rest)), []);
        tree.set("spin.toml", &APP.replace("[\"a\"]", "[\"a\", \"kv-a\"]"));
        let rest: Vec<(&str, &str)> = tree.files().filter(|(path, _)| !path.contains("store")).collect();
        assert_eq!(check(&Tree::of(&rest)).len(), 1);
    }

    #[test]
    fn names_and_kinds_of_packages_are_checked() {
        let mut tree = whole();
        tree.set("components/a/core/Cargo.toml", "[package]\nname = \"core\"\n");
        assert_eq!(check(&tree).len(), 1);
        let mut tree = whole();
        tree.set("components/a/Cargo.toml", "[package]\nname = \"a\"\n[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n");
        assert_eq!(check(&tree).len(), 1);
    }

    #[test]
    fn a_shim_that_grows_is_told() {
        let mut tree = whole();
        tree.set("components/a/src/lib.rs", &"x\n".repeat(151));
        assert_eq!(check(&tree).len(), 1);
    }
}
