//! What a deployment says.

use crate::{InvalidOrigin, Origin, Proxies, Quota, Service};
use http::{Uri, uri::Authority, uri::Scheme};
use std::collections::BTreeMap;
use vitrine_identity::{InvalidKey, PublicKey};

/// The variables that [`Settings::parse`] reads.
pub const VARIABLES: [&str; 13] = [
    "auth_public_keys",
    "auth_url",
    "cors_origins",
    "limit_account",
    "limit_address",
    "limit_login",
    "limit_registration",
    "public_url",
    "relay_url",
    "token_issuer",
    "trusted_proxies",
    "upload_max_bytes",
    "upload_url",
];

/// What a deployment says, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The keys that access tokens are signed with.
    pub public_keys: Vec<PublicKey>,
    /// Who signs them.
    pub issuer: String,
    /// Where the outside finds this app.
    pub public_origin: Origin,
    /// Other sites whose pages may call it.
    pub cors_origins: Vec<Origin>,
    /// Who may say for whom he speaks.
    pub trusted_proxies: Proxies,
    /// How often one address may ask. `None`: as often as it likes.
    pub limit_address: Option<Quota>,
    /// How often one account may ask, from all its addresses together.
    pub limit_account: Option<Quota>,
    /// How often one address may try to prove who it is.
    pub limit_login: Option<Quota>,
    /// How often one address may ask for an account.
    pub limit_registration: Option<Quota>,
    /// How large an upload may be.
    pub upload_max_bytes: u64,
    /// Where each service is.
    pub services: BTreeMap<Service, (Scheme, Authority)>,
}

/// A variable is not as it must be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable `{name}` is not right: {reason}")]
pub struct InvalidSetting {
    /// The variable.
    pub name: &'static str,
    /// What is wrong with it.
    pub reason: String,
}

fn wrong(name: &'static str, reason: impl ToString) -> InvalidSetting {
    InvalidSetting { name, reason: reason.to_string() }
}

impl Settings {
    /// Reads the values of [`VARIABLES`].
    ///
    /// # Errors
    /// The first variable that is missing or not as it must be.
    pub fn parse(values: &BTreeMap<String, String>) -> Result<Self, InvalidSetting> {
        let value = |name: &'static str| {
            values.get(name).map(|value| value.trim()).ok_or_else(|| wrong(name, "it is not given"))
        };
        let quota = |name| Quota::parse(value(name)?).map_err(|reason| wrong(name, reason));
        let origins: Result<_, InvalidOrigin> = words(value("cors_origins")?).map(str::parse).collect();
        let services: Result<_, _> = Service::ALL
            .into_iter()
            .map(|service| {
                let name = service.variable();
                Ok((service, base(value(name)?).ok_or_else(|| wrong(name, "it is no http://host[:port]"))?))
            })
            .collect();
        Ok(Self {
            public_keys: PublicKey::parse_list(value("auth_public_keys")?)
                .map_err(|error: InvalidKey| wrong("auth_public_keys", error))?,
            issuer: value("token_issuer")?.to_owned(),
            public_origin: value("public_url")?.parse().map_err(|error| wrong("public_url", error))?,
            cors_origins: origins.map_err(|error| wrong("cors_origins", error))?,
            trusted_proxies: Proxies::parse(value("trusted_proxies")?)
                .map_err(|word| wrong("trusted_proxies", format!("`{word}` is no address and no network")))?,
            limit_address: quota("limit_address")?,
            limit_account: quota("limit_account")?,
            limit_login: quota("limit_login")?,
            limit_registration: quota("limit_registration")?,
            upload_max_bytes: value("upload_max_bytes")?.parse().map_err(|error| wrong("upload_max_bytes", error))?,
            services: services?,
        })
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n', '\t']).filter(|word| !word.is_empty())
}

/// Scheme and authority of an address without a path.
fn base(text: &str) -> Option<(Scheme, Authority)> {
    let parts = text.parse::<Uri>().ok()?.into_parts();
    let scheme = parts.scheme.filter(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)?;
    let bare = parts.path_and_query.is_none_or(|path| path == "/");
    let authority = parts.authority.filter(|authority| bare && !authority.as_str().contains('@'))?;
    Some((scheme, authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(changes: &[(&str, &str)]) -> BTreeMap<String, String> {
        let defaults = [
            ("auth_public_keys", "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"),
            ("auth_url", "http://auth.spin.internal"),
            ("cors_origins", "https://a.example, https://b.example"),
            ("limit_account", "1200/60"),
            ("limit_address", "off"),
            ("limit_login", "20/300"),
            ("limit_registration", "30/3600"),
            ("public_url", "https://vitrine.example"),
            ("relay_url", "http://relay.spin.internal"),
            ("token_issuer", "vitrine"),
            ("trusted_proxies", "10.0.0.0/8"),
            ("upload_max_bytes", "1000"),
            ("upload_url", "https://upload.example:8443/"),
        ];
        defaults.iter().chain(changes).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn all_that_a_deployment_says_is_read() {
        assert_eq!(values(&[]).len(), VARIABLES.len());
        let settings = Settings::parse(&values(&[])).unwrap();
        assert!(settings.public_origin.is_secure());
        assert_eq!((settings.cors_origins.len(), settings.limit_address), (2, None));
        assert_eq!(settings.services.len(), Service::ALL.len());
        assert_eq!(settings.services[&Service::Upload].1, "upload.example:8443");
    }

    #[test]
    fn what_is_wrong_is_told_by_name() {
        for (name, value) in [
            ("auth_public_keys", "x"),
            ("auth_url", "auth"),
            ("auth_url", "http://auth/path"),
            ("relay_url", "ftp://relay"),
            ("upload_url", "http://user@upload"),
            ("cors_origins", "*"),
            ("cors_origins", "https://a.example https://b.example/x"),
            ("limit_account", "many"),
            ("limit_address", "0/60"),
            ("limit_login", "5/0"),
            ("limit_registration", "x/60"),
            ("public_url", ""),
            ("trusted_proxies", "everyone"),
            ("upload_max_bytes", "-1"),
        ] {
            assert_eq!(Settings::parse(&values(&[(name, value)])).unwrap_err().name, name, "{value}");
        }
        for name in VARIABLES {
            let mut values = values(&[]);
            values.remove(name);
            assert_eq!(Settings::parse(&values).unwrap_err().name, name);
        }
    }
}
