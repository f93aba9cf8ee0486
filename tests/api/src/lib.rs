//! The running app against its OpenAPI document (`docs/openapi.json`): schemathesis, from PyPI, makes requests of what the
//! document says, good ones and bad ones, and compares the answers with it.
#![forbid(unsafe_code)]

mod document;
mod run;
mod tool;

pub use document::Document;
pub use run::Run;
pub use tool::is_python_there;
