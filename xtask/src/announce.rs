//! Waits until an app that was just started answers, then says where it is and what to try.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::console::Console;

const LIMIT: Duration = Duration::from_secs(180);
const PAUSE: Duration = Duration::from_millis(100);

/// The app to wait for.
#[derive(clap::Args, Debug)]
pub(crate) struct Options {
    /// Process id of the app.
    #[arg(long)]
    pid: u32,
    /// Address of the app.
    #[arg(long)]
    listen: SocketAddr,
    /// Address of the host's health answers; without one, a connection to the app is enough.
    #[arg(long)]
    admin: Option<SocketAddr>,
}

pub(crate) fn run(console: &Console, options: &Options) {
    let started = Instant::now();
    while started.elapsed() < LIMIT && alive(options.pid) {
        let ready = match options.admin {
            Some(admin) => is_ready(reachable(admin)),
            None => TcpStream::connect_timeout(&reachable(options.listen), PAUSE).is_ok(),
        };
        if ready {
            console.say(&text(reachable(options.listen), options.admin.map(reachable)));
            return;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Where a client on this machine reaches an address; one that stands for all addresses cannot be called itself.
pub(crate) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// Whether the process still exists; where the system does not show its processes, it is taken to.
fn alive(pid: u32) -> bool {
    !Path::new("/proc/self").exists() || PathBuf::from(format!("/proc/{pid}")).exists()
}

fn is_ready(admin: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&admin, PAUSE)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let request = format!("GET /readyz HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer.lines().next().is_some_and(|line| line.contains(" 200")))
    };
    ask().unwrap_or(false)
}

fn text(app: SocketAddr, admin: Option<SocketAddr>) -> String {
    let admin = admin.map_or(String::new(), |admin| {
        format!("Health is at http://{admin}/readyz, metrics at http://{admin}/metrics.\n")
    });
    format!(
        r#"
Vitrine answers at http://{app}
{admin}Try next, in another terminal, with a photo of yours:
  V=http://{app}
  T=$(curl -sS $V/api/v1/auth/register -H 'content-type: application/json' \
    -d '{{"email":"ada@example.org","handle":"ada","password":"correct horse battery"}}' | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
  curl -sS "$V/api/v1/photos?title=Harbour" -H "authorization: Bearer $T" \
    -H 'content-type: application/octet-stream' --data-binary @photo.jpg
  curl -sS $V/api/v1/photos -H "authorization: Bearer $T"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn all_addresses_are_reached_at_this_machine() {
        assert_eq!(reachable("0.0.0.0:80".parse().unwrap()).to_string(), "127.0.0.1:80");
        assert_eq!(reachable("[::]:80".parse().unwrap()).to_string(), "[::1]:80");
        assert_eq!(reachable("10.0.0.1:80".parse().unwrap()).to_string(), "10.0.0.1:80");
    }

    #[test]
    fn only_status_200_is_ready() {
        for (status, ready) in [("200 OK", true), ("503 Service Unavailable", false)] {
            let listener = TcpListener::bind("127.0.0.1:0").unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 512];
                let _ = stream.read(&mut request).unwrap();
                write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").unwrap();
            });
            assert_eq!(is_ready(address), ready);
            server.join().unwrap();
        }
    }
}
