//! The real servers that tests use: those that the environment names, and those that a test stops and starts.

use std::env;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use vitrine_servers::not_run;

/// The URL of a PostgreSQL superuser (`VITRINE_TEST_POSTGRES`); without it, says that the test is not run.
#[must_use]
pub fn postgres() -> Option<String> {
    url("VITRINE_TEST_POSTGRES")
}

/// The URL of a Redis server (`VITRINE_TEST_REDIS`); without it, says that the test is not run.
#[must_use]
pub fn redis() -> Option<String> {
    url("VITRINE_TEST_REDIS")
}

/// The grant that covers the server of a URL: scheme, host and port, without user and path.
#[must_use]
pub fn grant(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let server = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{server}")
}

fn url(variable: &str) -> Option<String> {
    let url = env::var(variable).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        not_run(&format!("it needs a server, which {variable} names"));
    }
    url
}

/// A Redis server that belongs to one test. It ends with it.
pub struct OwnRedis {
    folder: TempDir,
    port: u16,
    child: Option<Child>,
}

impl OwnRedis {
    /// Starts one on a free port; where `redis-server` is not installed, says that the test is not run.
    #[must_use]
    pub fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let mut redis = Self { folder: tempfile::tempdir().ok()?, port, child: None };
        redis.again();
        if redis.child.is_none() {
            not_run("redis-server is not installed");
            return None;
        }
        Some(redis)
    }

    /// Its URL.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Stops it as a crash would.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            // One that has ended already is what is wanted.
            let _gone = child.kill();
            let _status = child.wait();
        }
    }

    /// Starts it, empty, on the same port, and waits until it answers.
    pub fn again(&mut self) {
        self.stop();
        let mut command = Command::new("redis-server");
        command.args(["--port", &self.port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.current_dir(self.folder.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = command.spawn().ok();
        let start = Instant::now();
        while self.child.is_some() && TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            if start.elapsed() > Duration::from_secs(10) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What `redis-cli` answers to a command.
    #[must_use]
    pub fn ask(&self, command: &[&str]) -> String {
        let output = Command::new("redis-cli").args(["-p", &self.port.to_string()]).args(command).output();
        output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default()
    }
}

impl Drop for OwnRedis {
    fn drop(&mut self) {
        self.stop();
    }
}
