//! The client 10, over every link that it has for HTTP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::json;
use support::{Client, batch, form, form_seen, see_basics, see_batch};
use vitrine_trpc_clients::{Call, Version};

async fn client() -> Option<Client> {
    Client::new(Version::V10).await
}

#[tokio::test]
async fn http_link() {
    let Some(client) = client().await else { return };
    see_basics(&client.basics("httpLink").run().await.unwrap(), false);
}

#[tokio::test]
async fn http_batch_link() {
    let Some(client) = client().await else { return };
    see_basics(&client.basics("httpBatchLink").run().await.unwrap(), false);
    let outcome = batch(client.plan("httpBatchLink")).run().await.unwrap();
    see_batch(&outcome);
    assert_eq!(outcome.requests[0].status, 207);
}

#[tokio::test]
async fn http_batch_link_with_mutations() {
    let Some(client) = client().await else { return };
    let plan = client.plan("httpBatchLink").together();
    let plan = plan.call(Call::mutation("count")).call(Call::mutation("post.add").input(json!({ "title": "x" })));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!(1));
    assert_eq!(outcome.data(1).unwrap()["title"], "x");
    assert_eq!((outcome.requests.len(), outcome.requests[0].method.as_str()), (1, "POST"));
}

#[tokio::test]
async fn a_batch_that_is_too_large_fails_each_call() {
    let Some(client) = client().await else { return };
    let plan = (0..11).fold(client.plan("httpBatchLink").together(), |plan, _| plan.call(Call::query("nothing")));
    let outcome = plan.run().await.unwrap();
    for call in 0..11 {
        assert_eq!(outcome.error(call).unwrap()["message"], "Batch call exceeds maximum size");
    }
}

#[tokio::test]
async fn http_batch_stream_link() {
    let Some(client) = client().await else { return };
    see_basics(&client.basics("httpBatchStreamLink").run().await.unwrap(), true);
    let outcome = batch(client.plan("httpBatchStreamLink")).run().await.unwrap();
    see_batch(&outcome);
    assert_eq!(outcome.requests[0].status, 200);
}

#[tokio::test]
async fn form_data_link() {
    let Some(client) = client().await else { return };
    let plan =
        client.plan("formDataLink").call(Call::mutation("upload.form").form(form())).call(Call::query("nothing"));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &form_seen());
    assert_eq!(outcome.results[1], json!({ "undefined": true }));
}

#[tokio::test]
async fn logger_link() {
    let Some(client) = client().await else { return };
    let plan = client.plan("loggerLink").call(Call::query("nothing")).call(Call::query("fails").input("FORBIDDEN"));
    let outcome = plan.run().await.unwrap();
    let told: Vec<_> = outcome.logged.iter().map(|line| (line["direction"].clone(), line["failed"].clone())).collect();
    let null = json!(null);
    let (up, down) = (json!("up"), json!("down"));
    assert_eq!(told, [(up.clone(), null.clone()), (down.clone(), json!(false)), (up, null), (down, json!(true))]);
}
