//! The relay between a shop and those who consume its events, all in this process, on real databases.
#![allow(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod delivering;
mod dying;
mod operating;
mod slow;
mod support;
