//! The real servers that tests use where the environment names them.

use std::env;

/// The URL of a PostgreSQL superuser (`VITRINE_TEST_POSTGRES`); without it, says that the test is not run.
#[must_use]
pub fn postgres() -> Option<String> {
    url("VITRINE_TEST_POSTGRES")
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
        eprintln!("not run: it needs a server, which {variable} names");
    }
    url
}
