//! What a dependency satisfies, by its name.

use std::str::FromStr;

use semver::Version;

/// The name of a dependency, or of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DependencyName {
    /// A name without a package, such as `my-function`.
    Plain(String),
    /// `ns:pkg`, `ns:pkg/interface`, either with `@version`.
    Package {
        /// `ns:pkg`.
        package: String,
        /// One interface, or none for all of the package.
        interface: Option<String>,
        /// One version, or none for any.
        version: Option<Version>,
    },
}

/// Text that is no name.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is not of any of the forms.
    #[error("write `ns:package`, `ns:package/interface`, either with `@version`, or a plain kebab-case name")]
    Form,
    /// What follows `@` is no version.
    #[error("what follows `@` must be a version such as 0.1.0")]
    Version,
}

impl FromStr for DependencyName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if !text.contains([':', '/', '@']) {
            return if kebab(text) { Ok(Self::Plain(text.to_owned())) } else { Err(NameError::Form) };
        }
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => (name, Some(version.parse().map_err(|_| NameError::Version)?)),
            None => (text, None),
        };
        let (package, interface) = match name.split_once('/') {
            Some((package, interface)) => (package, Some(interface)),
            None => (name, None),
        };
        let (namespace, package_name) = package.split_once(':').ok_or(NameError::Form)?;
        if !(kebab(namespace) && kebab(package_name) && interface.is_none_or(kebab)) {
            return Err(NameError::Form);
        }
        Ok(Self::Package { package: package.to_owned(), interface: interface.map(str::to_owned), version })
    }
}

impl DependencyName {
    /// Whether it satisfies the import of that name: a package without an interface satisfies all of its interfaces, and
    /// a name without a version all versions.
    pub fn satisfies(&self, import: &str) -> bool {
        let Ok(import) = import.parse::<Self>() else { return false };
        match (self, import) {
            (Self::Plain(own), Self::Plain(import)) => *own == import,
            (
                Self::Package { package: own, interface: own_interface, version: own_version },
                Self::Package { package, interface, version },
            ) => {
                *own == package
                    && (own_interface.is_none() || *own_interface == interface)
                    && (own_version.is_none() || *own_version == version)
            }
            _ => false,
        }
    }
}

fn kebab(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.split('-').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn satisfies(name: &str, import: &str) -> bool {
        name.parse::<DependencyName>().unwrap().satisfies(import)
    }

    #[test]
    fn a_name_satisfies_what_it_says_and_no_more() {
        for (name, import) in [
            ("a:b/c@0.1.0", "a:b/c@0.1.0"),
            ("a:b/c", "a:b/c@0.1.0"),
            ("a:b/c", "a:b/c"),
            ("a:b", "a:b/c@0.1.0"),
            ("a:b@0.1.0", "a:b/c@0.1.0"),
            ("plain-name", "plain-name"),
        ] {
            assert!(satisfies(name, import), "{name} {import}");
        }
        for (name, import) in [
            ("a:b/c@0.1.0", "a:b/c"),
            ("a:b/c@0.1.0", "a:b/c@0.1.1"),
            ("a:b/c", "a:b/d"),
            ("a:b", "a:x/c"),
            ("a:b@0.1.0", "a:b/c"),
            ("plain-name", "a:b/plain-name"),
            ("a:b/c", "c"),
        ] {
            assert!(!satisfies(name, import), "{name} {import}");
        }
    }

    #[test]
    fn other_text_is_no_name() {
        for text in ["", "a b", "a_b", "a:", ":b", "a:b/", "a/b", "1a:b", "a:b/c/d", "a:b:c"] {
            assert_eq!(text.parse::<DependencyName>(), Err(NameError::Form), "{text}");
        }
        assert_eq!("a:b@one".parse::<DependencyName>(), Err(NameError::Version));
    }
}
