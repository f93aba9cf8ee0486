//! Denied twins and hostile guests: what the sandbox must refuse or contain.
