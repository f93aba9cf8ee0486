//! What lets a component into a server is its own: no two components share a database's URL, a Redis URL or an S3 key. Else
//! the server could not tell them apart, and what the manifest keeps apart would be one there.

use std::collections::BTreeMap;

use super::app_manifest::{MANIFESTS, components};
use super::{Problem, Tree};

const SUFFIXES: [&str; 3] = ["postgres_url", "redis_url", "s3_secret_key"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for manifest in MANIFESTS {
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for (name, component) in components(&tree.toml(manifest)) {
            let variables = component.get("variables").and_then(toml::Value::as_table).into_iter().flatten();
            for (variable, value) in variables.filter(|(variable, _)| SUFFIXES.contains(&variable.as_str())) {
                let value = value.as_str().unwrap_or_default().to_owned();
                if let Some(owner) = owners.insert(value.clone(), name.clone()) {
                    let message =
                        format!("`{variable}` of {name} is `{value}`, which {owner} has too: give each its own");
                    problems.push(Problem::new(manifest, message));
                }
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(first: &str, second: &str) -> usize {
        let variables = |name, value| format!("[component.{name}.variables]\ns3_secret_key = \"{{{{ {value} }}}}\"\n");
        let app = [variables("a", first), variables("b", second)].concat();
        check(&Tree::of(&[("spin.toml", &app)])).len()
    }

    #[test]
    fn keys_are_not_shared() {
        assert_eq!(count("a_s3_secret_key", "b_s3_secret_key"), 0);
        assert_eq!(count("s3_secret_key", "s3_secret_key"), 1);
    }
}
