//! Each component's README explains each of its grants, and no other, in a section `## Grants`: one item a grant, which
//! begins with the grant as the manifest writes it, such as "- `originals` (key-value): the bytes as they came".

use std::collections::BTreeSet;

use super::app_manifest::{MANIFESTS, components};
use super::{Problem, Tree};

const LISTS: [&str; 5] = ["key_value_stores", "sqlite_databases", "allowed_outbound_hosts", "files", "ai_models"];
const TABLES: [&str; 2] = ["variables", "dependencies"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for manifest in MANIFESTS {
        for (name, component) in components(&tree.toml(manifest)) {
            let path = format!("components/{name}/README.md");
            // That the file is missing is told by the rule about the shape of components.
            let Some(readme) = tree.get(&path) else { continue };
            let Some(explained) = explained(readme) else {
                problems.push(Problem::new(path, "the section `## Grants` is missing"));
                continue;
            };
            let granted = granted(&component);
            for grant in granted.difference(&explained) {
                problems.push(Problem::new(
                    &path,
                    format!("`{grant}` is granted by {manifest} and not explained under Grants"),
                ));
            }
            for grant in explained.difference(&granted) {
                problems.push(Problem::new(
                    &path,
                    format!("`{grant}` is explained under Grants and not granted by {manifest}"),
                ));
            }
        }
    }
    problems
}

/// All that a manifest gives to a component.
fn granted(component: &toml::Table) -> BTreeSet<String> {
    let lists = LISTS.iter().filter_map(|key| component.get(*key)?.as_array()).flatten();
    let tables = TABLES.iter().filter_map(|key| component.get(*key)?.as_table()).flatten();
    let lists = lists.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
    lists.chain(tables.map(|(name, _)| name.clone())).collect()
}

/// The grants that the section names: what stands in backticks at the start of a list item or of a table's row.
fn explained(readme: &str) -> Option<BTreeSet<String>> {
    let (_, section) = readme.split_once("\n## Grants")?;
    let section = section.split_once("\n## ").map_or(section, |(section, _)| section);
    let item = |line: &str| {
        let rest = line.strip_prefix("- `").or_else(|| line.strip_prefix("| `"))?;
        Some(rest.split_once('`')?.0.to_owned())
    };
    Some(section.lines().filter_map(|line| item(line.trim())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "[component.a]\nkey_value_stores = [\"originals\"]\nallowed_outbound_hosts = [\"{{ upload_url }}\"]\n\
        [component.a.variables]\ntoken = \"{{ token }}\"\n[component.a.dependencies]\n\"v:e/f@0.1.0\" = { component = \"e\" }\n";
    const README: &str = "# a\n\n## Grants\n- `originals`: bytes\n- `{{ upload_url }}`: reports\n- `token`: shows who it is\n- `v:e/f@0.1.0`: decodes\n\n## More\n- `not a grant`\n";

    fn count(readme: &str) -> usize {
        check(&Tree::of(&[("spin.toml", APP), ("components/a/README.md", readme)])).len()
    }

    #[test]
    fn every_grant_is_explained() {
        assert_eq!(count(README), 0);
        for line in README.lines().filter(|line| line.starts_with("- `") && !line.contains("not a grant")) {
            assert_eq!(count(&README.replace(line, "")), 1, "{line}");
        }
    }

    #[test]
    fn nothing_else_is_explained() {
        assert_eq!(count(&README.replace("- `originals`", "- `derivatives`: gone\n- `originals`")), 1);
        assert_eq!(count("# a\n"), 1);
    }

    #[test]
    fn a_component_without_grants_explains_none() {
        let tree = |readme| Tree::of(&[("spin.toml", "[component.a]\n"), ("components/a/README.md", readme)]);
        assert!(check(&tree("# a\n\n## Grants: none\n| network | why not |\n")).is_empty());
    }
}
