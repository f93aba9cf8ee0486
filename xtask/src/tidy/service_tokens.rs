//! What opens the outbox and the events of a service is the relay's to hold, and the service's own. Who calls another route
//! of it has a token for that route: else whoever takes over a caller reads all events, and says what happened.

use super::app_manifest::{MANIFESTS, components};
use super::{Problem, Tree};

/// Who carries events. Its own token only rings, and every service does.
const RELAY: &str = "relay";
const SUFFIX: &str = "_service_token";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for manifest in MANIFESTS {
        for (name, component) in components(&tree.toml(manifest)) {
            let variables = component.get("variables").and_then(toml::Value::as_table).into_iter().flatten();
            let values = variables.filter_map(|(_, value)| value.as_str());
            let templates = values.filter_map(|value| value.strip_prefix("{{")?.strip_suffix("}}"));
            for token in templates.map(str::trim).filter(|token| token.ends_with(SUFFIX)) {
                let owner = token.trim_end_matches(SUFFIX).replace('_', "-");
                if name != RELAY && owner != RELAY && owner != name {
                    let message = format!(
                        "{name} has `{token}`, which is for {owner} and {RELAY}: give it a token for what it calls"
                    );
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

    fn count(component: &str, value: &str) -> usize {
        let app = format!("[component.{component}.variables]\nany_name = \"{value}\"\n");
        check(&Tree::of(&[("spin.toml", &app)])).len()
    }

    #[test]
    fn the_service_and_the_relay_have_it_and_nobody_else() {
        let token = "{{ image_processor_service_token }}";
        assert_eq!([count("image-processor", token), count("relay", token), count("upload", token)], [0, 0, 1]);
        assert_eq!(count("upload", "{{ relay_service_token }}"), 0);
        assert_eq!(count("gateway", "{{ auth_exchange_token }}"), 0);
    }
}
