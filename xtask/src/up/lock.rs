//! Who uses a data folder: several apps may, but whoever empties it must be alone. The lock lies on the folder itself, ends with the
//! process that holds it, however that ends, and passes to the program that takes the process over.

use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rustix::io::{FdFlags, fcntl_setfd};

/// A folder that nobody empties while this is held.
#[derive(Debug)]
pub(crate) struct Lock(File);

impl Lock {
    /// Shares the folder with other apps.
    pub(crate) fn shared(data: &Path) -> Result<Self> {
        let folder = open(data)?;
        match folder.try_lock_shared() {
            Ok(()) => Ok(Self(folder)),
            Err(error) => refused(data, error, "is being emptied by another command"),
        }
    }

    /// Takes the folder for this process alone.
    pub(crate) fn alone(data: &Path) -> Result<Self> {
        let folder = open(data)?;
        match folder.try_lock() {
            Ok(()) => Ok(Self(folder)),
            Err(error) => refused(data, error, "is in use by an app that runs: end it first"),
        }
    }

    /// Lets other apps in.
    pub(crate) fn share(self) -> Result<Self> {
        self.0.lock_shared().context("cannot share the data folder")?;
        Ok(self)
    }

    /// Leaves the lock to the program that takes this process over. Also to each that this process starts from here on.
    pub(crate) fn pass_on(&self) -> Result<()> {
        fcntl_setfd(&self.0, FdFlags::empty()).context("cannot pass the lock of the data folder on")
    }
}

fn open(data: &Path) -> Result<File> {
    std::fs::create_dir_all(data).with_context(|| format!("cannot create the data folder {}", data.display()))?;
    File::open(data).with_context(|| format!("cannot open the data folder {}", data.display()))
}

fn refused(data: &Path, error: TryLockError, why: &str) -> Result<Lock> {
    match error {
        TryLockError::WouldBlock => bail!("the data folder {} {why}", data.display()),
        TryLockError::Error(error) => Err(error).with_context(|| format!("cannot lock {}", data.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apps_share_and_who_empties_is_alone() {
        let folder = tempfile::tempdir().unwrap();
        let one = Lock::shared(folder.path()).unwrap();
        let other = Lock::shared(folder.path()).unwrap();
        let error = Lock::alone(folder.path()).unwrap_err().to_string();
        assert!(error.contains("in use by an app that runs"), "{error}");
        drop((one, other));
        let alone = Lock::alone(folder.path()).unwrap();
        assert!(Lock::shared(folder.path()).is_err());
        let _shared = alone.share().unwrap();
        Lock::shared(folder.path()).unwrap();
    }

    #[test]
    fn the_lock_passes_to_the_program_that_takes_over() {
        let folder = tempfile::tempdir().unwrap();
        let lock = Lock::shared(folder.path()).unwrap();
        lock.pass_on().unwrap();
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        drop(lock);
        assert!(Lock::alone(folder.path()).is_err());
        child.kill().unwrap();
        child.wait().unwrap();
        Lock::alone(folder.path()).unwrap();
    }
}
