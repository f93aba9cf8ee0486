//! Environment variables and `.env` files. The process's own environment is read and never changed.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use super::Secret;

/// Environment variables, as of the moment they were read. Values that are not UTF-8 are kept apart, so that one that is
/// needed can be refused by name.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    values: BTreeMap<String, Secret>,
    not_text: Vec<String>,
}

impl Environment {
    /// The environment of this process.
    pub fn of_process() -> Self {
        Self::from_pairs(std::env::vars_os())
    }

    /// The variables of an iterator.
    pub fn from_pairs(pairs: impl IntoIterator<Item = (impl Into<OsString>, impl Into<OsString>)>) -> Self {
        let mut environment = Self::default();
        for (name, value) in pairs {
            let Ok(name) = name.into().into_string() else { continue };
            match value.into().into_string() {
                Ok(value) => {
                    environment.values.insert(name, Secret::new(value));
                }
                Err(_) => environment.not_text.push(name),
            }
        }
        environment
    }

    /// The variables of a `.env` file; none if there is no such file.
    pub fn of_file(path: &Path) -> Result<Self, EnvFileError> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let failed = |source| EnvFileError { file: path.to_owned(), source };
        let pairs =
            dotenvy::from_path_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>).map_err(|error| {
                // The message of a parse error quotes the line, which may be a secret.
                failed(match error {
                    dotenvy::Error::Io(error) => error,
                    _ => io::Error::new(io::ErrorKind::InvalidData, "a line is not NAME=value with its quotes closed"),
                })
            })?;
        Ok(Self::from_pairs(pairs))
    }

    /// The value of a variable, or an error if there is one that is not UTF-8.
    pub fn get(&self, name: &str) -> Result<Option<&Secret>, NotText> {
        if self.not_text.iter().any(|other| other == name) {
            return Err(NotText(name.to_owned()));
        }
        Ok(self.values.get(name))
    }
}

/// A `.env` file that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: cannot be read as a list of NAME=value ({source}); correct it or remove it", file.display())]
pub struct EnvFileError {
    /// The file.
    pub file: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// An environment variable that is not UTF-8.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the environment variable {0} is not UTF-8; set it to text")]
pub struct NotText(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".env");
        std::fs::write(&path, text).unwrap();
        (dir, path)
    }

    #[test]
    fn a_file_gives_its_values_and_leaves_the_process_alone() {
        let (_dir, path) = file("# comment\nVITRINE_TEST_A=plain\nVITRINE_TEST_B=\"with # and spaces\"\n");
        let environment = Environment::of_file(&path).unwrap();
        assert_eq!(environment.get("VITRINE_TEST_A").unwrap().unwrap().expose(), "plain");
        assert_eq!(environment.get("VITRINE_TEST_B").unwrap().unwrap().expose(), "with # and spaces");
        assert_eq!(environment.get("VITRINE_TEST_C").unwrap(), None);
        assert!(std::env::var_os("VITRINE_TEST_A").is_none());
    }

    #[test]
    fn a_missing_file_is_empty_and_a_broken_one_is_refused_without_its_text() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Environment::of_file(&dir.path().join(".env")).unwrap().get("A").unwrap().is_none());
        let (_dir, path) = file("SECRET=\"hunter2\nB=1\n");
        let error = Environment::of_file(&path).unwrap_err().to_string();
        assert!(error.contains(".env: cannot be read") && !error.contains("hunter2"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn values_that_are_not_text_are_refused_when_needed() {
        use std::os::unix::ffi::OsStringExt;
        let environment = Environment::from_pairs([("A", OsString::from_vec(vec![0xff])), ("B", "b".into())]);
        assert_eq!(environment.get("A"), Err(NotText("A".into())));
        assert_eq!(environment.get("B").unwrap().unwrap().expose(), "b");
    }
}
