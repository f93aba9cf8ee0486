//! `docs/ARCHITECTURE.md` can be read in one sitting, and names every component.

use super::{Problem, Tree};

const PATH: &str = "docs/ARCHITECTURE.md";
const LONGEST: usize = 150;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let Some(text) = tree.get(PATH) else { return vec![Problem::new(PATH, "is missing")] };
    let mut problems = Vec::new();
    let lines = text.lines().count();
    if lines > LONGEST {
        problems.push(Problem::new(PATH, format!("{lines} lines; at most {LONGEST}")));
    }
    for name in tree.folders("components") {
        if !text.lines().any(|line| line.starts_with(&format!("| `{name}` |"))) {
            problems.push(Problem::new(PATH, format!("the table of components has no row for {name}")));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_short_and_whole() {
        let component = ("components/auth/Cargo.toml", "");
        assert_eq!(check(&Tree::of(&[])).len(), 1);
        assert_eq!(check(&Tree::of(&[component, (PATH, "words\n")])).len(), 1);
        assert!(check(&Tree::of(&[component, (PATH, "| `auth` | service |\n")])).is_empty());
        assert_eq!(check(&Tree::of(&[(PATH, &"\n".repeat(151))])).len(), 1);
    }
}
