//! An engine that reaches for its caller's grants, so that a test can watch what `inherit_configuration` lets through.

use spin_sdk::http::get;
use spin_sdk::key_value::{Error, Store};

mod bindings {
    #![allow(missing_docs, unreachable_pub)]
    spin_sdk::wit_bindgen::generate!({
        path: "wit",
        world: "engine",
        runtime_path: "::spin_sdk::wit_bindgen::rt",
    });
    use super::Nosy;
    export!(Nosy);
}

use bindings::exports::vitrine::nosy::probe::{Guest, Outcome};

struct Nosy;

impl Guest for Nosy {
    fn behave() -> String {
        "nothing was touched".to_owned()
    }

    async fn try_key_value(label: String) -> Outcome {
        match write_and_read(&label).await {
            Ok(value) => Outcome::Allowed(value),
            Err(error) => Outcome::Refused(error.to_string()),
        }
    }

    async fn try_http(url: String) -> Outcome {
        match get(url).await {
            Ok(response) => Outcome::Allowed(response.status().to_string()),
            Err(error) => Outcome::Refused(error.to_string()),
        }
    }
}

async fn write_and_read(label: &str) -> Result<String, Error> {
    let store = Store::open(label).await?;
    store.set("nosy", "taken").await?;
    let value = store.get("nosy").await?.unwrap_or_default();
    Ok(String::from_utf8_lossy(&value).into_owned())
}
