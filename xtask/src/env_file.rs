//! The `.env` file: `NAME=value` lines that the host and Spin both read. It holds secrets, so only its owner may read it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use anyhow::{Context as _, Result};

/// The values in the file; none when it does not exist.
pub(crate) fn read(path: &Path) -> Result<BTreeMap<String, String>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    Ok(text
        .lines()
        .filter_map(|line| line.trim().strip_prefix("export ").unwrap_or(line.trim()).split_once('='))
        .filter(|(name, _)| !name.starts_with('#'))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().trim_matches(['"', '\'']).to_owned()))
        .collect())
}

/// Adds lines at the end, and leaves what is there as it is.
pub(crate) fn append(path: &Path, values: &[(String, String)]) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    let old = std::fs::read_to_string(path).unwrap_or_default();
    let mut file = std::fs::OpenOptions::new().append(true).create(true).mode(0o600).open(path).with_context(failed)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600)).with_context(failed)?;
    let mut lines = String::new();
    if old.is_empty() {
        lines.push_str("# The secrets of this deployment. Never commit or share this file.\n");
    } else if !old.ends_with('\n') {
        lines.push('\n');
    }
    for (name, value) in values {
        lines.push_str(&format!("{name}={value}\n"));
    }
    file.write_all(lines.as_bytes()).with_context(failed)?;
    file.sync_all().with_context(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_stays_and_only_the_owner_may_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(&path, "# mine\nexport A=\"1\"\nB=2").unwrap();
        append(&path, &[("C".into(), "3=".into())]).unwrap();
        let values = read(&path).unwrap();
        assert_eq!(values.get("A").map(String::as_str), Some("1"));
        assert_eq!(values.get("B").map(String::as_str), Some("2"));
        assert_eq!(values.get("C").map(String::as_str), Some("3="));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_missing_holds_nothing() {
        assert!(read(Path::new("/nonexistent/.env")).unwrap().is_empty());
    }
}
