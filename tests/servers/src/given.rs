//! The servers that run already, as `cargo xtask test --backends` tells tests.

use std::env;

/// URLs of servers that tests may use, each with all rights.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// `VITRINE_TEST_POSTGRES`: the superuser's URL, to make databases with.
    pub postgres: Option<String>,
    /// `VITRINE_TEST_REDIS`.
    pub redis: Option<String>,
    /// `VITRINE_TEST_S3`: `http://access-key:secret-key@host:port`.
    pub s3: Option<String>,
}

impl Given {
    /// What the environment names.
    #[must_use]
    pub fn from_env() -> Self {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            postgres: variable("VITRINE_TEST_POSTGRES"),
            redis: variable("VITRINE_TEST_REDIS"),
            s3: variable("VITRINE_TEST_S3"),
        }
    }

    /// The variables that carry these.
    #[must_use]
    pub fn variables(&self) -> Vec<(&'static str, &str)> {
        [("VITRINE_TEST_POSTGRES", &self.postgres), ("VITRINE_TEST_REDIS", &self.redis), ("VITRINE_TEST_S3", &self.s3)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect()
    }
}
