//! The rules of the house, each in a file of its own, checked on the files of the repository.

use std::fmt;
use std::path::Path;

use anyhow::Result;

/// A rule that is broken, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Problem {
    path: String,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.path, self.message)
    }
}

/// Checks all rules on the repository in this folder.
pub(crate) fn check(_root: &Path) -> Result<Vec<Problem>> {
    Ok(Vec::new())
}
