//! Decision records are numbered without a gap, and each begins with its title.

use super::{Problem, Tree};

const FOLDER: &str = "docs/adr/";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    let records = tree.files().filter_map(|(path, text)| Some((path, path.strip_prefix(FOLDER)?, text)));
    for (position, (path, name, text)) in records.enumerate() {
        let expected = format!("{:04}-", position + 1);
        if !name.starts_with(&expected) || !name.ends_with(".md") {
            problems.push(Problem::new(path, format!("the name of this record must be {expected}<words>.md")));
        }
        if !text.starts_with("# ") {
            problems.push(Problem::new(path, "a record begins with a line `# <the decision>`"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gap_a_doubled_number_and_a_missing_title_are_told() {
        assert!(check(&Tree::of(&[("docs/adr/0001-a.md", "# A"), ("docs/adr/0002-b.md", "# B")])).is_empty());
        assert_eq!(check(&Tree::of(&[("docs/adr/0001-a.md", "# A"), ("docs/adr/0003-b.md", "# B")])).len(), 1);
        assert_eq!(check(&Tree::of(&[("docs/adr/0001-a.md", "# A"), ("docs/adr/0001-b.md", "# B")])).len(), 1);
        assert_eq!(check(&Tree::of(&[("docs/adr/0001-a.md", "A")])).len(), 1);
    }
}
