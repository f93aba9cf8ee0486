//! The imaging engine: decodes and renders pictures, and holds no grants.
