//! The variables that the manifest gives to this component.

use crate::StartError;
use std::{collections::BTreeMap, fmt::Display, str::FromStr};
use vitrine_identity::ServiceToken;

/// The variable `name`.
///
/// # Errors
/// If the manifest does not give it to this component.
pub async fn variable(name: &str) -> Result<String, StartError> {
    spin_sdk::variables::get(name)
        .await
        .map_err(|error| StartError::new(format_args!("the variable `{name}` cannot be read: {error}")))
}

/// The variable `name`, read as a `T`. Its value is not repeated in the error, since it may be a secret.
///
/// # Errors
/// If it is not given or is no `T`.
pub async fn parsed_variable<T: FromStr>(name: &str) -> Result<T, StartError>
where
    T::Err: Display,
{
    variable(name)
        .await?
        .trim()
        .parse()
        .map_err(|error| StartError::new(format_args!("the variable `{name}` is not right: {error}")))
}

/// The values of the variables of these names, by name.
///
/// # Errors
/// If one of them is not given.
pub async fn variables(names: impl IntoIterator<Item = String>) -> Result<BTreeMap<String, String>, StartError> {
    let mut values = BTreeMap::new();
    for name in names {
        let value = variable(&name).await?;
        values.insert(name, value);
    }
    Ok(values)
}

/// The token that is in the variable `name`.
///
/// # Errors
/// If it is not given or is no token. Its value is not repeated.
pub async fn service_token(name: &str) -> Result<ServiceToken, StartError> {
    let wrong = |error| StartError::new(format_args!("the variable `{name}` is not right: {error}"));
    ServiceToken::new(&variable(name).await?).map_err(wrong)
}
