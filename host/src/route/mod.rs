//! Which trigger answers a path, and what the component is told about it.
//!
//! Matching is `routefinder`'s, the library that Spin matches with: exact segments before parameters before wildcards,
//! the longest match wins, and slashes at the end of a path do not count.

mod headers;
mod pattern;

use std::borrow::Cow;
use std::sync::LazyLock;

use http::{HeaderName, HeaderValue};
use routefinder::Captures;

pub use headers::{CHAINED_CLIENT, client_value};
pub use pattern::{Pattern, PatternError};

/// The route of an HTTP trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Reached from outside by this pattern.
    Public(Pattern),
    /// Reached only by service chaining.
    Private,
}

/// Finds the trigger for a path.
#[derive(Debug, Default)]
pub struct Router {
    finder: routefinder::Router<Entry>,
}

/// What is known of a route before any request comes.
#[derive(Debug)]
struct Entry {
    index: usize,
    matched_route: HeaderValue,
    raw_route: HeaderValue,
    prefix: HeaderValue,
    /// The header of each parameter, in the order of the pattern.
    parameters: Vec<HeaderName>,
}

impl Router {
    /// A router over routes; a match gives the position of its route among them. Private routes match nothing.
    pub fn new<'a>(routes: impl IntoIterator<Item = &'a Route>) -> Self {
        let mut finder = routefinder::Router::new();
        for (index, route) in routes.into_iter().enumerate() {
            let Route::Public(pattern) = route else { continue };
            let entry = Entry {
                index,
                matched_route: value(pattern.absolute()),
                raw_route: value(pattern.raw()),
                prefix: value(pattern.prefix()),
                parameters: pattern.parameters().to_vec(),
            };
            // The conversion from a specification to itself cannot fail.
            let Ok(()) = finder.add(pattern.specification().clone(), entry);
        }
        Self { finder }
    }

    /// The best route for a path (without its query).
    pub fn route<'r, 'p>(&'r self, path: &'p str) -> Option<RouteMatch<'r, 'p>> {
        let found = self.finder.best_match(path)?;
        Some(RouteMatch { entry: found.handler(), captures: found.captures(), path })
    }
}

/// A path that met a route.
#[derive(Debug)]
pub struct RouteMatch<'r, 'p> {
    entry: &'r Entry,
    captures: Captures<'r, 'p>,
    path: &'p str,
}

/// What a chained call meets: a wildcard over everything.
static SYNTHETIC: LazyLock<Entry> = LazyLock::new(|| Entry {
    index: usize::MAX,
    matched_route: HeaderValue::from_static("/..."),
    raw_route: HeaderValue::from_static("/..."),
    prefix: HeaderValue::from_static(""),
    parameters: Vec::new(),
});

impl<'p> RouteMatch<'static, 'p> {
    /// The match of a chained call, which no route leads to: as if the component had the route `/...`.
    pub fn synthetic(path: &'p str) -> Self {
        Self { entry: &SYNTHETIC, captures: Captures::default(), path }
    }
}

impl RouteMatch<'_, '_> {
    /// The position of the matched route among those that the router was made of; none for a chained call.
    pub fn index(&self) -> Option<usize> {
        (self.entry.index != usize::MAX).then_some(self.entry.index)
    }

    /// What the trailing wildcard stands for, with the slash before it and one after it if the path has one; empty for
    /// a route without a wildcard.
    pub fn path_info(&self) -> Cow<'_, str> {
        if self.index().is_none() {
            return Cow::Borrowed(self.path);
        }
        match (self.captures.wildcard(), self.path.ends_with('/')) {
            (None, _) | (Some(""), false) => Cow::Borrowed(""),
            (Some(""), true) => Cow::Borrowed("/"),
            (Some(rest), false) => Cow::Owned(format!("/{rest}")),
            (Some(rest), true) => Cow::Owned(format!("/{rest}/")),
        }
    }

    /// The header and the value of each parameter, as it stands in the path (percent-encoding kept).
    pub fn parameters(&self) -> impl Iterator<Item = (&HeaderName, &str)> {
        self.entry.parameters.iter().zip(self.captures.iter().map(|(_, value)| value))
    }
}

/// A pattern holds only characters that a header may hold.
fn value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static(""))
}

#[cfg(test)]
mod tests;
