//! How an app is bound to servers: which of its variables says what. The names are those of `spin.toml`.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};

use crate::Url;

const DATABASE: &str = "_postgres_url";
const REDIS: &str = "_redis_url";
const BUCKET: &str = "_bucket";
const ACCESS_KEY: &str = "_s3_access_key";
const SECRET_KEY: &str = "_s3_secret_key";
const REGION: &str = "us-east-1";

/// The names of the variables that manifests have.
///
/// # Errors
/// When one is no TOML.
pub fn names<'a>(manifests: impl IntoIterator<Item = &'a str>) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for text in manifests {
        let table: toml::Table = toml::from_str(text).context("a manifest is no valid TOML")?;
        let variables = table.get("variables").and_then(toml::Value::as_table);
        names.extend(variables.into_iter().flat_map(toml::Table::keys).cloned());
    }
    Ok(names)
}

/// The services that have a database, by the variables that name one: `auth` for `auth_postgres_url`.
pub fn services(names: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    names.iter().filter_map(|name| name.strip_suffix(DATABASE)).filter(|service| !service.is_empty())
}

/// The stores that have a bucket: `originals` for `originals_bucket`.
pub fn stores(names: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    names.iter().filter_map(|name| name.strip_suffix(BUCKET)).filter(|store| !store.is_empty())
}

/// The variables of these names that bind databases: to the servers and users of these URLs, one for each service.
///
/// # Errors
/// When a URL is none.
pub fn postgres<'a>(
    names: &BTreeSet<String>,
    urls: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<(String, String)>> {
    let mut values = Vec::new();
    for (service, url) in urls {
        let parsed = Url::parse(url)?;
        values.push((format!("{service}{DATABASE}"), url.to_owned()));
        values.push(("postgres_host".to_owned(), format!("postgres://{}:{}", parsed.host, parsed.port)));
    }
    values.push(("db_backend".to_owned(), "postgres".to_owned()));
    Ok(known(names, values))
}

/// The variables of these names that bind caches, counters and sessions to Redis; and the ring, where `rings`.
///
/// # Errors
/// When the URL is none.
pub fn redis(names: &BTreeSet<String>, url: &str, rings: bool) -> Result<Vec<(String, String)>> {
    let parsed = Url::parse(url)?;
    let mut values = vec![
        ("kv_backend".to_owned(), "redis".to_owned()),
        ("redis_host".to_owned(), format!("{}://{}:{}", parsed.scheme, parsed.host, parsed.port)),
        ("redis_url".to_owned(), url.to_owned()),
    ];
    // Components that keep something there have a variable, and so a user, of their own.
    values.extend(names.iter().filter(|name| name.ends_with(REDIS)).map(|name| (name.clone(), url.to_owned())));
    if rings {
        values.push(("ring_backend".to_owned(), "redis".to_owned()));
    }
    Ok(known(names, values))
}

/// The variables of these names that bind blobs to an S3 server at `http://access-key:secret-key@host:port`, and each store to
/// a bucket.
///
/// # Errors
/// When the URL is none.
pub fn s3<'a>(
    names: &BTreeSet<String>,
    url: &str,
    buckets: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<(String, String)>> {
    let parsed = Url::parse(url)?;
    let endpoint = format!("{}://{}:{}", parsed.scheme, parsed.host, parsed.port);
    let mut values: Vec<(String, String)> = [
        ("blob_backend", "s3"),
        ("s3_addressing", "path"),
        ("s3_endpoint", &endpoint),
        ("s3_host", &endpoint),
        ("s3_public_url", &endpoint),
        ("s3_region", REGION),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    // Each component has variables of its own for them; servers that tests start know one user.
    for (suffix, value) in [(ACCESS_KEY, &parsed.user), (SECRET_KEY, &parsed.password)] {
        values.extend(names.iter().filter(|name| name.ends_with(suffix)).map(|name| (name.clone(), value.clone())));
    }
    values.extend(buckets.into_iter().map(|(store, bucket)| (format!("{store}{BUCKET}"), bucket.to_owned())));
    Ok(known(names, values))
}

fn known(names: &BTreeSet<String>, mut values: Vec<(String, String)>) -> Vec<(String, String)> {
    values.retain(|(name, _)| names.contains(name));
    values.sort();
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
    use super::*;

    fn manifest(variables: &[&str]) -> BTreeSet<String> {
        let lines: String = variables.iter().map(|name| format!("{name} = {{ default = \"\" }}\n")).collect();
        names([format!("[variables]\n{lines}").as_str()]).unwrap()
    }

    fn pairs(values: &[(String, String)]) -> Vec<(&str, &str)> {
        values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    #[test]
    fn services_and_stores_follow_from_the_variables() {
        let names = manifest(&["auth_postgres_url", "originals_bucket", "postgres_host", "upload_postgres_url"]);
        assert_eq!(services(&names).collect::<Vec<_>>(), ["auth", "upload"]);
        assert_eq!(stores(&names).collect::<Vec<_>>(), ["originals"]);
    }

    #[test]
    fn only_what_the_app_knows_is_set() {
        let names = manifest(&[
            "auth_postgres_url",
            "gateway_redis_url",
            "postgres_host",
            "redis_url",
            "s3_endpoint",
            "upload_s3_secret_key",
        ]);
        let values = postgres(&names, [("auth", "postgres://auth:x@127.0.0.1:15432/auth")]).unwrap();
        assert_eq!(
            pairs(&values),
            [
                ("auth_postgres_url", "postgres://auth:x@127.0.0.1:15432/auth"),
                ("postgres_host", "postgres://127.0.0.1:15432"),
            ]
        );
        let values = redis(&names, "redis://:x@127.0.0.1:16379/7", true).unwrap();
        let url = "redis://:x@127.0.0.1:16379/7";
        assert_eq!(pairs(&values), [("gateway_redis_url", url), ("redis_url", url)]);
        let values = s3(&names, "http://key:secret@127.0.0.1:19000", []).unwrap();
        assert_eq!(pairs(&values), [("s3_endpoint", "http://127.0.0.1:19000"), ("upload_s3_secret_key", "secret")]);
    }
}
