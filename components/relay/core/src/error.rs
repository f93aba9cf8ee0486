//! What keeps the relay from asking a source.

use http::StatusCode;
use vitrine_http_out::HttpOutError;

/// Why a peer did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It could not be asked.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(&'static str, HttpOutError),
    /// It answered something else than success; the beginning of what it said.
    #[error("{0} answered {1}: {2}")]
    Refused(&'static str, StatusCode, String),
    /// Its answer is not what was agreed.
    #[error("{0} gave an answer that is not understood: {1}")]
    NotUnderstood(&'static str, String),
}
