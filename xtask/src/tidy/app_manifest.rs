//! The app's manifests are uniform: alphabetical blocks, the same keys in the same order, an entry for each component.

use std::collections::BTreeSet;

use super::{Problem, Tree};

/// The manifests, one for each kind of trigger.
pub(super) const MANIFESTS: [&str; 3] = crate::manifests::ALL;

/// The order of a component's blocks.
const BLOCKS: [&str; 5] = ["", "variables", "dependencies", "build", "tool.vitrine"];
/// The order of the keys in a component's first block.
const KEYS: [&str; 6] =
    ["source", "key_value_stores", "sqlite_databases", "allowed_outbound_hosts", "files", "environment"];

/// The components of a manifest, by name.
pub(super) fn components(manifest: &toml::Table) -> Vec<(String, toml::Table)> {
    let table = manifest.get("component").and_then(toml::Value::as_table);
    table
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_table().cloned().unwrap_or_default()))
        .collect()
}

/// The triggers of a manifest: their kind and their table.
pub(super) fn triggers(manifest: &toml::Table) -> Vec<(String, toml::Table)> {
    let kinds = manifest.get("trigger").and_then(toml::Value::as_table).into_iter().flatten();
    kinds
        .flat_map(|(kind, list)| list.as_array().into_iter().flatten().map(move |one| (kind, one)))
        .filter_map(|(kind, one)| Some((kind.clone(), one.as_table()?.clone())))
        .collect()
}

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut entries = BTreeSet::new();
    for path in MANIFESTS {
        let text = tree.get(path).unwrap_or_default();
        let table = tree.toml(path);
        problems.extend(order(path, text));
        let reached = reached(&table);
        for (name, component) in components(&table) {
            if !reached.contains(&name) {
                let message = format!("nothing reaches {name}: neither a trigger nor another component's dependency");
                problems.push(Problem::new(path, message));
            }
            problems.extend(uniform(path, &name, &component));
            if !entries.insert(name.clone()) {
                problems.push(Problem::new(path, format!("{name} has an entry in another manifest too")));
            }
            if !tree.has(&format!("components/{name}/Cargo.toml")) {
                problems.push(Problem::new(path, format!("{name} has an entry, but components/{name} is no package")));
            }
        }
    }
    for name in tree.folders("components").into_iter().filter(|name| !entries.contains(*name)) {
        problems.push(Problem::new(MANIFESTS[0], format!("components/{name} has no entry [component.{name}]")));
    }
    problems
}

/// The components that a trigger starts or that another composes.
fn reached(manifest: &toml::Table) -> BTreeSet<String> {
    let triggers = triggers(manifest).into_iter().map(|(_, trigger)| trigger);
    let dependencies = components(manifest)
        .into_iter()
        .filter_map(|(_, component)| component.get("dependencies")?.as_table().cloned())
        .flat_map(|table| table.into_iter().filter_map(|(_, value)| value.as_table().cloned()));
    triggers.chain(dependencies).filter_map(|table| Some(table.get("component")?.as_str()?.to_owned())).collect()
}

/// What each entry says in the same words.
fn uniform(path: &str, name: &str, component: &toml::Table) -> Vec<Problem> {
    let file = format!("target/components/{}.wasm", name.replace('-', "_"));
    let command = format!("cargo xtask build --component {name}");
    let source = component.get("source").and_then(toml::Value::as_str);
    let build = component.get("build").and_then(|build| build.get("command")).and_then(toml::Value::as_str);
    let mut problems = Vec::new();
    if source != Some(file.as_str()) {
        problems.push(Problem::new(path, format!("[component.{name}] needs source = \"{file}\"")));
    }
    if build != Some(command.as_str()) {
        problems.push(Problem::new(path, format!("[component.{name}.build] needs command = \"{command}\"")));
    }
    problems
}

/// The order in which things are written; TOML itself does not care, readers and merges do.
fn order(path: &str, text: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut section = String::new();
    let mut last_block: (String, usize) = Default::default();
    let mut last_trigger = String::new();
    let mut last_key = String::new();
    let mut last_rank = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']).to_owned();
            (last_key, last_rank) = Default::default();
            if let Some((name, rank)) = block(&section) {
                if (name, rank) < (last_block.0.as_str(), last_block.1) {
                    problems.push(Problem::new(
                        path,
                        format!(
                            "[{section}] stands too late: blocks are alphabetical, and each has the order {BLOCKS:?}"
                        ),
                    ));
                }
                last_block = (name.to_owned(), rank);
            }
            continue;
        }
        let Some((key, value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else { continue };
        if section == "variables" || section.ends_with(".variables") {
            if key < last_key.as_str() {
                problems.push(Problem::new(
                    path,
                    format!("{key} in [{section}] stands too late: variables are alphabetical"),
                ));
            }
            key.clone_into(&mut last_key);
        } else if section.starts_with("trigger.") && key == "component" {
            if value < last_trigger.as_str() {
                problems.push(Problem::new(
                    path,
                    format!("the trigger of {value} stands too late: triggers are sorted by component"),
                ));
            }
            value.clone_into(&mut last_trigger);
        } else if block(&section).is_some_and(|(_, rank)| rank == 0) {
            let rank = KEYS.iter().position(|known| *known == key).unwrap_or(KEYS.len());
            if rank < last_rank {
                problems
                    .push(Problem::new(path, format!("{key} in [{section}] stands too late: the order is {KEYS:?}")));
            }
            last_rank = rank;
        }
    }
    problems
}

/// A component's name, and the rank of the block among its blocks.
fn block(section: &str) -> Option<(&str, usize)> {
    let rest = section.strip_prefix("component.")?;
    let (name, kind) = rest.split_once('.').unwrap_or((rest, ""));
    Some((name, BLOCKS.iter().position(|known| *known == kind).unwrap_or(BLOCKS.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const T: &str =
        "[[trigger.http]]\nroute = \"/a\"\ncomponent = \"a\"\n[[trigger.http]]\nroute = \"/b\"\ncomponent = \"b-c\"\n";
    const A: &str = "[component.a]\nsource = \"target/components/a.wasm\"\nsqlite_databases = [\"a\"]\n[component.a.variables]\nx = \"1\"\ny = \"2\"\n\
        [component.a.build]\ncommand = \"cargo xtask build --component a\"\n";
    const B: &str = "[component.b-c]\nsource = \"target/components/b_c.wasm\"\n[component.b-c.build]\ncommand = \"cargo xtask build --component b-c\"\n";

    fn count(manifest: &str) -> usize {
        let whole = if manifest.contains("[[trigger") { manifest.to_owned() } else { format!("{T}{manifest}") };
        check(&Tree::of(&[("spin.toml", &whole), ("components/a/Cargo.toml", ""), ("components/b-c/Cargo.toml", "")]))
            .len()
    }

    #[test]
    fn a_uniform_manifest_passes() {
        assert_eq!(count(&format!("{A}{B}")), 0);
    }

    #[test]
    fn order_matters() {
        assert_eq!(count(&format!("{B}{A}")), 1);
        assert_eq!(count(&format!("{}{B}", A.replace("x = \"1\"\ny = \"2\"", "y = \"1\"\nx = \"2\""))), 1);
        let triggers = "[[trigger.http]]\nroute = \"/b\"\ncomponent = \"b-c\"\n[[trigger.http]]\nroute = \"/a\"\ncomponent = \"a\"\n";
        assert_eq!(count(&format!("{triggers}{A}{B}")), 1);
        let late = A.replace(
            "source = \"target/components/a.wasm\"\nsqlite_databases = [\"a\"]",
            "sqlite_databases = [\"a\"]\nsource = \"target/components/a.wasm\"",
        );
        assert_eq!(count(&format!("{late}{B}")), 1);
    }

    #[test]
    fn every_component_has_one_entry_and_every_entry_a_component() {
        assert_eq!(count(A), 1);
        let extra = "[[trigger.cron]]\ncomponent = \"c\"\n[component.c]\nsource = \"target/components/c.wasm\"\n[component.c.build]\ncommand = \"cargo xtask build --component c\"\n";
        assert_eq!(count(&format!("{T}{A}{B}{extra}")), 1);
    }

    #[test]
    fn a_component_that_nothing_reaches_is_told() {
        let alone = "[[trigger.http]]\nroute = \"/b\"\ncomponent = \"b-c\"\n";
        assert_eq!(count(&format!("{alone}{A}{B}")), 1);
        let composed = "[component.b-c.dependencies]\n\"v:a/a@0.1.0\" = { component = \"a\" }\n[component.b-c.build]";
        assert_eq!(count(&format!("{alone}{A}{}", B.replace("[component.b-c.build]", composed))), 0);
    }

    #[test]
    fn source_and_command_follow_from_the_name() {
        assert_eq!(count(&format!("{}{B}", A.replace("a.wasm", "z.wasm"))), 1);
        assert_eq!(count(&format!("{}{B}", A.replace("--component a", "--component z"))), 1);
    }
}
