//! The data folder of one deployment.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

/// Says how labels are bound. Paths of key-value stores are relative to the folder of this file, so a copy lies in the
/// data folder; it also marks the folder as one of ours.
pub(crate) const RUNTIME_CONFIG: &str = "runtime-config.toml";

/// Creates the folder where it is missing and copies the runtime configuration into it.
pub(crate) fn prepare(root: &Path, data: &Path) -> Result<()> {
    std::fs::create_dir_all(data).with_context(|| format!("cannot create the data folder {}", data.display()))?;
    std::fs::copy(root.join(RUNTIME_CONFIG), data.join(RUNTIME_CONFIG))
        .with_context(|| format!("cannot write to the data folder {}", data.display()))?;
    Ok(())
}

/// Removes all that is in the folder; refuses one that is not a data folder, since a mistyped path must cost nothing.
pub(crate) fn empty(data: &Path) -> Result<()> {
    let entries: Vec<_> = match std::fs::read_dir(data) {
        Ok(entries) => entries.collect::<Result<_, _>>()?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", data.display())),
    };
    if entries.is_empty() {
        return Ok(());
    }
    let foreign = data.join(".git").exists() || data.join("Cargo.toml").exists();
    if foreign || !data.join(RUNTIME_CONFIG).is_file() {
        bail!("{} does not look like a data folder (it has no {RUNTIME_CONFIG}); it was left alone", data.display());
    }
    for entry in entries {
        let path = entry.path();
        let removed =
            if entry.file_type()?.is_dir() { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_ours_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("letter.txt"), "dear").unwrap();
        assert!(empty(folder.path()).is_err());
        assert!(folder.path().join("letter.txt").exists());
    }

    #[test]
    fn a_workspace_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(RUNTIME_CONFIG), "").unwrap();
        std::fs::write(folder.path().join("Cargo.toml"), "").unwrap();
        assert!(empty(folder.path()).is_err());
    }

    #[test]
    fn a_data_folder_is_emptied() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(RUNTIME_CONFIG), "a = 1").unwrap();
        let data = root.path().join("data");
        prepare(root.path(), &data).unwrap();
        std::fs::create_dir(data.join("deep")).unwrap();
        std::fs::write(data.join("deep/rows.db"), "rows").unwrap();
        empty(&data).unwrap();
        assert_eq!(std::fs::read_dir(&data).unwrap().count(), 0);
    }

    #[test]
    fn a_folder_that_is_missing_is_empty() {
        let root = tempfile::tempdir().unwrap();
        empty(&root.path().join("none")).unwrap();
    }
}
