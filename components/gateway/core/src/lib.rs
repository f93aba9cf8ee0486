//! The one guarded door: every request from outside to a service comes through here.
//!
//! The gateway owns which paths lead where, and what nobody may do whoever he is: come without a valid token in disguise,
//! come too often, bring too much, call what is meant for services only. It keeps no data but counters. It never decides
//! what a caller may do with a photo or an order: the service behind it does, from the token that is passed on.
#![forbid(unsafe_code)]

mod address;
mod api_keys;
mod body;
mod cors;
mod credentials;
mod csrf;
mod error;
mod forward;
mod headers;
mod http;
mod limits;
mod origin;
mod path;
mod recent;
mod route;
mod sessions;
mod settings;

pub use address::Proxies;
pub use error::Error;
pub use http::{Ports, router};
pub use limits::{PURPOSE as LIMITS, Quota, Refusal};
pub use origin::{InvalidOrigin, Origin};
pub use route::{BodyLimit, Credentials, Dialect, ROUTES, Route, Service};
pub use settings::{InvalidSetting, Settings, VARIABLES};
