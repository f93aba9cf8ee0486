//! `wit/worlds.wit` is the map: one world for each component, importing just the engines that `spin.toml` binds to it.

use std::collections::BTreeSet;

use super::app_manifest::{MANIFESTS, components};
use super::{Problem, Tree};

const PATH: &str = "wit/worlds.wit";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let text = tree.get(PATH).unwrap_or_default();
    let mut problems = Vec::new();
    for name in tree.folders("components") {
        if world(text, name).is_none() {
            problems.push(Problem::new(PATH, format!("the world of {name} is missing")));
        }
    }
    for manifest in MANIFESTS {
        for (name, component) in components(&tree.toml(manifest)) {
            let dependencies = component.get("dependencies").and_then(toml::Value::as_table);
            let bound: BTreeSet<&str> = dependencies.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
            let imported = world(text, &name).map(imports).unwrap_or_default();
            for missing in bound.difference(&imported) {
                problems.push(Problem::new(PATH, format!("the world of {name} does not import {missing}")));
            }
            for extra in imported.difference(&bound) {
                problems.push(Problem::new(
                    PATH,
                    format!("the world of {name} imports {extra}, which {manifest} does not bind"),
                ));
            }
        }
    }
    problems
}

/// The body of a world.
fn world<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("\nworld {name} {{"))?;
    Some(rest.split_once("\n}").map_or(rest, |(body, _)| body))
}

/// The interfaces of ours that a world imports.
fn imports(body: &str) -> BTreeSet<&str> {
    body.lines()
        .filter_map(|line| line.trim().strip_prefix("import vitrine:").map(|_| line.trim()))
        .filter_map(|line| line.strip_prefix("import "))
        .map(|name| name.trim_end_matches(';'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: (&str, &str) =
        ("spin.toml", "[component.a.dependencies]\n\"vitrine:e/f@0.1.0\" = { component = \"e\" }\n");
    const FOLDER: (&str, &str) = ("components/a/Cargo.toml", "");

    #[test]
    fn a_world_is_needed() {
        assert_eq!(check(&Tree::of(&[FOLDER, (PATH, "\nworld b {\n}\n")])).len(), 1);
        assert!(check(&Tree::of(&[FOLDER, (PATH, "\nworld a {\n}\n")])).is_empty());
    }

    #[test]
    fn worlds_and_dependencies_agree() {
        assert!(check(&Tree::of(&[APP, FOLDER, (PATH, "\nworld a {\n    import vitrine:e/f@0.1.0;\n}\n")])).is_empty());
        assert_eq!(check(&Tree::of(&[APP, FOLDER, (PATH, "\nworld a {\n}\n")])).len(), 1);
        let extra = "\nworld a {\n    import vitrine:e/f@0.1.0;\n    import vitrine:g/h@0.1.0;\n}\n";
        assert_eq!(check(&Tree::of(&[APP, FOLDER, (PATH, extra)])).len(), 1);
    }
}
