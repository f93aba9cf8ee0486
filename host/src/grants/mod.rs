//! Where a component may connect to: `allowed_outbound_hosts`, with Spin's meaning.

mod pattern;

use http::Uri;
use url::Host;

use crate::config::{VariableError, Variables};
use crate::document::Place;
use crate::manifest::{Component, Manifest};

pub use pattern::{HostPattern, PatternError};
use pattern::{HostRule, well_known_port};

/// The domain under which components call each other.
pub const CHAINING_DOMAIN: &str = "spin.internal";
/// The host that stands for the app itself where a URL needs one.
const SELF_HOST: &str = "self.alt";

/// The outbound grants of one component.
#[derive(Clone, Debug)]
pub struct AllowedHosts {
    component: String,
    patterns: Vec<HostPattern>,
}

/// Grants that mean nothing once their variables are known.
#[derive(Debug, thiserror::Error)]
pub enum GrantError {
    /// It grants calls to the app's own public routes.
    #[error(
        "{place}: component `{component}` asks for `self`, and the host does not have calls to the app's own routes; name the component (http://<component>.spin.internal), or run this app on Spin"
    )]
    CallsToSelf {
        /// The component.
        place: Place,
        /// Its id.
        component: String,
    },
    /// A variable has no value.
    #[error(transparent)]
    Variable(#[from] VariableError),
    /// The resolved text is no host. The text is not shown, since a variable may be a secret.
    #[error(
        "{place}: the component `{component}` has `{template}` in `allowed_outbound_hosts`, whose variables make it a text that is no host: {reason}"
    )]
    NotAHost {
        /// The component.
        place: Place,
        /// Its id.
        component: String,
        /// The entry as it was written.
        template: String,
        /// What a host is like.
        reason: PatternError,
    },
}

/// A call that was not granted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No grant covers the target.
    #[error(
        "the component `{component}` may not connect to {target}: add \"{target}\" to `allowed_outbound_hosts` of [component.{component}] in the manifest if it should"
    )]
    NotGranted {
        /// The component that called.
        component: String,
        /// What to grant: scheme, host and, if it is not the scheme's own, port.
        target: String,
    },
    /// The target is no URL with a host.
    #[error(
        "the component `{component}` called {target:?}, which is not a URL with a valid host: correct it in the component's code or variables"
    )]
    NotAUrl {
        /// The component that called.
        component: String,
        /// What it called.
        target: String,
    },
}

impl AllowedHosts {
    /// Resolves the grants of a component. An entry with variables that resolves to nothing (or to `http://` or
    /// `https://`) grants nothing, so that an optional endpoint can be left empty.
    pub fn of_component(manifest: &Manifest, component: &Component, variables: &Variables) -> Result<Self, GrantError> {
        let mut patterns = Vec::new();
        for template in &component.allowed_outbound_hosts {
            let text = variables.resolve(template)?;
            if !template.is_literal() && ["", "http://", "https://"].contains(&text.expose()) {
                continue;
            }
            let pattern = HostPattern::parse(text.expose()).map_err(|reason| GrantError::NotAHost {
                place: manifest.place(component.line),
                component: component.id.clone(),
                template: template.to_string(),
                reason,
            })?;
            if pattern.host == HostRule::ToSelf {
                let (place, component) = (manifest.place(component.line), component.id.clone());
                return Err(GrantError::CallsToSelf { place, component });
            }
            patterns.push(pattern);
        }
        Ok(Self::new(&component.id, patterns, manifest.components.keys().map(String::as_str)))
    }

    /// Grants made of patterns; `*.spin.internal` among them stands for the components of the app, and for no others.
    pub fn new<'a>(
        component: &str,
        patterns: impl IntoIterator<Item = HostPattern>,
        app: impl Iterator<Item = &'a str> + Clone,
    ) -> Self {
        let patterns = patterns.into_iter().flat_map(|pattern| pattern.for_components(app.clone())).collect();
        Self { component: component.to_owned(), patterns }
    }

    /// Whether the component may call the URL. A URL without a host, or with the host `self.alt`, is a call to the app
    /// itself, which the host `self` grants.
    pub fn allows(&self, uri: &Uri) -> Result<(), Refused> {
        if is_self(uri) {
            let granted = self.patterns.iter().any(|pattern| {
                matches!(pattern.host, HostRule::Any | HostRule::ToSelf)
                    && ["http", "https"].iter().any(|scheme| pattern.allows_scheme(scheme))
            });
            return if granted { Ok(()) } else { Err(self.not_granted("http://self".to_owned())) };
        }
        let scheme = uri.scheme_str().unwrap_or("https");
        let host = uri.host().unwrap_or_default();
        let parsed = Host::parse(host)
            .map_err(|_| Refused::NotAUrl { component: self.component.clone(), target: uri.to_string() })?;
        self.allows_host(scheme, &parsed, uri.port_u16())
    }

    /// Whether the component may connect to a host by a scheme; without a port it is the scheme's own.
    pub fn allows_host(&self, scheme: &str, host: &Host<String>, port: Option<u16>) -> Result<(), Refused> {
        let own_port = well_known_port(scheme);
        let port = port.or(own_port);
        if self.patterns.iter().any(|pattern| pattern.allows(scheme, host, port)) {
            return Ok(());
        }
        Err(self.not_granted(match port.filter(|_| port != own_port) {
            Some(port) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }))
    }

    fn not_granted(&self, target: String) -> Refused {
        Refused::NotGranted { component: self.component.clone(), target }
    }
}

/// Whether a URL is a call to the app itself: it has no host, or the host `self.alt`.
pub fn is_self(uri: &Uri) -> bool {
    uri.host().is_none_or(|host| host.is_empty() || host == SELF_HOST)
}

/// The component that a URL calls by service chaining: `auth` of `http://auth.spin.internal/…`.
pub fn chained(uri: &Uri) -> Option<&str> {
    let (component, domain) = uri.host()?.split_once('.')?;
    (domain == CHAINING_DOMAIN).then_some(component)
}

#[cfg(test)]
mod tests;
