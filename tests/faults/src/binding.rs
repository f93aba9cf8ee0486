//! What an app is bound to.

use vitrine_servers::{Given, not_run};

/// Where an app keeps its data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Binding {
    /// SQLite, in a folder of its own.
    Embedded,
    /// Databases of its own on these servers.
    Servers(Given),
}

impl Binding {
    /// The PostgreSQL server of the environment; says so where there is none.
    #[must_use]
    pub fn given() -> Option<Self> {
        let postgres = Given::from_env().postgres;
        if postgres.is_none() {
            not_run("VITRINE_TEST_POSTGRES names no server (cargo xtask test --backends)");
        }
        postgres.map(|url| Self::postgres(&url))
    }

    /// The PostgreSQL server of this URL, its superuser's.
    #[must_use]
    pub fn postgres(url: &str) -> Self {
        Self::Servers(Given { postgres: Some(url.to_owned()), ..Given::default() })
    }
}
