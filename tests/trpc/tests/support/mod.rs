//! What the tests of both clients share.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses a part of it; a test that cannot go on has failed")]

pub(crate) mod trial;

use serde_json::{Value, json};
use vitrine_servers::{not_run, npm};
use vitrine_trpc_clients::{Call, Form, Outcome, Plan, Server, Version};

/// A server, and plans for it; none where nothing can run.
pub(crate) struct Client {
    server: Server,
    version: Version,
}

impl Client {
    pub(crate) async fn new(version: Version) -> Option<Self> {
        if !npm::is_there() {
            not_run("node and npm are not on the PATH");
            return None;
        }
        Some(Self { server: Server::start().await.unwrap(), version })
    }

    pub(crate) fn plan(&self, link: &str) -> Plan {
        Plan::new(self.version, &self.server.url(), link)
    }

    /// A plan for procedures whose first stream hangs.
    pub(crate) fn hung(&self, link: &str) -> Plan {
        Plan::new(self.version, &self.server.hung_url(), link)
    }

    /// Each kind of call and each kind of end, one after another.
    pub(crate) fn basics(&self, link: &str) -> Plan {
        self.plan(link)
            .header("authorization", "Bearer t")
            .call(Call::query("post.byId").input("ü+%&=?#"))
            .call(Call::mutation("post.add").input(json!({ "title": "x", "tags": ["a", "b"] })))
            .call(Call::query("nothing"))
            .call(Call::mutation("count"))
            .call(Call::query("echo").input(json!(null)))
            .call(Call::query("whoami"))
            .call(Call::query("fails").input("CONFLICT"))
            .call(Call::mutation("post.add").input(json!({ "title": 1 })))
            .call(Call::query("absent"))
            .call(Call::query("count"))
            .call(Call::mutation("login").input("ada"))
    }
}

/// What must come of the basics, whatever the link; `streamed` answers have the status 200 whatever they hold.
pub(crate) fn see_basics(outcome: &Outcome, streamed: bool) {
    assert_eq!(outcome.data(0).unwrap(), &json!({ "id": "ü+%&=?#" }));
    assert_eq!(outcome.data(1).unwrap(), &json!({ "title": "x", "tags": ["a", "b"] }));
    assert_eq!(outcome.results[2], json!({ "undefined": true }));
    assert_eq!(outcome.data(3).unwrap(), &json!(1));
    assert_eq!(outcome.data(4).unwrap(), &json!(null));
    assert_eq!(outcome.data(5).unwrap(), &json!("Bearer t"));
    let error = |call: usize, code: i32, key: &str, status: u16, path: &str| {
        let error = outcome.error(call).unwrap();
        assert_eq!((&error["name"], &error["code"]), (&json!("TRPCClientError"), &json!(code)));
        assert_eq!((&error["data"]["code"], &error["data"]["httpStatus"]), (&json!(key), &json!(status)));
        assert_eq!(error["data"]["path"], path);
        assert_eq!(error["status"], if streamed { 200 } else { status });
        error.clone()
    };
    let conflict = error(6, -32009, "CONFLICT", 409, "fails");
    assert_eq!((&conflict["message"], &conflict["data"]["reason"]), (&json!("as asked"), &json!("asked")));
    assert_eq!(error(7, -32600, "BAD_REQUEST", 400, "post.add")["data"]["errors"][0]["field"], "title");
    assert_eq!(error(8, -32004, "NOT_FOUND", 404, "absent")["message"], "No procedure found on path \"absent\"");
    error(9, -32005, "METHOD_NOT_SUPPORTED", 405, "count");
    assert_eq!(outcome.data(10).unwrap(), &json!("ada"));
    assert_eq!(outcome.requests.len(), 11);
}

/// Calls of one kind that a batching link puts in one request: an answer, an error, an input that is wrong.
pub(crate) fn batch(plan: Plan) -> Plan {
    plan.together()
        .call(Call::query("post.byId").input("1"))
        .call(Call::query("fails").input("NOT_FOUND"))
        .call(Call::query("nothing"))
        .call(Call::query("post.byId").input(7))
        .call(Call::query("slow").input(30))
}

/// What must come of a batch.
pub(crate) fn see_batch(outcome: &Outcome) {
    assert_eq!(outcome.data(0).unwrap(), &json!({ "id": "1" }));
    assert_eq!(outcome.error(1).unwrap()["data"]["reason"], "asked");
    assert_eq!(outcome.results[2], json!({ "undefined": true }));
    assert_eq!(outcome.error(3).unwrap()["data"]["path"], "post.byId");
    assert_eq!(outcome.data(4).unwrap(), &json!(30));
    assert_eq!(outcome.requests.len(), 1, "{:?}", outcome.requests);
}

/// A form with a text and a file.
pub(crate) fn form() -> Vec<Form> {
    vec![
        Form { name: "title", text: "Häfen".to_owned(), file: None, media: None },
        Form { name: "photo", text: "bytes".to_owned(), file: Some("a.png"), media: Some("image/png") },
    ]
}

/// What the server says of the form.
pub(crate) fn form_seen() -> Value {
    json!([
        { "name": "title", "file": null, "type": null, "text": "Häfen" },
        { "name": "photo", "file": "a.png", "type": "image/png", "text": "bytes" },
    ])
}
