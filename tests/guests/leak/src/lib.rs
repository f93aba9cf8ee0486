//! What must never be done, done on purpose: request data in a `static`. `/?alice` answers who was here before on the same
//! instance, and then remembers alice. It shows that a leak would be seen, and that it ends at the component's border.

use std::sync::Mutex;

use spin_sdk::http::{IntoResponse, Request, StatusCode};
use spin_sdk::http_service;

static LAST_USER: Mutex<Option<String>> = Mutex::new(None);

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let user = request.uri().query().unwrap_or("nobody").to_owned();
    match LAST_USER.lock() {
        Ok(mut last) => {
            let before = last.replace(user);
            (StatusCode::OK, before.unwrap_or_else(|| "nobody".to_owned()))
        }
        Err(poisoned) => (StatusCode::INTERNAL_SERVER_ERROR, poisoned.to_string()),
    }
}
