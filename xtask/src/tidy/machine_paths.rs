//! Nothing in the repository names a folder of one person's machine.

use super::{Problem, Tree};

/// Written in two parts, so that this file does not break its own rule.
const PATHS: [&str; 4] = [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Use", "rs/"), concat!("/wo", "rk/")];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.files() {
        for (number, line) in text.lines().enumerate() {
            if let Some(found) = PATHS.iter().find(|found| contains_path(line, found)) {
                let place = format!("{path}:{}", number + 1);
                problems.push(Problem::new(place, format!("{found} is a folder of one machine")));
            }
        }
    }
    problems
}

/// Whether a line names the folder as the start of a path, and not as a part of another path or address.
fn contains_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(place, _)| {
        let before = line.get(..place).and_then(|text| text.chars().next_back());
        !before.is_some_and(|before| before.is_alphanumeric() || "/.-_}".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_path_is_told_and_an_address_is_not() {
        let path = format!("let x = \"{}me/x\";", PATHS[1]);
        assert_eq!(check(&Tree::of(&[("a.rs", &path)])).len(), 1);
        let address = format!("http://example.org{}x", PATHS[1]);
        assert!(check(&Tree::of(&[("a.rs", &address)])).is_empty());
    }
}
