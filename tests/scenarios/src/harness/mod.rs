//! Starts an app for a test: the real host (or Spin), the real components, a free port, data and secrets of its own.

mod deployment;
mod program;
mod running;
mod secrets;
mod servers;

pub use deployment::{Deployment, FRIEND, Refusal};
pub use program::{Runtime, repository};
pub use running::Running;
pub use secrets::Secrets;
