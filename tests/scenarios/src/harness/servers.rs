//! What one deployment keeps on real servers: databases, a database of Redis and buckets of its own, so that tests cannot see each other.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use rusty_s3::actions::{CreateBucket, S3Action as _};
use rusty_s3::{Bucket, Credentials, UrlStyle};
use vitrine_servers::{Given, Scratch, Url, bind, hex, redis};

/// How many databases the Redis of the tests has.
const REDIS_DATABASES: u64 = 4096;
/// Counts the databases that were given out, in the first of them.
const COUNTER: &str = "vitrine-test-databases";
const PATIENCE: Duration = Duration::from_secs(20);

/// A deployment's part of the servers; its databases go when this is dropped.
#[derive(Debug)]
pub(super) struct Servers {
    databases: BTreeMap<String, Scratch>,
    redis: Option<String>,
    s3: Option<(String, BTreeMap<String, String>)>,
}

impl Servers {
    /// Makes what an app with variables of these names can be bound to, on the servers that are given.
    pub(super) fn prepare(names: &BTreeSet<String>, given: &Given) -> Result<Self> {
        let mut databases = BTreeMap::new();
        if let Some(admin) = &given.postgres {
            for service in bind::services(names) {
                databases.insert(service.to_owned(), Scratch::make(admin, service)?);
            }
        }
        let s3 = match &given.s3 {
            Some(url) => {
                let buckets: Result<_> =
                    bind::stores(names).map(|store| Ok((store.to_owned(), bucket(url, store)?))).collect();
                Some((url.clone(), buckets?))
            }
            None => None,
        };
        let redis = given.redis.as_deref().map(redis_database).transpose()?;
        Ok(Self { databases, redis, s3 })
    }

    /// The variables of these names that bind the app.
    pub(super) fn variables(&self, names: &BTreeSet<String>, rings: bool) -> Result<Vec<(String, String)>> {
        let mut values = Vec::new();
        if !self.databases.is_empty() {
            values.extend(bind::postgres(names, self.databases.iter().map(|(name, one)| (name.as_str(), one.url())))?);
        }
        if let Some(url) = &self.redis {
            values.extend(bind::redis(names, url, rings)?);
        }
        if let Some((url, buckets)) = &self.s3 {
            let buckets = buckets.iter().map(|(store, bucket)| (store.as_str(), bucket.as_str()));
            values.extend(bind::s3(names, url, buckets)?);
        }
        Ok(values)
    }

    /// The URL of a service's database, as its own user.
    pub(super) fn database(&self, service: &str) -> Option<&str> {
        self.databases.get(service).map(Scratch::url)
    }

    /// The bucket of a store.
    pub(super) fn bucket(&self, store: &str) -> Option<&str> {
        self.s3.as_ref()?.1.get(store).map(String::as_str)
    }
}

/// The next database of the server, emptied.
fn redis_database(url: &str) -> Result<String> {
    let number: u64 = redis(url, &["INCR", COUNTER])?.parse().context("Redis counts")?;
    let url = format!("{}/{}", url.trim_end_matches('/'), number % (REDIS_DATABASES - 1) + 1);
    redis(&url, &["FLUSHDB"]).with_context(|| format!("tests need a Redis of {REDIS_DATABASES} databases"))?;
    Ok(url)
}

/// Makes a bucket for a store and gives its name.
fn bucket(url: &str, store: &str) -> Result<String> {
    let parsed = Url::parse(url)?;
    let name = format!("test-{}-{}", store.replace('_', "-"), hex(5)?);
    let place = format!("{}:{}", parsed.host, parsed.port);
    let endpoint = format!("http://{place}").parse().context("the S3 server's URL")?;
    let bucket = Bucket::new(endpoint, UrlStyle::Path, name.clone(), "us-east-1").context("a bucket's name")?;
    let credentials = Credentials::new(parsed.user, parsed.password);
    let signed = CreateBucket::new(&bucket, &credentials).sign(PATIENCE);
    let target = format!("{}?{}", signed.path(), signed.query().unwrap_or_default());
    let mut stream = TcpStream::connect(&place).with_context(|| format!("no S3 server at {place}"))?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(stream, "PUT {target} HTTP/1.1\r\nhost: {place}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let line = answer.lines().next().unwrap_or_default();
    ensure!(line.contains(" 200"), "the S3 server makes no bucket: {answer}");
    Ok(name)
}
