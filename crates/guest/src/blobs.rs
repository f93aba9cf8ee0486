//! Where a service keeps its blobs, by its variables.

use crate::{KvKeys, SpinHttpOut, SpinTimer, StartError, server::unknown_backend, variable};
use std::sync::Arc;
use vitrine_blob::Blobs;
use vitrine_blob_s3::{Addressing, Ports, S3, Settings, SettingsError};
use vitrine_clock::SystemClock;
use vitrine_random::SystemRandom;

const BACKEND: &str = "blob_backend";

/// What each component has a variable of its own for.
const OWN: [&str; 2] = ["s3_access_key", "s3_secret_key"];

/// The blobs of `store`, such as `originals`, for the component `name`, by its variables.
///
/// `blob_backend` is `key-value` (the key-value store whose label is `store`) or `s3`: the bucket that the variable
/// `<store>_bucket` names, on the server that `s3_endpoint`, `s3_public_url`, `s3_region`, `s3_access_key`,
/// `s3_secret_key` and `s3_addressing` describe (see [`Settings`]). The two keys come from the application's variables
/// `<name>_s3_access_key` and `<name>_s3_secret_key`, so that a server can tell components apart. The server need not answer now: a service can do other
/// things without it, and what it is asked for later fails with an error of its own.
///
/// # Errors
/// If a variable is missing or wrong: one message that names it and the remedy.
pub async fn blobs(name: &str, store: &str) -> Result<Blobs, StartError> {
    match variable(BACKEND).await?.trim() {
        "key-value" => Ok(Blobs::new(Arc::new(KvKeys::new(store)), Arc::new(SystemRandom))),
        "s3" => s3(name, store).await,
        word => Err(unknown_backend(BACKEND, word, ["key-value", "s3"])),
    }
}

async fn s3(name: &str, store: &str) -> Result<Blobs, StartError> {
    let bucket = format!("{}_bucket", store.replace('-', "_"));
    let settings = Settings {
        endpoint: trimmed("s3_endpoint").await?,
        public_url: trimmed("s3_public_url").await?,
        region: trimmed("s3_region").await?,
        access_key: trimmed("s3_access_key").await?,
        secret_key: trimmed("s3_secret_key").await?,
        addressing: trimmed("s3_addressing")
            .await?
            .parse::<Addressing>()
            .map_err(|error| wrong(&error, name, &bucket))?,
        bucket: trimmed(&bucket).await?,
    };
    let ports = Ports {
        out: Arc::new(SpinHttpOut::default()),
        clock: Arc::new(SystemClock),
        timer: Arc::new(SpinTimer),
        random: Arc::new(SystemRandom),
    };
    Ok(Blobs::on(S3::new(&settings, ports).map_err(|error| wrong(&error, name, &bucket))?))
}

async fn trimmed(name: &str) -> Result<String, StartError> {
    Ok(variable(name).await?.trim().to_owned())
}

/// The variable is not right: the application has it under the same name, but for what belongs to one component.
fn wrong(error: &SettingsError, component: &str, bucket: &str) -> StartError {
    let name = if error.variable == "bucket" { bucket } else { error.variable };
    let owner = if OWN.contains(&name) { format!("{}_", component.replace('-', "_")) } else { String::new() };
    let (reason, environment) = (&error.reason, format!("{owner}{name}").to_uppercase());
    StartError::new(format_args!(
        "the variable `{name}` {reason} (in the environment SPIN_VARIABLE_{environment}; \
         `{BACKEND}` is `s3`, set it to `key-value` to do without a server)"
    ))
}
