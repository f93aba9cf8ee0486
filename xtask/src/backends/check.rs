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
        s3(values)?;
    }
    Ok(())
}

/// Whether the app is bound to that backend.
pub(crate) fn chosen(values: &BTreeMap<String, String>, name: &str, backend: &str) -> bool {
    values.get(name).is_some_and(|value| value == backend)
}

/// Checks the URL in one variable, and that the grant in another allows it.
fn server(values: &BTreeMap<String, String>, name: &str, grant: &str, schemes: &[&str]) -> Result<()> {
    let url = url(values, name, schemes)?;
    granted(values, name, grant, &url, &url.host)?;
    told(name, answers(filled(values, name)?))
}

/// Checks the S3 server: where buckets are named by the host, that of each bucket, since no other one is called.
fn s3(values: &BTreeMap<String, String>) -> Result<()> {
    let (name, grant, schemes) = ("s3_endpoint", "s3_host", ["http", "https"]);
    if !chosen(values, "s3_addressing", "virtual-host") {
        return server(values, name, grant, &schemes);
    }
    let endpoint = url(values, name, &schemes)?;
    for variable in values.keys().filter(|variable| variable.ends_with("_bucket")) {
        let host = format!("{}.{}", filled(values, variable)?, endpoint.host);
        let bucket = Url { host, ..endpoint.clone() };
        granted(values, name, grant, &bucket, &format!("*.{}", endpoint.host))?;
        told(name, answers(&format!("{}://{}:{}", bucket.scheme, bucket.host, bucket.port)))?;
    }
    Ok(())
}

fn url(values: &BTreeMap<String, String>, name: &str, schemes: &[&str]) -> Result<Url> {
    let url = told(name, Url::parse(filled(values, name)?))?;
    if !schemes.contains(&url.scheme.as_str()) {
        bail!("{}: {}:// is not {}://; {HELP}", variable(name), url.scheme, schemes.join(":// or "));
    }
    Ok(url)
}

/// Checks that the grant allows `url`, which comes from the variable `name`; `host` is what it has to be set to.
fn granted(values: &BTreeMap<String, String>, name: &str, grant: &str, url: &Url, host: &str) -> Result<()> {
    if let Some(allowed) = values.get(grant).filter(|allowed| !allows(allowed, url)) {
        let (grant, name, Url { port, host: called, .. }) = (variable(grant), variable(name), url);
        let scheme = granted_as(&url.scheme);
        bail!(
            "{grant} is `{allowed}`, which does not allow {called}, where {name} leads: set it to {scheme}://{host}:{port}"
        );
    }
    Ok(())
}

/// Whether a grant covers the host and the port of `url`: it names one host, or, as `*.example.org`, all below a domain. Schemes count too.
fn allows(grant: &str, url: &Url) -> bool {
    Url::parse(grant).is_ok_and(|grant| {
        let covered = match grant.host.strip_prefix('*') {
            Some(below) => below.starts_with('.') && url.host.ends_with(below),
            None => grant.host == url.host,
        };
        covered && grant.scheme == granted_as(&url.scheme) && grant.port == url.port
    })
}

/// The scheme by which the host and Spin grant servers that URLs of a scheme name.
fn granted_as(scheme: &str) -> &str {
    if scheme == "postgresql" { "postgres" } else { scheme }
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
        let other = ("auth_postgres_url", "postgresql://u:s3same@127.0.0.1:1/auth");
        let text = error(&[postgres, other, ("postgres_host", "postgresql://127.0.0.1:1")]);
        assert!(text.contains("POSTGRES_HOST") && text.contains("set it to postgres://127.0.0.1:1"), "{text}");
        let text = error(&[postgres, other, ("postgres_host", "postgres://127.0.0.1:1")]);
        assert!(text.contains("nothing answers at 127.0.0.1:1"), "{text}");
        let tls = ("redis_url", "rediss://:s3same@127.0.0.1:1");
        let text = error(&[("ring_backend", "redis"), tls, ("redis_host", "redis://127.0.0.1:1")]);
        assert!(text.contains("REDIS_HOST") && text.contains("set it to rediss://127.0.0.1:1"), "{text}");
        assert!(error(&[("ring_backend", "redis")]).contains("SPIN_VARIABLE_REDIS_URL has no value"));
        let keys = [("blob_backend", "s3"), ("images_s3_access_key", "k"), ("images_s3_secret_key", "")];
        assert!(error(&keys).contains("SPIN_VARIABLE_IMAGES_S3_SECRET_KEY"));
    }

    #[test]
    fn a_bucket_that_is_named_by_the_host_needs_a_grant_for_its_host() {
        let by_name = |grant| {
            error(&[
                ("blob_backend", "s3"),
                ("s3_addressing", "virtual-host"),
                ("s3_endpoint", "https://s3.example.invalid"),
                ("s3_host", grant),
                ("derivatives_bucket", "small"),
                ("originals_bucket", "large"),
            ])
        };
        for grant in ["", "https://s3.example.invalid", "https://*.example.org", "https://*.s3.example.invalid:9000"] {
            let text = by_name(grant);
            assert!(text.contains(&format!("SPIN_VARIABLE_S3_HOST is `{grant}`")), "{text}");
            assert!(text.contains("small.s3.example.invalid"), "{text}");
            assert!(text.ends_with("set it to https://*.s3.example.invalid:443"), "{text}");
        }
        // The grant is right; the bucket's own host is asked, of which there is none.
        let text = by_name("https://*.s3.example.invalid");
        assert!(text.contains("SPIN_VARIABLE_S3_ENDPOINT") && text.contains("small.s3.example.invalid"), "{text}");
    }

    #[test]
    fn grants_are_read_as_the_runtimes_read_them() {
        let url = Url::parse("https://originals.s3.example.org").unwrap();
        for grant in ["https://originals.s3.example.org", "https://*.s3.example.org:443", "https://*.org"] {
            assert!(allows(grant, &url), "{grant}");
        }
        for grant in ["https://s3.example.org", "https://*.originals.s3.example.org", "https://*.3.example.org", ""] {
            assert!(!allows(grant, &url), "{grant}");
        }
    }
}
