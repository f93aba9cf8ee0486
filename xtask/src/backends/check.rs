//! Whether the servers that the app is bound to answer, seen before it starts: one message that names the variable and what to do.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow, bail};
use vitrine_servers::{Url, answers};

use super::PREFIX;

const HELP: &str = "correct it, or run cargo xtask up --backends, which starts servers and binds the app to them";

/// Which servers a backend can be, by the variable that chooses.
const BACKENDS: [(&str, [&str; 2]); 4] = [
    ("blob_backend", ["key-value", "s3"]),
    ("db_backend", ["sqlite", "postgres"]),
    ("kv_backend", ["sqlite", "redis"]),
    ("ring_backend", ["chain", "redis"]),
];

/// Checks what the app's variables, by their names in the manifest, bind it to.
pub(crate) fn check(values: &BTreeMap<String, String>) -> Result<()> {
    for (name, known) in BACKENDS {
        if let Some(value) = values.get(name).filter(|value| !known.contains(&value.as_str())) {
            bail!("{} is `{value}`: it can be {}", variable(name), known.join(" or "));
        }
    }
    if chosen(values, "db_backend", "postgres") {
        for name in values.keys().filter(|name| name.ends_with("_postgres_url")) {
            server(values, name, "postgres_host", &["postgres", "postgresql"])?;
        }
    }
    let redis = |name: &str| server(values, name, "redis_host", &["redis", "rediss"]);
    if chosen(values, "kv_backend", "redis") {
        values.keys().filter(|name| name.ends_with("_redis_url")).try_for_each(|name| redis(name))?;
    }
    if chosen(values, "kv_backend", "redis") || chosen(values, "ring_backend", "redis") {
        redis("redis_url")?;
    }
    if chosen(values, "blob_backend", "s3") {
        for key in values.keys().filter(|key| key.ends_with("_s3_access_key") || key.ends_with("_s3_secret_key")) {
            filled(values, key)?;
        }
        server(values, "s3_endpoint", "s3_host", &["http", "https"])?;
    }
    Ok(())
}

/// Whether the app is bound to that backend.
pub(crate) fn chosen(values: &BTreeMap<String, String>, name: &str, backend: &str) -> bool {
    values.get(name).is_some_and(|value| value == backend)
}

/// Checks the URL in one variable, and that the grant in another allows it.
fn server(values: &BTreeMap<String, String>, name: &str, grant: &str, schemes: &[&str]) -> Result<()> {
    let url = filled(values, name)?;
    let parsed = told(name, Url::parse(url))?;
    if !schemes.contains(&parsed.scheme.as_str()) {
        bail!("{}: {}:// is not {}://; {HELP}", variable(name), parsed.scheme, schemes.join(":// or "));
    }
    if let Some(allowed) = values.get(grant) {
        let same =
            Url::parse(allowed).is_ok_and(|allowed| (allowed.host, allowed.port) == (parsed.host.clone(), parsed.port));
        if !same {
            let wanted = format!("{}://{}:{}", parsed.scheme, parsed.host, parsed.port);
            bail!("{} is `{allowed}`, which does not allow {}: set it to {wanted}", variable(grant), variable(name));
        }
    }
    told(name, answers(url))
}

fn told<T>(name: &str, result: Result<T>) -> Result<T> {
    result.map_err(|error| anyhow!("{}: {error:#}; {HELP}", variable(name)))
}

fn filled<'a>(values: &'a BTreeMap<String, String>, name: &str) -> Result<&'a str> {
    let value = values.get(name).filter(|value| !value.is_empty());
    value.map(String::as_str).with_context(|| format!("{} has no value; {HELP}", variable(name)))
}

/// How the environment and `.env` spell it.
fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn error(pairs: &[(&str, &str)]) -> String {
        format!("{:#}", check(&values(pairs)).unwrap_err())
    }

    #[test]
    fn what_is_embedded_needs_no_server() {
        check(&values(&[])).unwrap();
        check(&values(&[("db_backend", "sqlite"), ("auth_postgres_url", ""), ("ring_backend", "chain")])).unwrap();
    }

    #[test]
    fn each_mistake_names_its_variable() {
        assert!(error(&[("kv_backend", "memcached")]).contains("SPIN_VARIABLE_KV_BACKEND is `memcached`"));
        let postgres = ("db_backend", "postgres");
        assert!(error(&[postgres, ("auth_postgres_url", "")]).contains("SPIN_VARIABLE_AUTH_POSTGRES_URL has no value"));
        assert!(error(&[postgres, ("auth_postgres_url", "localhost")]).contains("SPIN_VARIABLE_AUTH_POSTGRES_URL"));
        assert!(error(&[postgres, ("auth_postgres_url", "mysql://h:1/a")]).contains("mysql:// is not postgres://"));
        let away = ("auth_postgres_url", "postgres://u:s3same@127.0.0.1:1/auth");
        let text = error(&[postgres, away]);
        assert!(text.contains("SPIN_VARIABLE_AUTH_POSTGRES_URL") && text.contains("--backends"), "{text}");
        assert!(text.contains("nothing answers at 127.0.0.1:1") && !text.contains("s3same"), "{text}");
        let text = error(&[postgres, away, ("postgres_host", "postgres://127.0.0.1:2")]);
        assert!(text.contains("POSTGRES_HOST") && text.contains("set it to postgres://127.0.0.1:1"), "{text}");
        assert!(error(&[("ring_backend", "redis")]).contains("SPIN_VARIABLE_REDIS_URL has no value"));
        let keys = [("blob_backend", "s3"), ("images_s3_access_key", "k"), ("images_s3_secret_key", "")];
        assert!(error(&keys).contains("SPIN_VARIABLE_IMAGES_S3_SECRET_KEY"));
    }
}
