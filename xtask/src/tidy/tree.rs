//! The text files of the repository, read once for all rules.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::Problem;

/// Folders that hold nothing written by us.
const SKIPPED: [&str; 4] = [".backends", ".git", ".vitrine", "target"];
/// Files above this are data.
const LARGEST: u64 = 1 << 20;

/// The repository as rules see it: paths relative to its root, with `/`, and the text of each file.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tree {
    files: BTreeMap<String, String>,
}

impl Tree {
    /// Reads all text files below a folder.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_folder(root, "")?;
        Ok(tree)
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type()?;
            // In a worktree, `.git` is a file.
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            if kind.is_dir() {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
            } else if kind.is_file() && name != ".env" && entry.metadata()?.len() <= LARGEST {
                // What is not UTF-8 is a picture or the like.
                if let Ok(text) = std::fs::read_to_string(entry.path()) {
                    self.files.insert(path, text);
                }
            }
        }
        Ok(())
    }

    /// All files, by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// All files whose name ends so.
    pub(crate) fn ending(&self, end: &str) -> impl Iterator<Item = (&str, &str)> {
        self.files().filter(move |(path, _)| path.ends_with(end))
    }

    /// The text of a file.
    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    /// Whether a file is there.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// The names of the folders right below a folder.
    pub(crate) fn folders(&self, parent: &str) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .files
            .keys()
            .filter_map(|path| path.strip_prefix(parent)?.strip_prefix('/')?.split_once('/'))
            .map(|(name, _)| name)
            .collect();
        names.dedup();
        names
    }

    /// A TOML file as a table; one that is missing or not valid is empty, and `unreadable` tells of it.
    pub(crate) fn toml(&self, path: &str) -> toml::Table {
        self.get(path).and_then(|text| toml::from_str(text).ok()).unwrap_or_default()
    }

    /// The manifests of all packages: folder and table.
    pub(crate) fn packages(&self) -> impl Iterator<Item = (&str, toml::Table)> {
        self.ending("/Cargo.toml").filter_map(|(path, _)| Some((path.strip_suffix("/Cargo.toml")?, self.toml(path))))
    }

    /// TOML files that are no valid TOML.
    pub(crate) fn unreadable(&self) -> Vec<Problem> {
        self.ending(".toml")
            .filter_map(|(path, text)| Some(Problem::new(path, toml::from_str::<toml::Table>(text).err()?.to_string())))
            .collect()
    }
}

/// What tests build trees of.
#[cfg(test)]
impl Tree {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        Self { files: files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect() }
    }

    pub(crate) fn set(&mut self, path: &str, text: &str) {
        self.files.insert(path.to_owned(), text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_once() {
        let tree = Tree::of(&[("a/b/x", ""), ("a/b/y", ""), ("a/c/x", ""), ("a/z", ""), ("ab/d/x", "")]);
        assert_eq!(tree.folders("a"), ["b", "c"]);
    }

    #[test]
    fn a_broken_file_is_told() {
        let tree = Tree::of(&[("spin.toml", "a = ")]);
        assert_eq!(tree.unreadable().len(), 1);
        assert!(tree.toml("spin.toml").is_empty());
    }
}
