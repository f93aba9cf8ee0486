//! The behaviour suite of the outbound HTTP port where the other side is a router of the process.

use std::sync::Arc;
use vitrine_http_out::{
    RouterHttpOut, echo,
    suite::{LIMITS, Subject},
};

fn subject() -> Subject {
    let out = RouterHttpOut::new(LIMITS).with("http://echo.test", echo());
    let (origin, denied) = ("http://echo.test".to_owned(), Some("http://other.test/".to_owned()));
    Subject { out: Arc::new(out), origin, denied, network: false }
}

vitrine_http_out::http_out_suite!(subject());
