//! Servers that variables name by URL, and what to say when one of them is not right.

use crate::{StartError, variable};
use http::Uri;

/// A variable of a component that holds the URL of a server, and where it comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UrlVariable<'a> {
    /// Its name in the component.
    pub(crate) name: &'a str,
    /// The application's variable behind it.
    pub(crate) application: &'a str,
    /// The variable that chose this backend, and the word that chose it.
    pub(crate) chosen: (&'a str, &'a str),
    /// The schemes that it may have.
    pub(crate) schemes: &'a [&'a str],
    /// What it looks like, for messages.
    pub(crate) example: &'a str,
    /// The application's variable that grants the address to the component.
    pub(crate) grant: &'a str,
}

/// A URL of the right form, and the server in it without user and password.
#[derive(Debug, Clone)]
pub(crate) struct ServerUrl {
    pub(crate) url: String,
    pub(crate) server: String,
    /// What `allowed_outbound_hosts` must hold for it.
    grant: String,
    pub(crate) has_user: bool,
    pub(crate) path: String,
}

impl UrlVariable<'static> {
    /// The variable of a component's Redis server, where the variable `chooser` is `redis`.
    pub(crate) const fn redis(chooser: &'static str) -> Self {
        Self {
            name: "redis_url",
            application: "redis_url",
            chosen: (chooser, "redis"),
            schemes: &["redis", "rediss"],
            example: "redis://:password@host:port",
            grant: "redis_host",
        }
    }
}

impl UrlVariable<'_> {
    /// Reads the variable.
    ///
    /// # Errors
    /// If it is not given, empty, or no URL of one of the schemes. The value is not repeated: it holds a password.
    pub(crate) async fn read(&self) -> Result<ServerUrl, StartError> {
        let url = variable(self.name).await?.trim().to_owned();
        if url.is_empty() {
            let (chooser, word) = self.chosen;
            return Err(self.wrong(&format!("is empty, though `{chooser}` is `{word}`")));
        }
        let uri: Uri = url.parse().map_err(|error| self.wrong(&format!("is no URL ({error})")))?;
        let scheme = uri.scheme_str().unwrap_or_default();
        if !self.schemes.contains(&scheme) {
            return Err(self.wrong(&format!("does not begin with {}://", self.schemes.join(":// or "))));
        }
        let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
            return Err(self.wrong("names no server"));
        };
        let server = uri.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        // PostgreSQL has two names for its scheme, and is granted by one.
        let granted_as = if scheme == "postgresql" { "postgres" } else { scheme };
        let grant = format!("{granted_as}://{server}");
        let has_user = uri.authority().is_some_and(|authority| authority.as_str().contains('@'));
        let path = uri.path().trim_matches('/').to_owned();
        Ok(ServerUrl { url, server, grant, has_user, path })
    }

    /// The variable is not right: what is wrong with it, after its name, and how to set it.
    pub(crate) fn wrong(&self, what: &str) -> StartError {
        let Self { name, application, example, .. } = self;
        let environment = application.to_uppercase();
        StartError::new(format_args!(
            "the variable `{name}` {what}; set the application's variable `{application}` (in the environment \
             SPIN_VARIABLE_{environment}) to {example}"
        ))
    }

    /// The server that the variable names cannot be used.
    pub(crate) fn unreachable(&self, server: &ServerUrl, cause: &str) -> StartError {
        let Self { name, application, grant, .. } = self;
        let ServerUrl { server, grant: granted, .. } = server;
        StartError::transient(format_args!(
            "the server that the variable `{name}` names, {server}, cannot be used: {cause}; start it, or correct the \
             application's variable `{application}`, and see that `{grant}` is {granted}"
        ))
    }
}

/// The variable that chooses a backend holds another word than those it may.
pub(crate) fn unknown_backend(variable: &str, word: &str, known: [&str; 2]) -> StartError {
    let [one, other] = known;
    StartError::new(format_args!(
        "the variable `{variable}` is `{word}`, which is no backend; set it to `{one}` or `{other}`"
    ))
}
