//! A Redis server.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::Signal;

use crate::process::{end, must_be_free, run, running, until};
use crate::{Url, program};

const PATIENCE: Duration = Duration::from_secs(5);

/// A Redis server of a folder and a port.
#[derive(Debug, Clone)]
pub struct Redis {
    home: PathBuf,
    port: u16,
    password: String,
}

impl Redis {
    /// A server that keeps its data in `home`; it need not run.
    #[must_use]
    pub fn new(home: &Path, port: u16, password: &str) -> Self {
        Self { home: home.to_path_buf(), port, password: password.to_owned() }
    }

    /// Its URL, with the password.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.password, self.port)
    }

    /// Whether it runs and answers.
    #[must_use]
    pub fn is_up(&self) -> bool {
        redis(&self.url(), &["PING"]).is_ok_and(|answer| answer == "PONG")
    }

    /// Starts it, unless it runs.
    ///
    /// # Errors
    /// When it is not installed, its port is taken, or it does not answer.
    pub fn start(&self) -> Result<()> {
        if self.is_up() {
            return Ok(());
        }
        let server = program("redis-server").context("redis-server is not installed")?;
        must_be_free(self.port, "Redis")?;
        std::fs::create_dir_all(&self.home).with_context(|| format!("cannot create {}", self.home.display()))?;
        let config = self.home.join("redis.conf");
        std::fs::write(&config, self.config()).with_context(|| format!("cannot write {}", config.display()))?;
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600))?;
        run(Command::new(server).arg(&config))?;
        until("Redis answers", || self.is_up()).with_context(|| format!("see {}", self.home.join("log").display()))
    }

    /// Ends it as an administrator would: what it holds is on disk then.
    ///
    /// # Errors
    /// When it does not end.
    pub fn stop(&self) -> Result<()> {
        end(&self.pid_file(), &self.mark(), Signal::TERM)
    }

    /// Ends it as a crash would.
    ///
    /// # Errors
    /// When it does not end.
    pub fn kill(&self) -> Result<()> {
        end(&self.pid_file(), &self.mark(), Signal::KILL)
    }

    /// Its process, when it runs.
    #[must_use]
    pub fn pid(&self) -> Option<i32> {
        running(&self.pid_file(), &self.mark()).map(|pid| pid.as_raw_nonzero().get())
    }

    fn pid_file(&self) -> PathBuf {
        self.home.join("pid")
    }

    /// The title that Redis gives its process names its address.
    fn mark(&self) -> PathBuf {
        PathBuf::from(format!("127.0.0.1:{}", self.port))
    }

    /// Every write is on disk before it is answered, so that a kill loses nothing that was acknowledged. The many databases
    /// are for tests, one each.
    fn config(&self) -> String {
        let home = self.home.display();
        format!(
            "bind 127.0.0.1\nport {}\nrequirepass {}\ndir \"{home}\"\npidfile \"{}\"\nlogfile \"{home}/log\"\ndaemonize yes\n\
             databases 4096\nsave \"\"\nappendonly yes\nappendfsync always\n",
            self.port,
            self.password,
            self.pid_file().display(),
        )
    }
}

/// Sends one command to a Redis server, in the database that the URL names, and gives its answer where that is a word or a number.
///
/// # Errors
/// When the server does not answer, or refuses.
pub fn redis(url: &str, command: &[&str]) -> Result<String> {
    let url = Url::parse(url)?;
    let address = crate::probe::address(&url)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut commands = Vec::new();
    match (url.user.as_str(), url.password.as_str()) {
        (_, "") => {}
        ("", password) => commands.push(vec!["AUTH", password]),
        (user, password) => commands.push(vec!["AUTH", user, password]),
    }
    if !url.path.is_empty() {
        commands.push(vec!["SELECT", &url.path]);
    }
    commands.push(command.to_vec());
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut last = String::new();
    for command in commands {
        stream.write_all(&request(&command))?;
        last = answer(&mut reader)?;
    }
    Ok(last)
}

/// A command as the protocol wants it: an array of strings, each with its length.
fn request(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
    }
    bytes
}

fn answer(reader: &mut BufReader<TcpStream>) -> Result<String> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    match line.trim_end().split_at_checked(1) {
        Some(("+" | ":", text)) => Ok(text.to_owned()),
        Some(("-", text)) => bail!("{text}"),
        _ => bail!("no answer of a Redis server"),
    }
}
