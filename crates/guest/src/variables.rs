//! The variables that the manifest gives to this component.

use crate::StartError;
use std::{fmt::Display, str::FromStr};

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
