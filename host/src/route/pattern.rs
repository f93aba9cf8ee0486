//! The pattern of a public route.

use http::HeaderName;
use routefinder::{RouteSpec, Segment};

/// A checked pattern: exact segments, `:name` parameters, and `/...` at its end for everything below.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    raw: String,
    absolute: String,
    specification: RouteSpec,
    parameters: Vec<HeaderName>,
}

/// Why text is no pattern. Each message says what to write instead.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It holds what a path cannot hold.
    #[error("a route is a path: visible ASCII characters without `?` and `#`; percent-encode others")]
    NotAPath,
    /// A wildcard stands before the end.
    #[error("a wildcard is written `/...` and may stand only at the end of a route")]
    MisplacedWildcard,
    /// A parameter has a name that no header can carry.
    #[error("the parameter `:{0}` needs a name of letters, digits, `_` and `-`, which is its own within the route")]
    BadParameter(String),
    /// Spin keeps these routes.
    #[error("routes under /.well-known/spin/ belong to Spin and would never be reached; choose another")]
    Reserved,
}

impl Pattern {
    /// Parses a pattern as it is written in the manifest.
    pub fn parse(raw: &str) -> Result<Self, PatternError> {
        if !raw.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#".contains(&byte)) {
            return Err(PatternError::NotAPath);
        }
        let rooted = if raw.starts_with('/') { raw.to_owned() } else { format!("/{raw}") };
        let absolute = rooted.strip_suffix('/').unwrap_or(&rooted).to_owned();
        if absolute.starts_with("/.well-known/spin/") {
            return Err(PatternError::Reserved);
        }
        let (fixed, wildcard) = match absolute.strip_suffix("/...").or_else(|| absolute.strip_suffix("/*")) {
            Some(fixed) => (fixed, "/*"),
            None => (absolute.as_str(), ""),
        };
        if fixed.contains('*') || fixed.split('/').any(|segment| segment.ends_with("...")) {
            return Err(PatternError::MisplacedWildcard);
        }
        let specification: RouteSpec =
            format!("{fixed}{wildcard}").parse().map_err(|_| PatternError::BadParameter(String::new()))?;
        let mut parameters = Vec::new();
        for segment in specification.segments() {
            let Segment::Param(name) = segment else { continue };
            let header = parameter_header(name).filter(|header| !parameters.contains(header));
            parameters.push(header.ok_or_else(|| PatternError::BadParameter(name.to_string()))?);
        }
        Ok(Self { raw: raw.to_owned(), absolute, specification, parameters })
    }

    /// The pattern as it was written.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The pattern from the root, without a slash at its end: empty for the root itself.
    pub fn absolute(&self) -> &str {
        &self.absolute
    }

    /// The pattern as it was written, without `/...`.
    pub fn prefix(&self) -> &str {
        self.raw.strip_suffix("/...").unwrap_or(&self.raw)
    }

    /// The same for two patterns that match the same paths.
    pub fn key(&self) -> String {
        self.specification.segments().iter().fold(String::from("/"), |mut key, segment| {
            match segment {
                Segment::Slash => key.push('/'),
                Segment::Dot => key.push('.'),
                Segment::Exact(text) => key.push_str(text),
                Segment::Param(_) => key.push(':'),
                Segment::Wildcard => key.push('*'),
            }
            key
        })
    }

    pub(super) fn specification(&self) -> &RouteSpec {
        &self.specification
    }

    pub(super) fn parameters(&self) -> &[HeaderName] {
        &self.parameters
    }
}

/// `spin-path-match-<name>`, in which `_` becomes `-` and letters become small.
fn parameter_header(name: &str) -> Option<HeaderName> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if name.is_empty() || !name.bytes().all(good) {
        return None;
    }
    HeaderName::try_from(format!("spin-path-match-{}", name.replace('_', "-").to_ascii_lowercase())).ok()
}
