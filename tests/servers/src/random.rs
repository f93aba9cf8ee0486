//! Names and passwords that nobody else has.

use anyhow::{Result, anyhow};

/// `bytes` of the system's randomness as hexadecimal digits: safe in URLs, SQL, and configuration files.
///
/// # Errors
/// When the system gives none.
pub fn hex(bytes: usize) -> Result<String> {
    let mut random = vec![0_u8; bytes];
    getrandom::fill(&mut random).map_err(|error| anyhow!("the system gives no randomness: {error}"))?;
    Ok(random.iter().map(|byte| format!("{byte:02x}")).collect())
}
