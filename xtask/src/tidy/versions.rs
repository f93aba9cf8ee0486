//! One version of each dependency: what two packages use is named once, in the root manifest.

use std::collections::BTreeMap;

use super::{Problem, Tree};

const SECTIONS: [&str; 3] = ["build-dependencies", "dependencies", "dev-dependencies"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let root = tree.toml("Cargo.toml");
    let shared =
        root.get("workspace").and_then(|workspace| workspace.get("dependencies")).and_then(toml::Value::as_table);
    let mut own: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (folder, manifest) in tree.packages() {
        let mut names: Vec<&String> = SECTIONS
            .iter()
            .filter_map(|section| manifest.get(*section)?.as_table())
            .flatten()
            .filter(|(_, value)| value.get("workspace").is_none() && value.get("path").is_none())
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        for name in names {
            own.entry(name.clone()).or_default().push(format!("{folder}/Cargo.toml"));
        }
    }
    let mut problems = Vec::new();
    for (name, paths) in own {
        if shared.is_some_and(|shared| shared.contains_key(&name)) || paths.len() > 1 {
            let message = format!("{name}: name its version in [workspace.dependencies] and use workspace = true here");
            problems.extend(paths.into_iter().map(|path| Problem::new(path, message.clone())));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: (&str, &str) = ("Cargo.toml", "[workspace.dependencies]\nbytes = \"1\"\n");

    #[test]
    fn a_version_of_ones_own_beside_the_shared_one_is_told() {
        assert_eq!(check(&Tree::of(&[ROOT, ("a/Cargo.toml", "[dependencies]\nbytes = \"1\"")])).len(), 1);
        assert!(check(&Tree::of(&[ROOT, ("a/Cargo.toml", "[dependencies]\nbytes.workspace = true")])).is_empty());
    }

    #[test]
    fn what_two_use_is_shared() {
        let one = ("a/Cargo.toml", "[dependencies]\nurl = \"2\"");
        assert!(check(&Tree::of(&[ROOT, one])).is_empty());
        assert_eq!(check(&Tree::of(&[ROOT, one, ("b/Cargo.toml", "[dev-dependencies]\nurl = \"2\"")])).len(), 2);
    }
}
