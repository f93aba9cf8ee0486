//! A file holds one idea; one that is longer than this holds several.

use super::{Problem, Tree};

const LONGEST: usize = 400;
const ENDINGS: [&str; 8] = [".rs", ".md", ".toml", ".wit", ".sql", ".sh", ".css", ".js"];

/// Files that may be longer, each with the reason.
const EXCEPTIONS: [(&str, &str); 0] = [];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    tree.files()
        .filter(|(path, _)| ENDINGS.iter().any(|ending| path.ends_with(ending)))
        .filter(|(path, _)| EXCEPTIONS.iter().all(|(exception, _)| path != exception))
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            let message = format!("{lines} lines; at most {LONGEST}: split it by what each part is about");
            (lines > LONGEST).then(|| Problem::new(path, message))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_file_is_told() {
        assert!(check(&Tree::of(&[("a.rs", &"x\n".repeat(400))])).is_empty());
        assert_eq!(check(&Tree::of(&[("a.rs", &"x\n".repeat(401))])).len(), 1);
        assert!(check(&Tree::of(&[("Cargo.lock", &"x\n".repeat(401))])).is_empty());
    }
}
