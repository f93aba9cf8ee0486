//! What is made once of some files, and kept for all clones: packages that tests install.

use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};

use crate::cache_dir;

/// The folder, below the cache folder, of what `make` makes of these files of the folder `source`. `make` is given a folder that
/// holds them already, and which is moved when it is done, so it must not depend on its name. It is called at the first use, and
/// again when a file has changed.
///
/// # Errors
/// When a file cannot be read, the cache folder cannot be written, or `make` fails: then nothing is kept.
pub fn kept(kind: &str, source: &Path, files: &[&str], make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let cache = cache_dir()?;
    std::fs::create_dir_all(&cache)?;
    let folder = cache.join(format!("{kind}-{}", key(source, files)?));
    if folder.is_dir() {
        return Ok(folder);
    }
    // Others, in this process or another one, may be about to make the same. The lock ends with the file.
    let lock = File::create(cache.join(format!("{kind}.lock")))?;
    flock(&lock, FlockOperation::LockExclusive)?;
    if !folder.is_dir() {
        let building = tempfile::tempdir_in(&cache)?;
        for file in files {
            std::fs::copy(source.join(file), building.path().join(file))
                .with_context(|| format!("cannot copy {file}"))?;
        }
        make(building.path())?;
        std::fs::rename(building.keep(), &folder)?;
    }
    Ok(folder)
}

/// Names what is made of these files.
fn key(folder: &Path, files: &[&str]) -> Result<String> {
    let mut hash = Sha256::new();
    for file in files {
        hash.update(std::fs::read(folder.join(file)).with_context(|| format!("cannot read {file}"))?);
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}
