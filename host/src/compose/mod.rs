//! Components composed with their dependencies.

mod name;

pub use name::{DependencyName, NameError};
