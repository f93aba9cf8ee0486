//! A core asks nobody but its ports: not the system for the time, for random bytes, for files or for the environment. That
//! is what lets a test decide them, and what keeps a capability from being used without being granted.

use super::{Problem, Tree};

const CALLS: [(&str, &str); 9] = [
    ("Instant::now", "the clock port says what time it is"),
    ("SystemTime::now", "the clock port says what time it is"),
    ("getrandom", "the random port gives random bytes"),
    ("rand::", "the random port gives random bytes"),
    ("std::env", "the shim reads variables"),
    ("std::fs", "the blob port keeps bytes"),
    ("std::net", "the port for outbound HTTP calls others"),
    ("std::process", "a component starts no process"),
    ("thread_local!", "an instance serves several users at once"),
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.ending(".rs").filter(|(path, _)| is_core(path)) {
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for (call, reason) in CALLS.iter().filter(|(call, _)| mentions(line, call)) {
                problems.push(Problem::new(format!("{path}:{}", number + 1), format!("{call} in a core: {reason}")));
            }
        }
    }
    problems
}

fn is_core(path: &str) -> bool {
    path.starts_with("components/") && path.contains("/core/src/")
}

/// Whether a line holds the name, and not as the end of a longer one.
fn mentions(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(place, _)| {
        let before = line.get(..place).and_then(|text| text.chars().next_back());
        !before.is_some_and(|before| before.is_alphanumeric() || before == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_call_is_told_in_a_core_only() {
        for (call, _) in CALLS {
            let line = format!("    let x = {call}(1);");
            assert_eq!(check(&Tree::of(&[("components/a/core/src/x.rs", &line)])).len(), 1, "{call}");
            assert!(
                check(&Tree::of(&[("components/a/core/tests/x.rs", &line), ("crates/a/src/x.rs", &line)])).is_empty()
            );
            assert!(check(&Tree::of(&[("components/a/core/src/x.rs", &format!("// {call}"))])).is_empty());
        }
    }

    #[test]
    fn a_longer_name_is_another_one() {
        assert!(check(&Tree::of(&[("components/a/core/src/x.rs", "use operand::x; use my_rand::y;")])).is_empty());
    }
}
