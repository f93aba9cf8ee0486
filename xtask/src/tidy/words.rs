//! Words that promise work instead of doing it.

use super::{Problem, Tree};

const ENDINGS: [&str; 9] = [".rs", ".md", ".toml", ".wit", ".sql", ".sh", ".css", ".js", "run"];

/// Written in parts, so that this file does not break its own rule. The last two are found in any case.
const EXACT: [&str; 5] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("unimple", "mented!"),
    concat!("to", "do!"),
];
const ANY_CASE: [&str; 2] = [concat!("for ", "now"), concat!("place", "holder")];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (path, text) in tree.files().filter(|(path, _)| ENDINGS.iter().any(|ending| path.ends_with(ending))) {
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = find(line) {
                let place = format!("{path}:{}", number + 1);
                problems.push(Problem::new(place, format!("`{word}`: do it, or write an issue")));
            }
        }
    }
    problems
}

fn find(line: &str) -> Option<&'static str> {
    let lower = line.to_lowercase();
    let exact = EXACT.iter().find(|word| line.contains(**word));
    exact.or_else(|| ANY_CASE.iter().find(|word| is_word(&lower, word))).copied()
}

/// Whether the words stand alone: an attribute such as `name=` is a name of HTML, and "for nowhere" is something else.
fn is_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(place, _)| {
        let after = line.get(place + word.len()..).and_then(|text| text.chars().next());
        !after.is_some_and(|after| after.is_alphanumeric() || after == '=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_told() {
        for word in EXACT.iter().chain(&ANY_CASE) {
            assert_eq!(check(&Tree::of(&[("a.rs", word)])).len(), 1, "{word}");
        }
    }

    #[test]
    fn other_words_are_not() {
        let html = format!("{}=\"name\"", ANY_CASE[1]);
        assert!(check(&Tree::of(&[("a.rs", &html), ("b.rs", "todo = \"deny\" for nowhere")])).is_empty());
    }
}
