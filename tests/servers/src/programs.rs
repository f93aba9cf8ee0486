//! Where the servers' programs are.

use std::path::{Path, PathBuf};

/// Debian keeps each version of PostgreSQL in a folder of its own, off the `PATH`.
const POSTGRES: &str = "/usr/lib/postgresql";

/// Finds a program: on the `PATH`, or of PostgreSQL's newest version where Debian puts it.
#[must_use]
pub fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain([PathBuf::from("/usr/bin"), PathBuf::from("/usr/sbin")])
        .map(|folder| folder.join(name))
        .find(|path| path.is_file())
        .or_else(|| newest(Path::new(POSTGRES), name))
}

fn newest(versions: &Path, name: &str) -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir(versions)
        .ok()?
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_string_lossy().parse().ok()?;
            let path = entry.path().join("bin").join(name);
            path.is_file().then_some((version, path))
        })
        .collect();
    found.sort();
    found.pop().map(|(_, path)| path)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
    use super::*;

    #[test]
    fn the_newest_version_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "15", "common"] {
            let bin = folder.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join("initdb"), "").unwrap();
        }
        assert_eq!(newest(folder.path(), "initdb"), Some(folder.path().join("15/bin/initdb")));
        assert_eq!(newest(folder.path(), "other"), None);
    }
}
