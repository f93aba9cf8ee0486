//! The Spin side of every port: what a component shim wires to its core.
