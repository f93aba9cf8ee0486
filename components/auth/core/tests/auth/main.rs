//! Auth from outside: its use cases and its routes, on a real database.

mod http;
mod service;
mod support;
