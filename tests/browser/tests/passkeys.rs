//! Passkeys in a real browser, with its virtual authenticators, against the running app.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use serde_json::{Value, json};
use vitrine_browser::Browser;
use vitrine_scenarios::harness::{Deployment, Runtime};
use vitrine_servers::not_run;

/// What came of the steps of `pages/passkeys.cjs`.
struct Steps(Value);

impl Steps {
    fn status(&self, step: &str) -> Option<u64> {
        self.0.pointer(&format!("/{step}/status")).and_then(Value::as_u64)
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.0.pointer(pointer).and_then(Value::as_str)
    }
}

#[test]
fn a_passkey_is_added_and_logs_in() {
    let browser = match Browser::find().unwrap() {
        Ok(browser) => browser,
        Err(why) => return not_run(why),
    };
    let mut deployment = Deployment::product(Runtime::from_env().unwrap()).unwrap();
    // Browsers make no passkeys for an address: they need a name.
    deployment.set("public_url", "http://localhost:{port}");
    let running = deployment.start().unwrap();
    // One that is in a phone or a laptop and protects no credentials by a policy, and a key of USB that does.
    for (handle, authenticator) in
        [("ada", json!({ "transport": "internal" })), ("bea", json!({ "transport": "usb", "ctap2Version": "ctap2_1" }))]
    {
        let origin = format!("http://localhost:{}", running.port());
        let input = json!({ "origin": origin, "handle": handle, "authenticator": authenticator });
        let outcome = browser.run("passkeys.cjs", &input);
        let outcome = outcome.map_err(|error| format!("{handle}: {error:#}\nthe app said:\n{}", running.log()));
        see(handle, &Steps(outcome.unwrap()));
    }
}

/// What must come of the steps of somebody.
fn see(handle: &str, steps: &Steps) {
    let all = format!("{handle}: {:#}", steps.0);
    assert_eq!(steps.text("/made/refused"), None, "{all}");
    assert_eq!(steps.status("added"), Some(200), "{all}");
    assert_eq!((steps.status("listed"), steps.text("/listed/data/0/name")), (Some(200), Some("mine")), "{all}");
    assert!(steps.0.pointer("/listed/data/1").is_none(), "{all}");
    // What the browser refuses does not come to the app: a second one in the same authenticator, and somebody whom the
    // authenticator has not verified.
    assert_eq!(steps.text("/again/refused"), Some("InvalidStateError"), "{all}");
    assert_eq!(steps.text("/unverified/refused"), Some("NotAllowedError"), "{all}");

    assert_eq!((steps.status("login"), steps.text("/login/data/account/handle")), (Some(200), Some(handle)), "{all}");
    assert!(steps.text("/login/data/tokens/accessToken").is_some(), "{all}");
    assert_eq!(steps.status("cookies"), Some(200), "{all}");
    assert!(steps.text("/cookies/data/tokens/accessToken").is_none(), "{all}");
    assert_eq!((steps.status("me"), steps.text("/me/data/handle")), (Some(200), Some(handle)), "{all}");
    assert_eq!(steps.status("stranger"), Some(401), "{all}");

    assert!(steps.0.get("counted").and_then(Value::as_u64).is_some_and(|count| count > 0), "{all}");
    assert_eq!(steps.status("copy"), Some(401), "{all}");
    assert_eq!(steps.status("original"), Some(200), "{all}");
    assert_eq!((steps.status("removed"), steps.status("afterwards")), (Some(200), Some(401)), "{all}");
}
