//! Which bucket, and how it is reached. Each setting has the name of the variable that a deployment sets.

use rusty_s3::{Bucket, BucketError, UrlStyle};
use std::str::FromStr;
use url::Url;

/// Where a bucket is and who may use it.
#[derive(Clone)]
pub struct Settings {
    /// `s3_endpoint`: the server's URL, such as `http://127.0.0.1:9000`.
    pub endpoint: String,
    /// `s3_public_url`: the URL by which others reach the same server; empty if that is the endpoint.
    pub public_url: String,
    /// `s3_region`: what the server says it is, such as `us-east-1`.
    pub region: String,
    /// `s3_access_key`.
    pub access_key: String,
    /// `s3_secret_key`.
    pub secret_key: String,
    /// `s3_addressing`.
    pub addressing: Addressing,
    /// `<store>_bucket`: the name of the bucket.
    pub bucket: String,
}

/// Where the name of a bucket stands in the URLs of its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Addressing {
    /// `http://server/bucket/key`.
    Path,
    /// `http://bucket.server/key`.
    VirtualHost,
}

impl FromStr for Addressing {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        match text {
            "path" => Ok(Self::Path),
            "virtual-host" => Ok(Self::VirtualHost),
            other => {
                Err(SettingsError::new("s3_addressing", format!("is `{other}`: set it to `path` or `virtual-host`")))
            }
        }
    }
}

/// A setting that cannot be. Its text names the variable and says what to do; it never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable `{variable}` {reason}")]
pub struct SettingsError {
    /// The variable; `bucket` for that of the bucket, whose name begins with the store's.
    pub variable: &'static str,
    /// What is wrong with it, and what to do.
    pub reason: String,
}

impl SettingsError {
    fn new(variable: &'static str, reason: impl Into<String>) -> Self {
        Self { variable, reason: reason.into() }
    }
}

impl Settings {
    /// The bucket as this program reaches it, and as others do.
    pub(crate) fn buckets(&self) -> Result<(Bucket, Bucket), SettingsError> {
        let given = [("s3_access_key", &self.access_key), ("s3_secret_key", &self.secret_key)];
        if let Some((variable, _)) = given.into_iter().find(|(_, value)| value.is_empty()) {
            return Err(SettingsError::new(variable, "is empty: set it to the server's key"));
        }
        if self.region.is_empty() {
            return Err(SettingsError::new("s3_region", "is empty: set it to the server's region, such as us-east-1"));
        }
        if self.bucket.is_empty() {
            return Err(SettingsError::new("bucket", "is empty: set it to the name of a bucket"));
        }
        let inside = self.bucket_at("s3_endpoint", &self.endpoint)?;
        let outside = match self.public_url.as_str() {
            "" => inside.clone(),
            url => self.bucket_at("s3_public_url", url)?,
        };
        Ok((inside, outside))
    }

    fn bucket_at(&self, variable: &'static str, url: &str) -> Result<Bucket, SettingsError> {
        let wrong = |reason: &str| {
            SettingsError::new(
                variable,
                format!("is not right ({reason}): set it to a URL such as http://127.0.0.1:9000"),
            )
        };
        if url.is_empty() {
            return Err(wrong("it is empty"));
        }
        let url: Url = url.parse().map_err(|error: url::ParseError| wrong(&error.to_string()))?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("it holds a user or a password; those are `s3_access_key` and `s3_secret_key`"));
        }
        let style = match self.addressing {
            Addressing::Path => UrlStyle::Path,
            Addressing::VirtualHost => UrlStyle::VirtualHost,
        };
        Bucket::new(url, style, self.bucket.clone(), self.region.clone()).map_err(|error| match error {
            BucketError::ParseError(_) => SettingsError::new(
                "s3_addressing",
                format!(
                    "is `virtual-host`, but `{}` cannot stand before the host of `{variable}`: set it to `path`",
                    self.bucket
                ),
            ),
            error => wrong(&error.to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            endpoint: "http://127.0.0.1:9000".to_owned(),
            public_url: String::new(),
            region: "us-east-1".to_owned(),
            access_key: "who".to_owned(),
            secret_key: "hush-hush".to_owned(),
            addressing: Addressing::Path,
            bucket: "originals".to_owned(),
        }
    }

    #[test]
    fn where_the_bucket_is() {
        let path = settings().buckets().unwrap().0;
        assert_eq!(path.object_url("a/b c").as_str(), "http://127.0.0.1:9000/originals/a/b%20c");
        let endpoint = "https://s3.example.org".to_owned();
        let named = Settings { endpoint, addressing: Addressing::VirtualHost, ..settings() }.buckets().unwrap();
        assert_eq!(named.0.object_url("a").as_str(), "https://originals.s3.example.org/a");
        assert_eq!(named.0, named.1);
    }

    #[test]
    fn each_mistake_names_its_variable_and_no_secret() {
        let of = |change: fn(&mut Settings)| {
            let mut settings = settings();
            change(&mut settings);
            settings.buckets().unwrap_err()
        };
        type Mistake = (&'static str, fn(&mut Settings));
        let mistakes: [Mistake; 10] = [
            ("s3_endpoint", |s| s.endpoint.clear()),
            ("s3_endpoint", |s| s.endpoint = "127.0.0.1:9000".to_owned()),
            ("s3_endpoint", |s| s.endpoint = "ftp://127.0.0.1".to_owned()),
            ("s3_endpoint", |s| s.endpoint = "http://who:hush-hush@127.0.0.1".to_owned()),
            ("s3_public_url", |s| s.public_url = "images".to_owned()),
            ("s3_region", |s| s.region.clear()),
            ("s3_access_key", |s| s.access_key.clear()),
            ("s3_secret_key", |s| s.secret_key.clear()),
            ("s3_addressing", |s| s.addressing = Addressing::VirtualHost),
            ("bucket", |s| s.bucket.clear()),
        ];
        for (variable, change) in mistakes {
            let error = of(change);
            assert_eq!(error.variable, variable, "{error}");
            assert!(error.to_string().contains("set it to") && !error.to_string().contains("hush"), "{error}");
        }
        assert_eq!("dns".parse::<Addressing>().unwrap_err().variable, "s3_addressing");
    }
}
