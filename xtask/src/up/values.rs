//! Whether the variables that services read at their first request are such that they can start: seen before the app starts, since
//! a service that cannot start answers 500 until somebody reads its log.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use anyhow::{Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::backends::PREFIX;

/// Numbers, and what they may be. Where a service knows a closer bound, it says so itself.
const NUMBERS: [(&str, RangeInclusive<u64>); 4] = [
    ("argon2_iterations", 1..=10),
    ("argon2_memory_kib", 1024..=65_536),
    ("argon2_parallelism", 1..=4),
    ("upload_max_bytes", 1..=u64::MAX),
];

/// The fewest characters of a token: 32 bytes as base64url.
const TOKEN: usize = 43;

/// Checks the app's variables, by their names in the manifest. No value of a secret is repeated.
pub(crate) fn check(values: &BTreeMap<String, String>) -> Result<()> {
    for (name, value) in values {
        if let Some(wanted) = wanted(name, value.trim()) {
            bail!("{PREFIX}{} {wanted}; correct it in .env or in the environment", name.to_uppercase());
        }
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

/// Whether it is one of the tokens that this app checks; those of others may look as they like.
fn is_token(name: &str) -> bool {
    matches!(name, "admin_token" | "ring_token") || name.ends_with("_service_token")
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
        ] {
            let text = told(name, value);
            assert!(text.starts_with(&format!("SPIN_VARIABLE_{} ", name.to_uppercase())), "{text}");
            assert!(text.contains("it is") || text.contains("a key is"), "{text}");
            assert!(!text.contains("s3same"), "{text}");
        }
    }
}
