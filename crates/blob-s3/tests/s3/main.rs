//! The blob port on S3 servers, natively. Those that tests start are s3s-fs; where it is not installed, they say so.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod at_once;
mod errors;
mod faults;
mod presigned;
mod suite;
mod support;
