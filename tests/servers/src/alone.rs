//! Servers for one test alone, which may stop and kill them as it likes.

use std::ops::Deref;

use anyhow::{Context as _, Result};
use tempfile::TempDir;

use crate::{Postgres, Redis, S3, free_port, hex, not_run, program};

/// A server with a folder of its own; both go when this is dropped.
#[derive(Debug)]
pub struct Alone<S> {
    server: S,
    end: fn(&S) -> Result<()>,
    _folder: TempDir,
}

impl<S> Deref for Alone<S> {
    type Target = S;
    fn deref(&self) -> &S {
        &self.server
    }
}

impl<S> Drop for Alone<S> {
    fn drop(&mut self) {
        if let Err(error) = (self.end)(&self.server) {
            eprintln!("a server of a test: {error:#}");
        }
    }
}

fn folder() -> Result<TempDir> {
    tempfile::Builder::new().prefix("vitrine-server-").tempdir().context("no folder for a server")
}

impl Postgres {
    /// Starts a server with a fresh folder on a free port; `None` where PostgreSQL is not installed, as
    /// [`not_run`] says.
    ///
    /// # Errors
    /// When it does not start.
    pub fn alone() -> Result<Option<Alone<Self>>> {
        if program("initdb").is_none() || program("psql").is_none() {
            not_run("PostgreSQL is not installed");
            return Ok(None);
        }
        let folder = folder()?;
        let server = Self::new(&folder.path().join("postgres"), free_port()?, &hex(16)?);
        let end = |server: &Self| server.kill().and_then(|()| server.remove());
        let alone = Alone { server, end, _folder: folder };
        alone.start()?;
        Ok(Some(alone))
    }
}

impl Redis {
    /// Starts a server with a fresh folder on a free port; `None` where Redis is not installed, as [`not_run`]
    /// says.
    ///
    /// # Errors
    /// When it does not start.
    pub fn alone() -> Result<Option<Alone<Self>>> {
        if program("redis-server").is_none() {
            not_run("Redis is not installed");
            return Ok(None);
        }
        let folder = folder()?;
        let server = Self::new(&folder.path().join("redis"), free_port()?, &hex(16)?);
        let alone = Alone { server, end: Self::kill, _folder: folder };
        alone.start()?;
        Ok(Some(alone))
    }
}

impl S3 {
    /// Starts a server with a fresh folder on a free port; `None` where `VITRINE_S3S_FS` does not say where s3s-fs is, and it
    /// is not on the `PATH`, as [`not_run`] says.
    ///
    /// # Errors
    /// When it does not start.
    pub fn alone() -> Result<Option<Alone<Self>>> {
        Self::alone_as(|server| server)
    }

    /// The same, as `change` makes it.
    ///
    /// # Errors
    /// When it does not start.
    pub fn alone_as(change: fn(Self) -> Self) -> Result<Option<Alone<Self>>> {
        let given = std::env::var_os("VITRINE_S3S_FS").map(Into::into);
        let Some(program) = given.or_else(|| program("s3s-fs")) else {
            not_run("s3s-fs is not installed, or VITRINE_S3S_FS does not say where it is");
            return Ok(None);
        };
        let folder = folder()?;
        let server = change(Self::new(&program, &folder.path().join("s3"), free_port()?, &hex(10)?, &hex(20)?));
        let alone = Alone { server, end: Self::stop, _folder: folder };
        alone.start()?;
        Ok(Some(alone))
    }
}
