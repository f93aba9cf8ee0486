//! Both clients, over every link that they have for calls by HTTP, against a server that has a procedure for everything: what
//! both can do is one test, run for each.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

mod support;

use std::pin::Pin;
use std::process::ExitCode;

use libtest_mimic::Arguments;
use serde_json::json;
use support::trial::trial;
use support::{Client, batch, form, form_seen, see_basics, see_batch};
use vitrine_trpc_clients::{Call, Plan, Version};

const BOTH: &[Version] = &Version::ALL;
const OLD: &[Version] = &[Version::V10];
const NEW: &[Version] = &[Version::V11];

type Run = fn(Client) -> Pin<Box<dyn Future<Output = ()>>>;

macro_rules! table {
    ($($versions:ident $name:ident,)*) => {
        &[$(($versions, stringify!($name), |client| Box::pin($name(client)))),*]
    };
}

/// Which clients have what a test is about.
const TABLE: &[(&[Version], &str, Run)] = table![
    BOTH http_link,
    NEW http_link_with_forms_and_bytes,
    NEW http_link_that_reads_by_post,
    BOTH http_batch_link,
    BOTH a_batch_of_mutations,
    BOTH a_batch_that_is_too_large_fails_each_call,
    NEW a_client_may_keep_to_the_limit,
    BOTH http_batch_stream_link,
    NEW http_batch_stream_link_by_either_header,
    NEW http_batch_stream_link_over_pings,
    NEW http_batch_stream_link_with_mutations,
    OLD form_data_link,
    NEW retry_link,
    BOTH logger_link,
    BOTH split_link_by_kind,
    NEW split_link_takes_each_call_over_the_link_that_can_carry_it,
];

fn main() -> ExitCode {
    let all =
        TABLE.iter().flat_map(|(versions, name, run)| versions.iter().map(move |version| (*version, *name, *run)));
    let trials = all.map(|(version, name, run)| {
        trial(version, name, move || async move {
            if let Some(client) = Client::new(version).await {
                run(client).await;
            }
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

async fn http_link(client: Client) {
    see_basics(&client.basics("httpLink").run().await.unwrap(), false);
}

async fn http_link_with_forms_and_bytes(client: Client) {
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

async fn http_link_that_reads_by_post(client: Client) {
    let plan = client.plan("httpLink").option("methodOverride", "POST");
    let outcome = plan.call(Call::query("post.byId").input("1")).call(Call::query("nothing")).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!({ "id": "1" }));
    assert_eq!(outcome.results[1], json!({ "undefined": true }));
    assert!(outcome.requests.iter().all(|request| request.method == "POST"));
}

async fn http_batch_link(client: Client) {
    see_basics(&client.basics("httpBatchLink").run().await.unwrap(), false);
    let outcome = batch(client.plan("httpBatchLink")).run().await.unwrap();
    see_batch(&outcome);
    assert_eq!(outcome.requests[0].status, 207);
}

async fn a_batch_of_mutations(client: Client) {
    let plan = client.plan("httpBatchLink").together();
    let plan = plan.call(Call::mutation("count")).call(Call::mutation("post.add").input(json!({ "title": "x" })));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!(1));
    assert_eq!(outcome.data(1).unwrap()["title"], "x");
    assert_eq!((outcome.requests.len(), outcome.requests[0].method.as_str()), (1, "POST"));
}

/// Calls that are made at the same time, each with its number.
fn many(plan: Plan, calls: usize) -> Plan {
    (0..calls).fold(plan.together(), |plan, n| plan.call(Call::query("echo").input(n)))
}

async fn a_batch_that_is_too_large_fails_each_call(client: Client) {
    for link in ["httpBatchLink", "httpBatchStreamLink"] {
        let outcome = many(client.plan(link), 11).run().await.unwrap();
        for call in 0..11 {
            assert_eq!(outcome.error(call).unwrap()["message"], "Batch call exceeds maximum size", "{link}");
        }
    }
}

async fn a_client_may_keep_to_the_limit(client: Client) {
    for link in ["httpBatchLink", "httpBatchStreamLink"] {
        let outcome = many(client.plan(link).option("maxItems", 10), 25).run().await.unwrap();
        assert_eq!(outcome.requests.len(), 3);
        for call in 0..25 {
            assert_eq!(outcome.data(call).unwrap(), &json!(call), "{link}");
        }
    }
}

async fn http_batch_stream_link(client: Client) {
    see_basics(&client.basics("httpBatchStreamLink").run().await.unwrap(), true);
    let outcome = batch(client.plan("httpBatchStreamLink")).run().await.unwrap();
    see_batch(&outcome);
    assert_eq!((outcome.requests[0].status, outcome.requests[0].media.as_deref()), (200, Some("application/json")));
}

async fn http_batch_stream_link_by_either_header(client: Client) {
    for header in ["trpc-accept", "accept"] {
        let plan = client.plan("httpBatchStreamLink").option("streamHeader", header);
        let outcome = batch(plan).run().await.unwrap();
        see_batch(&outcome);
        assert_eq!((outcome.requests[0].status, outcome.requests[0].media.as_deref()), (200, Some("application/json")));
    }
}

async fn http_batch_stream_link_over_pings(client: Client) {
    let plan = client.plan("httpBatchStreamLink").together().call(Call::query("slow").input(350));
    let outcome = plan.call(Call::query("slow").input(1)).run().await.unwrap();
    assert_eq!((outcome.data(0).unwrap(), outcome.data(1).unwrap()), (&json!(350), &json!(1)));
}

async fn http_batch_stream_link_with_mutations(client: Client) {
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

async fn form_data_link(client: Client) {
    let plan =
        client.plan("formDataLink").call(Call::mutation("upload.form").form(form())).call(Call::query("nothing"));
    let outcome = plan.run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &form_seen());
    assert_eq!(outcome.results[1], json!({ "undefined": true }));
}

async fn retry_link(client: Client) {
    let outcome = client.plan("retryLink").call(Call::query("recovers")).run().await.unwrap();
    assert_eq!(outcome.data(0).unwrap(), &json!(2));
    let statuses: Vec<u16> = outcome.requests.iter().map(|request| request.status).collect();
    assert_eq!(statuses, [503, 503, 200]);
}

async fn logger_link(client: Client) {
    let plan = client.plan("loggerLink").call(Call::query("nothing")).call(Call::query("fails").input("FORBIDDEN"));
    let outcome = plan.run().await.unwrap();
    let told: Vec<_> = outcome.logged.iter().map(|line| (line["direction"].clone(), line["failed"].clone())).collect();
    let null = json!(null);
    let (up, down) = (json!("up"), json!("down"));
    assert_eq!(told, [(up.clone(), null.clone()), (down.clone(), json!(false)), (up, null), (down, json!(true))]);
}

async fn split_link_by_kind(client: Client) {
    let plan =
        client.plan("splitByKind").together().call(Call::query("echo").input(1)).call(Call::query("echo").input(2));
    let outcome = plan.call(Call::mutation("count")).call(Call::mutation("count")).run().await.unwrap();
    assert_eq!((outcome.data(0).unwrap(), outcome.data(1).unwrap()), (&json!(1), &json!(2)));
    assert!(outcome.data(2).is_ok() && outcome.data(3).is_ok());
    // The queries went together.
    assert_eq!(outcome.requests.len(), 3);
}

async fn split_link_takes_each_call_over_the_link_that_can_carry_it(client: Client) {
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
