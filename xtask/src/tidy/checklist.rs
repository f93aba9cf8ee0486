//! Follows `docs/add-a-component.md` step by step in a copy of the repository, so that the checklist stays true: all its
//! steps together satisfy the rules, and each of them is asked for by a rule.

use std::path::Path;

use super::{Problem, Tree, problems};

const CHECKLIST: &str = "docs/add-a-component.md";

/// A step: its heading, and the text that belongs into a file.
struct Step<'a> {
    heading: &'a str,
    path: &'a str,
    text: &'a str,
}

fn repository() -> Tree {
    let folder = std::env::var_os("CARGO_MANIFEST_DIR").unwrap();
    Tree::read(Path::new(&folder).parent().unwrap()).unwrap()
}

/// The numbered sections that hold a block of text with the path of a file after the language.
fn steps(checklist: &str) -> Vec<Step<'_>> {
    let mut starts: Vec<usize> = checklist.match_indices("\n## ").map(|(place, mark)| place + mark.len()).collect();
    // A file that a step writes has headings too.
    starts.retain(|start| checklist[*start..].starts_with(char::is_numeric));
    starts
        .into_iter()
        .map(|start| &checklist[start..])
        .map(|section| {
            let heading = section.lines().next().unwrap();
            let (_, block) = section.split_once("\n```").unwrap_or_else(|| panic!("{heading}: no block of text"));
            let (info, block) = block.split_once('\n').unwrap();
            let (_, path) = info.split_once(' ').unwrap_or_else(|| panic!("{heading}: no path"));
            let (text, _) = block.split_once("\n```").unwrap();
            Step { heading, path, text }
        })
        .collect()
}

/// Does what a step says: writes a new file, or puts the text where the file's order wants it.
fn follow(tree: &mut Tree, step: &Step<'_>) {
    let Some(old) = tree.get(step.path) else {
        return tree.set(step.path, &format!("{}\n", step.text));
    };
    let lines: Vec<&str> = old.lines().collect();
    let first = step.text.lines().next().unwrap();
    let place = if first.starts_with("[[trigger") {
        lines.iter().position(|line| line.starts_with("[component."))
    } else if first.starts_with("[component.") {
        lines.iter().position(|line| line.starts_with("[component.") && *line > first)
    } else if first.starts_with("| `") {
        lines.iter().rposition(|line| line.starts_with("| `")).map(|last| last + 1)
    } else {
        None
    };
    let (before, after) = lines.split_at(place.unwrap_or(lines.len()));
    let gap = if first.starts_with('|') { "" } else { "\n" };
    let new = format!("{}\n{gap}{}\n{gap}{}\n", before.join("\n"), step.text, after.join("\n"));
    tree.set(step.path, &new);
}

/// What is wrong after these steps that was not wrong before.
fn new_problems(tree: &Tree, before: &[Problem]) -> Vec<Problem> {
    problems(tree).into_iter().filter(|problem| !before.contains(problem)).collect()
}

#[test]
fn who_follows_the_checklist_is_tidy() {
    let mut tree = repository();
    let before = problems(&tree);
    let checklist = tree.get(CHECKLIST).unwrap().to_owned();
    for step in steps(&checklist) {
        follow(&mut tree, &step);
    }
    assert_eq!(new_problems(&tree, &before), []);
}

#[test]
fn every_step_is_needed() {
    let start = repository();
    let before = problems(&start);
    let checklist = start.get(CHECKLIST).unwrap().to_owned();
    let steps = steps(&checklist);
    assert!(steps.len() >= 10, "the checklist was not understood");
    for skipped in &steps {
        let mut tree = start.clone();
        for step in steps.iter().filter(|step| step.heading != skipped.heading) {
            follow(&mut tree, step);
        }
        assert!(!new_problems(&tree, &before).is_empty(), "no rule asks for the step \"{}\"", skipped.heading);
    }
}
