//! The rules of the house, each in a file of its own. A rule looks only at the text of the files, so each is seen to fail
//! in a unit test beside it.

mod adr;
mod app_manifest;
mod architecture;
#[cfg(test)]
mod checklist;
mod component_shape;
mod core_purity;
mod dependencies;
mod file_length;
mod grants;
mod ignored_tests;
mod machine_paths;
mod one_door;
mod own_keys;
mod package;
mod service_tokens;
mod tree;
mod unsafe_code;
mod versions;
mod words;
mod worlds;

use std::fmt;
use std::path::Path;

use anyhow::Result;

use tree::Tree;

/// A rule that is broken, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    message: String,
}

impl Problem {
    fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.path, self.message)
    }
}

type Rule = fn(&Tree) -> Vec<Problem>;

const RULES: [Rule; 18] = [
    adr::check,
    app_manifest::check,
    architecture::check,
    component_shape::check,
    core_purity::check,
    dependencies::check,
    file_length::check,
    grants::check,
    ignored_tests::check,
    machine_paths::check,
    one_door::check,
    own_keys::check,
    package::check,
    service_tokens::check,
    unsafe_code::check,
    versions::check,
    words::check,
    worlds::check,
];

/// Checks all rules on the repository in this folder.
pub(crate) fn check(root: &Path) -> Result<Vec<Problem>> {
    Ok(problems(&Tree::read(root)?))
}

fn problems(tree: &Tree) -> Vec<Problem> {
    let mut problems: Vec<Problem> = RULES.iter().flat_map(|rule| rule(tree)).chain(tree.unreadable()).collect();
    problems.sort();
    problems.dedup();
    problems
}
