//! What a scenario is, and what it is given.

use std::future::Future;
use std::pin::Pin;

use anyhow::Result;

use crate::client::Client;
use crate::harness::{Runtime, Secrets};

/// The app under test. Cheap to clone.
#[derive(Clone)]
pub struct World {
    /// Sends requests to the app.
    pub client: Client,
    /// Which runtime answers.
    pub runtime: Runtime,
    /// The app's secrets, where the harness chose them; `None` against an app that somebody else started.
    pub secrets: Option<Secrets>,
}

/// What a scenario's function returns.
pub type Run = Pin<Box<dyn Future<Output = Result<()>>>>;

/// One black-box scenario.
pub struct Scenario {
    /// Module and function, such as `auth::login_gives_a_token`.
    pub name: &'static str,
    /// Set where only one runtime is held to it, with the reason beside it in the list.
    pub only: Option<Runtime>,
    /// Whether it needs the app's secrets.
    pub needs_secrets: bool,
    /// Runs it; an error or a panic is a failure.
    pub run: fn(World) -> Run,
}

impl Scenario {
    /// Why this scenario is not run in `world`, if it is not.
    #[must_use]
    pub fn skipped(&self, runtime: Runtime, secrets: bool) -> Option<&'static str> {
        match self.only {
            Some(only) if only != runtime => Some("another runtime only"),
            _ if self.needs_secrets && !secrets => Some("the app's secrets are not known"),
            _ => None,
        }
    }
}

/// Turns `module::function` paths into a list of [`Scenario`]s. `[Host]` before a path restricts it to one runtime, `[secrets]` to
/// apps whose secrets are known.
#[macro_export]
macro_rules! scenarios {
    ($($([$mark:ident])? $module:ident::$function:ident,)*) => {
        vec![$($crate::Scenario {
            name: concat!(stringify!($module), "::", stringify!($function)),
            only: $crate::scenarios!(@only $($mark)?),
            needs_secrets: $crate::scenarios!(@secrets $($mark)?),
            run: |world| Box::pin($module::$function(world)),
        }),*]
    };
    (@only Host) => { Some($crate::harness::Runtime::Host) };
    (@only $($other:ident)?) => { None };
    (@secrets secrets) => { true };
    (@secrets $($other:ident)?) => { false };
}
