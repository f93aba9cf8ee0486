//! The embedded runtime: runs the same `spin.toml` and the same components as Spin, with nothing to install.
//!
//! Start reading at [`app`], which puts everything together; a request then goes through [`http`], [`dispatch`] and
//! [`instance`] to a component, which reaches out through [`capability`].
#![forbid(unsafe_code)]

pub mod admin;
pub mod app;
pub mod capability;
pub mod compose;
pub mod config;
pub mod cron;
pub mod dispatch;
pub mod document;
pub mod engine;
pub mod grants;
pub mod guest;
pub mod http;
pub mod instance;
pub mod manifest;
pub mod metrics;
pub mod pubsub;
pub mod route;
pub mod shutdown;
pub mod threads;
