//! Auth from outside: its use cases and its routes, on a real database.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test that cannot go on has failed")]

mod access;
mod api_keys;
mod authenticator;
mod closing;
mod cookies;
mod data;
mod documented;
mod guessing;
mod http;
mod keys;
mod mail;
mod passkeys;
mod passwords;
mod profiles;
mod racing;
mod recovering;
mod refreshing;
mod roles;
mod service;
mod sessions;
mod support;
mod telling;
mod timing;
mod totp;
mod trpc;
