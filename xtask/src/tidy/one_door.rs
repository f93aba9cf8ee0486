//! There is one way in: only the gateway, and what serves pictures to everybody, have routes that the outside can reach.

use super::app_manifest::{MANIFESTS, triggers};
use super::{Problem, Tree};

const PUBLIC: [&str; 2] = ["gateway", "images"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for manifest in MANIFESTS {
        for (_, trigger) in triggers(&tree.toml(manifest)).into_iter().filter(|(kind, _)| kind == "http") {
            let component = trigger.get("component").and_then(toml::Value::as_str).unwrap_or_default();
            let private = trigger.get("route").and_then(|route| route.get("private")).and_then(toml::Value::as_bool);
            if private != Some(true) && !PUBLIC.contains(&component) {
                let message = format!(
                    "{component} has a route of its own; write `route = {{ private = true }}`, and have the gateway lead there"
                );
                problems.push(Problem::new(manifest, message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(route: &str, component: &str) -> usize {
        let app = format!("[[trigger.http]]\nroute = {route}\ncomponent = \"{component}\"\n");
        check(&Tree::of(&[("spin.toml", &app)])).len()
    }

    #[test]
    fn others_are_private() {
        assert_eq!(count("\"/...\"", "gateway"), 0);
        assert_eq!(count("\"/static/image/...\"", "images"), 0);
        assert_eq!(count("{ private = true }", "upload"), 0);
        assert_eq!(count("\"/api/v1/photos/...\"", "upload"), 1);
        assert_eq!(count("{ private = false }", "upload"), 1);
    }
}
