//! `cargo xtask backends`: one PostgreSQL, one Redis and one S3 server for a clone, on loopback ports, with their data in
//! `.backends`. They outlive the command that starts them.

pub(crate) mod check;
mod install;
mod settings;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result};
use vitrine_servers::{Given, bind, service};

use crate::console::Console;
use settings::Settings;

/// What the host and Spin read a variable of the app from.
pub(crate) const PREFIX: &str = "SPIN_VARIABLE_";

/// What to do with the servers.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand, Debug)]
enum Action {
    /// Starts those that do not run, after installing what is missing, and waits until they answer.
    Up,
    /// Stops them.
    Down {
        /// Removes their data too.
        #[arg(long)]
        erase: bool,
    },
    /// Says what runs where; fails when one does not.
    Status,
    /// Prints the variables that bind the app and the tests to them, for a shell to read.
    Env,
}

pub(crate) fn run(console: &Console, root: &Path, options: &Options) -> Result<bool> {
    match options.action {
        Action::Up => {
            Servers::start(console, root)?;
            status(console, root)
        }
        Action::Down { erase } => down(console, root, erase).map(|()| true),
        Action::Status => status(console, root),
        Action::Env => env(console, root).map(|()| true),
    }
}

/// The servers of a clone, running.
pub(crate) struct Servers {
    root: PathBuf,
    settings: Settings,
    started: bool,
}

impl Servers {
    /// Starts those that do not run, and waits until they answer.
    pub(crate) fn start(console: &Console, root: &Path) -> Result<Self> {
        install::missing(console)?;
        let folder = folder(root);
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let _one_at_a_time = locked(&folder)?;
        let started = Instant::now();
        let settings = Settings::make(&folder)?;
        let (postgres, redis, s3) = (settings.postgres()?, settings.redis()?, settings.s3()?);
        let all_up = postgres.is_up() && redis.is_up() && s3.is_up();
        postgres.start()?;
        redis.start()?;
        s3.start()?;
        console.done(true, if all_up { "the servers run already" } else { "the servers answer" }, started);
        Ok(Self { root: root.to_path_buf(), settings, started: !all_up })
    }

    /// Removes the buckets that tests made, which drop their databases themselves; and stops the servers, when it was this command
    /// that started them.
    pub(crate) fn leave(self, console: &Console) -> Result<()> {
        self.settings.s3()?.forget("test-")?;
        if self.started { down(console, &self.root, false) } else { Ok(()) }
    }

    /// What tests are told.
    pub(crate) fn given(&self) -> Result<Given> {
        Ok(Given {
            postgres: Some(self.settings.postgres()?.url()),
            redis: Some(self.settings.redis()?.url()),
            s3: Some(self.settings.s3()?.url()),
        })
    }

    /// Makes a database and a user for each service and a bucket for each store, and gives the variables that bind the app to
    /// them and to the rest.
    pub(crate) fn bound(&mut self) -> Result<Vec<(String, String)>> {
        let names = crate::manifests::names(&self.root)?;
        let (postgres, s3) = (self.settings.postgres()?, self.settings.s3()?);
        let mut urls = Vec::new();
        for name in bind::services(&names) {
            urls.push((name, service(&postgres.url(), name, &self.settings.password_of(name)?)?));
        }
        for store in bind::stores(&names) {
            s3.bucket(store)?;
        }
        let mut values = bind::postgres(&names, urls.iter().map(|(name, url)| (*name, url.as_str())))?;
        values.extend(bind::redis(&names, &self.settings.redis()?.url(), true)?);
        values.extend(bind::s3(&names, &s3.url(), bind::stores(&names).map(|store| (store, store)))?);
        Ok(values.into_iter().map(|(name, value)| (format!("{PREFIX}{}", name.to_uppercase()), value)).collect())
    }
}

/// Where s3s-fs is: tests that start one of their own are told.
pub(crate) fn s3s_fs() -> Result<PathBuf> {
    install::s3s_fs()
}

fn down(console: &Console, root: &Path, erase: bool) -> Result<()> {
    let folder = folder(root);
    let Some(settings) = Settings::read(&folder)? else {
        console.say("      no servers were started here");
        return Ok(());
    };
    let _one_at_a_time = locked(&folder)?;
    let started = Instant::now();
    settings.s3()?.stop()?;
    settings.redis()?.stop()?;
    settings.postgres()?.stop()?;
    if erase {
        settings.postgres()?.remove()?;
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    console.done(
        true,
        if erase { "the servers are stopped, their data is gone" } else { "the servers are stopped" },
        started,
    );
    Ok(())
}

fn status(console: &Console, root: &Path) -> Result<bool> {
    let Some(settings) = Settings::read(&folder(root))? else {
        console.say("no servers were started here: cargo xtask backends up");
        return Ok(false);
    };
    let (postgres, redis, s3) = (settings.postgres()?, settings.redis()?, settings.s3()?);
    let rows = [
        ("PostgreSQL", postgres.is_up(), postgres.pid(), postgres.url(), "postgres"),
        ("Redis", redis.is_up(), redis.pid(), redis.url(), "redis"),
        ("S3", s3.is_up(), s3.pid(), s3.url(), "s3"),
    ];
    let all = rows.iter().all(|(_, up, ..)| *up);
    for (name, up, pid, url, data) in rows {
        let url = vitrine_servers::Url::parse(&url)?;
        let process = pid.map_or(String::new(), |pid| format!("process {pid}"));
        let state = if up { "up" } else { "down" };
        console.say(&format!("{name:<12}{state:<6}{}:{:<8}{process:<16}.backends/{data}", url.host, url.port));
    }
    Ok(all)
}

fn env(console: &Console, root: &Path) -> Result<()> {
    // Said aside, so that a shell can read the rest.
    let mut servers = Servers::start(&console.aside(), root)?;
    let given = servers.given()?;
    let mut lines: Vec<(String, String)> =
        given.variables().into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    lines.push(("VITRINE_S3S_FS".to_owned(), s3s_fs()?.display().to_string()));
    lines.extend(servers.bound()?);
    for (name, value) in lines {
        console.say(&format!("export {name}='{value}'"));
    }
    Ok(())
}

fn folder(root: &Path) -> PathBuf {
    root.join(".backends")
}

/// Two commands that start or stop servers in one folder do so one after the other.
fn locked(folder: &Path) -> Result<File> {
    let lock = File::open(folder).with_context(|| format!("cannot open {}", folder.display()))?;
    lock.lock().with_context(|| format!("cannot lock {}", folder.display()))?;
    Ok(lock)
}
