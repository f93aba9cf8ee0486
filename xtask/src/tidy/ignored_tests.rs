//! A test that does not run says nothing: it is repaired or removed.

use super::{Problem, Tree};

/// Written in two parts, so that this file does not break its own rule.
const MARKS: [&str; 2] = [concat!("#[ign", "ore]"), concat!("#[ign", "ore =")];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    tree.ending(".rs")
        .filter(|(_, text)| MARKS.iter().any(|mark| text.contains(mark)))
        .map(|(path, _)| Problem::new(path, "a test is ignored here; repair it or remove it"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_test_is_told() {
        for mark in MARKS {
            assert_eq!(check(&Tree::of(&[("a.rs", mark)])).len(), 1);
        }
        assert!(check(&Tree::of(&[("a.rs", "#[test]")])).is_empty());
    }
}
