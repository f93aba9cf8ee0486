//! The client 11, over every link that it has for calls by HTTP.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use serde_json::json;
use support::{Client, batch, form, form_seen, see_basics, see_batch};
use vitrine_trpc_clients::{Call, Version};

async fn client() -> Option<Client> {
    Client::new(Version::V11).await
}

#[tokio::test]
async fn http_link() {
    let Some(client) = client().await else { return };
    see_basics(&client.basics("httpLink").run().await.unwrap(), false);
}

#[tokio::test]
async fn http_link_with_forms_and_bytes() {
    let Some(client) = client().await else { return };
    let octets = |of| Call::mutation("upload.octets").octets(of, &[7, 0, 255]);
    let plan = client.plan("httpLink").call(Call::mutation("upload.form").form(form()));
    let plan = plan.call(octets("Uint8Array")).call(octets("Blob")).call(octets("File"));
    // A kind of input that the procedure does not take.
    let plan =
        plan.call(Call::mutation("upload.octets").form(form())).call(Call::mutation("post.add").octets("Blob", b"{}"));
    let large = Call::mutation("upload.octets").octets("Blob", &[1; 1001]);
    let outcome = plan.call(large).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &form_seen());
    for call in 1..=3 {
        assert_eq!(outcome.data(call).unwrap(), &json!({ "bytes": 3, "first": 7 }));
    }
    for call in 4..=5 {
        assert_eq!(outcome.error(call).unwrap()["code"], -32015);
    }
    assert_eq!(outcome.error(6).unwrap()["code"], -32013);
}

#[tokio::test]
async fn http_link_that_reads_by_post() {
    let Some(client) = client().await else { return };
    let plan = client.plan("httpLink").option("methodOverride", "POST");
    let outcome = plan.call(Call::query("post.byId").input("1")).call(Call::query("nothing")).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!({ "id": "1" }));
    assert_eq!(outcome.results[1], json!({ "undefined": true }));
    assert!(outcome.requests.iter().all(|request| request.method == "POST"));
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
async fn a_batch_that_is_too_large_fails_each_call_unless_the_client_keeps_to_the_limit() {
    let Some(client) = client().await else { return };
    for link in ["httpBatchLink", "httpBatchStreamLink"] {
        let many =
            |plan| (0..25).fold(plan, |plan: vitrine_trpc_clients::Plan, n| plan.call(Call::query("echo").input(n)));
        let outcome = many(client.plan(link).together()).run().await.unwrap();
        for call in 0..25 {
            assert_eq!(outcome.error(call).unwrap()["message"], "Batch call exceeds maximum size", "{link}");
        }
        let outcome = many(client.plan(link).together().option("maxItems", 10)).run().await.unwrap();
        assert_eq!(outcome.requests.len(), 3);
        for call in 0..25 {
            assert_eq!(outcome.data(call).unwrap(), &json!(call), "{link}");
        }
    }
}

#[tokio::test]
async fn http_batch_stream_link() {
    let Some(client) = client().await else { return };
    see_basics(&client.basics("httpBatchStreamLink").run().await.unwrap(), true);
    for header in ["trpc-accept", "accept"] {
        let plan = client.plan("httpBatchStreamLink").option("streamHeader", header);
        let outcome = batch(plan).run().await.unwrap();
        see_batch(&outcome);
        assert_eq!((outcome.requests[0].status, outcome.requests[0].media.as_deref()), (200, Some("application/json")));
    }
}

#[tokio::test]
async fn http_batch_stream_link_over_pings() {
    let Some(client) = client().await else { return };
    let plan = client.plan("httpBatchStreamLink").together().call(Call::query("slow").input(350));
    let outcome = plan.call(Call::query("slow").input(1)).run().await.unwrap();
    assert_eq!((outcome.data(0).unwrap(), outcome.data(1).unwrap()), (&json!(350), &json!(1)));
}

#[tokio::test]
async fn http_batch_stream_link_with_mutations() {
    let Some(client) = client().await else { return };
    let plan = client.plan("httpBatchStreamLink").together();
    let plan = plan
        .call(Call::mutation("count"))
        .call(Call::mutation("post.add").input(json!({})))
        .call(Call::mutation("count"));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.error(1).unwrap()["data"]["errors"][0]["field"], "title");
    assert!(outcome.data(0).unwrap().is_u64() && outcome.data(2).unwrap().is_u64());
    assert_eq!((outcome.requests.len(), outcome.requests[0].status), (1, 200));
}

#[tokio::test]
async fn retry_link() {
    let Some(client) = client().await else { return };
    let outcome = client.plan("retryLink").call(Call::query("recovers")).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!(2));
    let statuses: Vec<u16> = outcome.requests.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [503, 503, 200]);
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

#[tokio::test]
async fn split_link_takes_each_call_over_the_link_that_can_carry_it() {
    let Some(client) = client().await else { return };
    let plan = client.plan("splitLink").together();
    let plan = plan.call(Call::query("post.byId").input("1")).call(Call::query("nothing"));
    let plan = plan.call(Call::mutation("upload.form").form(form()));
    let plan = plan.call(Call::mutation("upload.octets").octets("File", b"ab")).call(Call::subscription("plain"));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!({ "id": "1" }));
    assert_eq!(outcome.data(2).unwrap(), &form_seen());
    assert_eq!(outcome.data(3).unwrap(), &json!({ "bytes": 2, "first": 97 }));
    assert_eq!(outcome.results[4]["events"], json!([1, 2, 3]));
    // The two queries went together.
    assert_eq!(outcome.requests.len(), 4);
}
