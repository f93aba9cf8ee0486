//! A service's database and user, made and removed.

use anyhow::{Context as _, Result};

use crate::{Url, hex, sql};

/// Makes a database and a user of the same name, who owns it and whom alone it lets in, unless they are there; and gives the user
/// this password. `name` is of letters, digits and `_`. Returns the user's URL.
///
/// # Errors
/// When the server at `admin`, a superuser's URL, refuses.
pub fn service(admin: &str, name: &str, password: &str) -> Result<String> {
    let url = Url::parse(admin)?;
    let statements = format!(
        "SELECT 'CREATE ROLE \"{name}\" LOGIN' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec\n\
         ALTER ROLE \"{name}\" PASSWORD '{password}';\n\
         SELECT 'CREATE DATABASE \"{name}\" OWNER \"{name}\" TEMPLATE template0' \
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec\n\
         REVOKE ALL ON DATABASE \"{name}\" FROM PUBLIC;\n"
    );
    sql(admin, &statements).with_context(|| format!("cannot make the database {name}"))?;
    Ok(format!("postgres://{name}:{password}@{}:{}/{name}", url.host, url.port))
}

/// A database and a user for one test; both go when this is dropped, whoever still uses them.
#[derive(Debug)]
pub struct Scratch {
    admin: String,
    name: String,
    url: String,
}

impl Scratch {
    /// Makes them on the server at `admin`, a superuser's URL; `purpose` is a part of the name.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn make(admin: &str, purpose: &str) -> Result<Self> {
        let name = format!("test_{purpose}_{}", hex(6)?);
        let url = service(admin, &name, &hex(12)?)?;
        Ok(Self { admin: admin.to_owned(), name, url })
    }

    /// The user's URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let name = &self.name;
        let statements = format!("DROP DATABASE \"{name}\" WITH (FORCE);\nDROP ROLE \"{name}\";\n");
        // A server that was stopped meanwhile keeps it; the next `down --erase` removes it.
        if let Err(error) = sql(&self.admin, &statements) {
            eprintln!("the database {name} is left behind: {error:#}");
        }
    }
}
