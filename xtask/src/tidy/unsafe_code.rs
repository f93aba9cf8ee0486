//! No core and no kit holds unsafe code: the compiler is told so at the top of each.

use super::{Problem, Tree};

const LINE: &str = "#![forbid(unsafe_code)]";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let cores = tree.folders("components").into_iter().map(|name| format!("components/{name}/core"));
    let kits = tree.folders("crates").into_iter().map(|name| format!("crates/{name}"));
    cores
        .chain(kits)
        .map(|folder| format!("{folder}/src/lib.rs"))
        .filter(|path| tree.get(path).is_some_and(|text| !text.lines().any(|line| line.trim() == LINE)))
        .map(|path| Problem::new(path, format!("the line {LINE} is missing")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_and_a_kit_without_the_line_are_told() {
        for path in ["components/auth/core/src/lib.rs", "crates/db/src/lib.rs"] {
            assert_eq!(check(&Tree::of(&[(path, "//! Words.\n")])).len(), 1);
            assert!(check(&Tree::of(&[(path, &format!("//! Words.\n{LINE}\n"))])).is_empty());
        }
    }
}
