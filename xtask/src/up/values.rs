//! Whether the variables that services read at their first request are such that they can start: seen before the app starts, since
//! a service that cannot start answers 500 until somebody reads its log.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::backends::PREFIX;

/// Numbers, and what they may be. Where a service knows a closer bound, it says so itself.
const NUMBERS: [(&str, RangeInclusive<u64>); 6] = [
    ("argon2_iterations", 1..=10),
    ("argon2_memory_kib", 1024..=65_536),
    ("argon2_parallelism", 1..=4),
    ("upload_max_bytes", 1..=u64::MAX),
    ("upload_quota_bytes", 0..=u64::MAX),
    ("upload_quota_photos", 0..=u64::MAX),
];

/// Words, and which there are.
const WORDS: [(&str, &[&str]); 6] = [
    ("blob_backend", &["key-value", "s3"]),
    ("db_backend", &["sqlite", "postgres"]),
    ("deployment", &["production", "development", "test"]),
    ("kv_backend", &["sqlite", "redis"]),
    ("mail_backend", &["mailbox", "http"]),
    ("ring_backend", &["chain", "redis"]),
];

/// No window of a limit is longer, in seconds.
const LONGEST_WINDOW: u32 = 24 * 60 * 60;

/// The fewest characters of a token: 32 bytes as base64url.
const TOKEN: usize = 43;

/// Checks the app's variables, by their names in the manifest. No value of a secret is repeated.
pub(crate) fn check(values: &BTreeMap<String, String>) -> Result<()> {
    for (name, value) in values {
        if let Some(wanted) = wanted(name, value.trim()) {
            bail!("{PREFIX}{} {wanted}; correct it in .env or in the environment", name.to_uppercase());
        }
    }
    let says = |name: &str, word: &str| values.get(name).is_some_and(|value| value.trim() == word);
    if says("deployment", "production") && says("mail_backend", "mailbox") {
        bail!("{PREFIX}MAIL_BACKEND is `mailbox`, by which nobody gets mail: it is `http` in production");
    }
    Ok(())
}

/// What the variable should be and is not.
fn wanted(name: &str, value: &str) -> Option<String> {
    if let Some((_, range)) = NUMBERS.iter().find(|(number, _)| *number == name) {
        let fits = value.parse().is_ok_and(|number| range.contains(&number));
        let (least, most) = (range.start(), range.end());
        return (!fits).then(|| format!("is `{value}`: it is a whole number from {least} to {most}"));
    }
    if let Some((_, words)) = WORDS.iter().find(|(word, _)| *word == name) {
        return (!words.contains(&value)).then(|| format!("is `{value}`: it is one of {}", words.join(", ")));
    }
    if let Some((fits, form)) = form(name) {
        return (!fits(value)).then(|| format!("is `{value}`: it is {form}"));
    }
    let fits = match name {
        "auth_signing_key" => is_key(value),
        "auth_public_keys" => value.split(',').map(str::trim).filter(|key| !key.is_empty()).all(is_key),
        _ if is_token(name) => value.len() >= TOKEN && value.bytes().all(|byte| byte.is_ascii_graphic()),
        _ => true,
    };
    let words = if is_token(name) {
        "is no token: it is 32 random bytes as base64url, 43 characters"
    } else {
        "is no key: a key is 32 bytes as base64url without padding, 43 characters"
    };
    (!fits).then(|| words.to_owned())
}

/// A form: whether a value has it, and how it is said.
type Form = (fn(&str) -> bool, &'static str);

/// The form of a variable that has one.
fn form(name: &str) -> Option<Form> {
    match name {
        "cors_origins" => Some((|text| words(text).all(is_origin), "a list of origins such as https://example.org")),
        "public_url" => Some((is_origin, "an origin such as https://example.org, without a path")),
        "trusted_proxies" => {
            Some((|text| words(text).all(is_network), "a list of addresses and networks such as 10.0.0.0/8"))
        }
        _ if name.starts_with("limit_") => {
            Some((is_quota, "a number of requests, a slash and 1 to 86400 seconds, such as 600/60, or `off`"))
        }
        _ => None,
    }
}

/// The words of a list, as services read it.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\n', '\t']).filter(|word| !word.is_empty())
}

fn is_quota(text: &str) -> bool {
    let whole = |text: &str| text.trim().parse::<u32>().ok().filter(|number| *number > 0);
    let quota = text.split_once('/').map(|(requests, seconds)| (whole(requests), whole(seconds)));
    text == "off" || matches!(quota, Some((Some(_), Some(seconds))) if seconds <= LONGEST_WINDOW)
}

fn is_network(text: &str) -> bool {
    let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
    let Ok(address) = address.parse::<IpAddr>() else { return false };
    let most = if address.is_ipv4() { 32 } else { 128 };
    length.is_none_or(|length| length.parse::<u8>().is_ok_and(|length| length <= most))
}

/// Whether it is a scheme, a host, perhaps a port, and nothing else.
fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let numbered = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    (named || numbered.is_some_and(|host| host.parse::<Ipv6Addr>().is_ok()))
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Whether it is one of the tokens that this app checks; those of others may look as they like.
fn is_token(name: &str) -> bool {
    matches!(name, "admin_token" | "auth_exchange_token" | "ring_token" | "upload_report_token")
        || name.ends_with("_service_token")
}

fn is_key(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|bytes| bytes.len() == 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn told(name: &str, value: &str) -> String {
        let values = [(name.to_owned(), value.to_owned())].into();
        check(&values).err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn what_services_can_start_with() {
        let two = format!("{KEY}, {KEY}");
        for (name, value) in [
            ("argon2_memory_kib", "19456"),
            ("auth_public_keys", &two),
            ("auth_signing_key", KEY),
            ("ring_token", KEY),
            ("token_issuer", "anything"),
            ("upload_max_bytes", " 1 "),
            ("cors_origins", ""),
            ("cors_origins", "https://a.example, http://localhost:3000"),
            ("deployment", "test"),
            ("limit_account", "off"),
            ("limit_login", "30/300"),
            ("mail_backend", "http"),
            ("public_url", "http://127.0.0.1:3000"),
            ("public_url", "https://[2001:db8::1]:8443/"),
            ("public_url", "https://vitrine.example"),
            ("trusted_proxies", ""),
            ("trusted_proxies", "10.0.0.0/8, 2001:db8::/32 192.0.2.1"),
        ] {
            assert_eq!(told(name, value), "", "{name}");
        }
    }

    #[test]
    fn each_mistake_names_its_variable_and_no_secret() {
        for (name, value) in [
            ("argon2_memory_kib", "1023"),
            ("auth_public_keys", "s3same"),
            ("auth_signing_key", "s3same"),
            ("ring_token", "s3same"),
            ("upload_max_bytes", "abc"),
            ("upload_max_bytes", "0"),
            ("cors_origins", "*"),
            ("db_backend", "mysql"),
            ("deployment", "prod"),
            ("limit_account", "many"),
            ("limit_address", "0/60"),
            ("limit_login", "5/86401"),
            ("mail_backend", "smtp"),
            ("public_url", ""),
            ("public_url", "vitrine.example"),
            ("public_url", "ftp://vitrine.example"),
            ("public_url", "https://vitrine.example/app"),
            ("public_url", "https://user@vitrine.example"),
            ("public_url", "https://vitrine.example:99999"),
            ("trusted_proxies", "everyone"),
            ("trusted_proxies", "10.0.0.0/33"),
        ] {
            let text = told(name, value);
            assert!(text.starts_with(&format!("SPIN_VARIABLE_{} ", name.to_uppercase())), "{text}");
            assert!(text.contains("it is") || text.contains("a key is"), "{text}");
            assert!(!text.contains("s3same"), "{text}");
        }
    }

    #[test]
    fn production_sends_its_mail() {
        let values = |deployment: &str, mail: &str| {
            [("deployment", deployment), ("mail_backend", mail)]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        assert!(check(&values("production", "mailbox").into()).unwrap_err().to_string().contains("MAIL_BACKEND"));
        for (deployment, mail) in [("production", "http"), ("development", "mailbox"), ("test", "mailbox")] {
            check(&values(deployment, mail).into()).unwrap();
        }
    }
}
