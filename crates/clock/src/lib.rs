//! The clock port: what time it is, decided by whoever builds the service.
