//! Black-box HTTP scenarios, run against any base URL.
