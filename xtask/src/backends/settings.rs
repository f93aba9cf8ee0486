//! Where the servers of a clone are and what opens them: ports and random passwords, made once and kept in `.backends/env`.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use vitrine_servers::{Postgres, Redis, S3, hex};

use crate::env_file;

/// The port of each server; the next one that is free where something else has it when the settings are made. Below the ports that
/// the system gives to clients, one of which might take it while the server is down.
const PORTS: [(&str, u16); 3] = [("POSTGRES_PORT", 15432), ("REDIS_PORT", 16379), ("S3_PORT", 19000)];
const SECRETS: [&str; 4] = ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"];

/// The settings of the servers in one folder.
#[derive(Debug)]
pub(crate) struct Settings {
    folder: PathBuf,
    values: BTreeMap<String, String>,
}

impl Settings {
    /// Reads them; `None` where servers were never started here.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        let values = env_file::read(&file(folder))?;
        Ok((!values.is_empty()).then(|| Self { folder: folder.to_path_buf(), values }))
    }

    /// Reads them, and makes what is missing.
    pub(crate) fn make(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let mut settings = Self { folder: folder.to_path_buf(), values: env_file::read(&file(folder))? };
        for (name, port) in PORTS {
            settings.complete(name, || free_from(port).map(|port| port.to_string()))?;
        }
        for name in SECRETS {
            settings.complete(name, || hex(16))?;
        }
        Ok(settings)
    }

    pub(crate) fn postgres(&self) -> Result<Postgres> {
        let home = self.folder.join("postgres");
        Ok(Postgres::new(&home, self.port("POSTGRES_PORT")?, self.value("POSTGRES_PASSWORD")?))
    }

    pub(crate) fn redis(&self) -> Result<Redis> {
        let home = self.folder.join("redis");
        Ok(Redis::new(&home, self.port("REDIS_PORT")?, self.value("REDIS_PASSWORD")?))
    }

    pub(crate) fn s3(&self) -> Result<S3> {
        let (access, secret) = (self.value("S3_ACCESS_KEY")?, self.value("S3_SECRET_KEY")?);
        Ok(S3::new(&super::install::s3s_fs()?, &self.folder.join("s3"), self.port("S3_PORT")?, access, secret))
    }

    /// The password of a service's database user.
    pub(crate) fn password_of(&mut self, service: &str) -> Result<String> {
        let name = format!("{}_POSTGRES_PASSWORD", service.to_uppercase());
        self.complete(&name, || hex(16))?;
        self.value(&name).map(str::to_owned)
    }

    fn complete(&mut self, name: &str, value: impl FnOnce() -> Result<String>) -> Result<()> {
        if !self.values.contains_key(name) {
            let value = value()?;
            env_file::append(&file(&self.folder), &[(name.to_owned(), value.clone())])?;
            self.values.insert(name.to_owned(), value);
        }
        Ok(())
    }

    fn value(&self, name: &str) -> Result<&str> {
        let value = self.values.get(name).map(String::as_str);
        value.with_context(|| format!("{} does not have {name}", file(&self.folder).display()))
    }

    fn port(&self, name: &str) -> Result<u16> {
        let file = file(&self.folder);
        self.value(name)?.parse().with_context(|| format!("{name} in {} is no port", file.display()))
    }
}

fn free_from(port: u16) -> Result<u16> {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (port..port + 100).find(free).with_context(|| format!("no port of 127.0.0.1 from {port} on is free"))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("env")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Settings::read(folder.path()).unwrap().is_none());
        let first = Settings::make(folder.path()).unwrap().password_of("auth").unwrap();
        let mut again = Settings::read(folder.path()).unwrap().unwrap();
        assert_eq!(again.password_of("auth").unwrap(), first);
        assert_eq!(Settings::make(folder.path()).unwrap().values, again.values);
    }

    #[test]
    fn a_port_that_is_none_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("env"), "REDIS_PORT=many\nREDIS_PASSWORD=x\n").unwrap();
        let error = Settings::read(folder.path()).unwrap().unwrap().redis().unwrap_err().to_string();
        assert!(error.contains("REDIS_PORT"), "{error}");
    }
}
