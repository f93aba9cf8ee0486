//! Guests that mean no good: each is contained while another component goes on answering.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::time::{Duration, Instant};

use futures::future::join_all;
use vitrine_denied::app::App;
use vitrine_denied::watch::{instances, is_idle, others_answer};
use vitrine_scenarios::client::Fetch as _;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_loop_is_stopped() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/loop/").await.unwrap().expect(200).unwrap();
    let start = Instant::now();
    let once = async { app.problem("/loop/loop", 504, "busy-loop").await.unwrap() };
    others_answer(&app, once).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?} for 300 ms of CPU time", start.elapsed());
    app.running.log_line(&["busy-loop", "loop", "CPU"]).unwrap();
    assert_eq!(app.get("/loop/").await.unwrap().expect(200).unwrap().text(), "still answering");
    let metrics = app.metrics().await.unwrap();
    assert!(
        metrics.lines().any(|line| line.contains("deadline") && line.contains("\"loop\"") && !line.ends_with(" 0")),
        "{metrics}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_busy_loops_than_processors_stop_nobody_else() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/echo/").await.unwrap().expect(200).unwrap();
    let many = join_all((0..6).map(|n| {
        let app = &app;
        async move { app.problem("/loop/loop", 504, &format!("loop-{n}")).await.unwrap() }
    }));
    others_answer(&app, many).await.unwrap();
    app.get("/loop/").await.unwrap().expect(200).unwrap();
}

#[tokio::test]
async fn a_head_that_comes_late_is_not_waited_for() {
    let app = App::start("hostile", &[]).unwrap();
    assert_eq!(app.get("/slow/late?50").await.unwrap().expect(200).unwrap().text(), "late");
    let late = async { app.problem("/slow/late?20000", 504, "late-head").await.unwrap() };
    let start = Instant::now();
    others_answer(&app, late).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    app.running.log_line(&["late-head", "slow"]).unwrap();
    app.get("/slow/").await.unwrap().expect(200).unwrap();
}

#[tokio::test]
async fn a_head_is_not_waited_for_because_a_body_is_left_unread() {
    let app = App::start("hostile", &[]).unwrap();
    let start = Instant::now();
    let answer = app.client.post("/slow/late?20000").body("hello").fetch().await.unwrap();
    assert_eq!(answer.status, 504, "{}", answer.text());
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    app.get("/slow/").await.unwrap().expect(200).unwrap();
}

/// Requests that are counted as in flight.
async fn in_flight(app: &App) -> u32 {
    let metrics = app.metrics().await.unwrap();
    let line = metrics.lines().find_map(|line| line.strip_prefix("vitrine_in_flight ")).unwrap();
    line.parse().unwrap()
}

#[tokio::test]
async fn a_client_that_makes_no_room_for_answers_is_left() {
    let app = App::start("hostile", &[]).unwrap();
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", app.running.port())).await.unwrap();
    let (mut client, connection) =
        h2::client::Builder::new().initial_window_size(0).handshake::<_, bytes::Bytes>(stream).await.unwrap();
    let connection = tokio::spawn(connection);
    let mut answers = Vec::new();
    for _ in 0..20 {
        let request = http::Request::get(format!("{}/slow/", app.running.base())).body(()).unwrap();
        let (answer, _) = client.send_request(request, true).unwrap();
        answers.push(answer.await.unwrap());
    }
    assert_eq!(in_flight(&app).await, 20);
    tokio::time::timeout(Duration::from_secs(15), connection).await.unwrap().unwrap().ok();
    for _ in 0..100 {
        if in_flight(&app).await == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(in_flight(&app).await, 0);
    app.running.log_line(&["takes nothing of an answer"]).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_component_that_computes_has_few_instances() {
    let app = App::start("hostile", &[]).unwrap();
    let many = join_all((0..16).map(|_| app.get("/alone/late?300")));
    tokio::pin!(many);
    let mut most = 0;
    let answers = loop {
        tokio::select! {
            answers = &mut many => break answers,
            () = tokio::time::sleep(Duration::from_millis(50)) => most = most.max(instances(&app, "alone").await.unwrap()),
        }
    };
    for answer in answers {
        answer.unwrap().expect(200).unwrap();
    }
    // Two at once on each of the threads that compute.
    let threads = std::thread::available_parallelism().unwrap().get() as u32;
    assert!((1..=2 * threads).contains(&most), "{most} instances at once");
}

/// Statements that do not end or take much memory: none outlives its request, and none holds up another component.
#[tokio::test]
async fn a_statement_ends_with_its_request() {
    let app = App::start("hostile", &[]).unwrap();
    let endless = join_all((0..4).map(|_| app.get("/sql/endless")));
    let endless = async {
        for answer in endless.await {
            assert_eq!(answer.unwrap().status, 504);
        }
    };
    others_answer(&app, endless).await.unwrap();
    is_idle(&app).await.unwrap();

    let large = app.get("/sql/large").await.unwrap();
    assert_eq!(large.status, 502, "{}", large.text());
    assert_eq!(app.get("/sql/connections?300").await.unwrap().expect(200).unwrap().text(), "256");
    assert_eq!(app.get("/sql/use?things").await.unwrap().expect(200).unwrap().text(), "kept in the database");
}

/// A search within a value is one step, which nothing interrupts: none holds up another component.
#[tokio::test]
async fn a_search_in_a_value_stops_nobody_else() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/echo/").await.unwrap().expect(200).unwrap();
    for (path, status) in [("/sql/instr", 502), ("/sql/search", 504)] {
        let searches = join_all((0..4).map(|_| app.get(path)));
        let searches = async {
            for answer in searches.await {
                let answer = answer.unwrap();
                assert_eq!(answer.status, status, "{path}: {}", answer.text());
            }
        };
        others_answer(&app, searches).await.unwrap();
    }
    is_idle(&app).await.unwrap();
    // A value that is longer than what is read at once is read all the same.
    for length in ["1000", "20000", "3000000"] {
        assert_eq!(app.get(&format!("/sql/rows?{length}")).await.unwrap().expect(200).unwrap().text(), length);
    }
}

#[tokio::test]
async fn a_lock_that_is_waited_for_stops_nobody_else() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/echo/").await.unwrap().expect(200).unwrap();
    let waiting = async { assert_eq!(app.get("/sql/locked").await.unwrap().status, 504) };
    others_answer(&app, waiting).await.unwrap();
}

#[tokio::test]
async fn a_stream_that_falls_silent_is_cut_and_one_that_goes_on_is_not() {
    let app = App::start("hostile", &[]).unwrap();
    // Longer than both limits together, but never silent for long.
    let ticks = app.get("/slow/ticks?20").await.unwrap().expect(200).unwrap();
    assert_eq!(ticks.text().lines().count(), 20, "{}", ticks.text());

    let start = Instant::now();
    let mut stalled = app.client.get("/slow/stall").send().await.unwrap();
    assert_eq!(stalled.status(), 200);
    let mut received = Vec::new();
    let ended = loop {
        match stalled.chunk().await {
            Ok(Some(chunk)) => received.extend(chunk),
            other => break other,
        }
    };
    assert!(ended.is_err(), "a body that was cut must not look whole");
    assert_eq!(received, b"1\n");
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    app.get("/slow/").await.unwrap().expect(200).unwrap();
}

#[tokio::test]
async fn memory_ends_at_the_limit() {
    let app = App::start("hostile", &[]).unwrap();
    let got: u32 = app.get("/hog/count").await.unwrap().expect(200).unwrap().text().parse().unwrap();
    assert!((4..32).contains(&got), "of 32 MiB it got {got}");
    let grab = async { app.problem("/hog/grab", 500, "memory-grab").await.unwrap() };
    others_answer(&app, grab).await.unwrap();
    app.running.log_line(&["memory-grab", "hog"]).unwrap();
    for _ in 0..3 {
        app.get("/hog/").await.unwrap().expect(200).unwrap();
        app.problem("/hog/grab", 500, "memory-grab-again").await.unwrap();
    }
    app.get("/hog/").await.unwrap().expect(200).unwrap();
}

#[tokio::test]
async fn a_trap_costs_its_instance_and_nothing_else() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/trap/").await.unwrap().expect(200).unwrap();
    let trap = async { app.problem("/trap/trap", 500, "a-trap").await.unwrap() };
    others_answer(&app, trap).await.unwrap();
    let line = app.running.log_line(&["a-trap", "trap"]).unwrap();
    assert!(line.contains("unreachable") || line.contains("wasm trap"), "the cause is not told: {line}");
    // A fresh instance counts from the beginning.
    assert_eq!(app.get("/trap/").await.unwrap().expect(200).unwrap().text(), "1");
    for n in 0..10 {
        app.problem("/trap/trap", 500, &format!("trap-{n}")).await.unwrap();
        app.get("/trap/").await.unwrap().expect(200).unwrap();
    }
    let metrics = app.metrics().await.unwrap();
    assert!(
        metrics.lines().any(|line| line.contains("trap") && line.contains("\"trap\"") && !line.ends_with(" 0")),
        "{metrics}"
    );
}

#[tokio::test]
async fn a_trap_in_a_body_cuts_the_body() {
    let app = App::start("hostile", &[]).unwrap();
    let mut answer = app.client.get("/trap/trap-in-body").send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "the beginning");
    assert!(answer.chunk().await.is_err(), "a body that was cut must not look whole");
    app.get("/trap/").await.unwrap().expect(200).unwrap();
    app.get("/echo/").await.unwrap().expect(200).unwrap();
}

#[tokio::test]
async fn a_leak_ends_at_the_components_border() {
    let app = App::start("hostile", &[]).unwrap();
    let mut seen = Vec::new();
    for n in 0..20 {
        let ours = app.get(&format!("/leak-a/?alice-{n}")).await.unwrap().expect(200).unwrap().text();
        seen.push(ours);
        let theirs = app.get(&format!("/leak-b/?bob-{n}")).await.unwrap().expect(200).unwrap().text();
        assert!(theirs == "nobody" || theirs.starts_with("bob-"), "leak-b saw {theirs} of another component");
    }
    assert!(seen.iter().all(|who| who == "nobody" || who.starts_with("alice-")), "{seen:?}");
    // Instances are reused, so a leak does show: else the check of our own services would prove nothing.
    assert!(seen.iter().any(|who| who.starts_with("alice-")), "no instance served twice: {seen:?}");
}

#[tokio::test]
async fn a_chain_of_calls_stops_at_its_depth() {
    let app = App::start("hostile", &[]).unwrap();
    for hops in [0, 1, 5] {
        let answer = app.get(&format!("/chain/{hops}")).await.unwrap().expect(200).unwrap();
        assert_eq!(answer.text(), "the bottom");
    }
    for hops in [9, 1000] {
        let endless = async {
            let answer = app.get(&format!("/chain/{hops}")).await.unwrap();
            assert_eq!(answer.status, 508, "{}\n{}", answer.text(), app.running.log());
        };
        tokio::time::timeout(Duration::from_secs(20), endless).await.unwrap();
    }
    // The depth is the host's own: nobody outside can set it, and the guest tries to reset it at each call.
    let claimed = app.client.get("/chain/3").header("x-vitrine-depth", "8").fetch().await.unwrap();
    claimed.expect(200).unwrap();
}

#[tokio::test]
async fn work_after_an_answer_begins_a_chain_of_its_own() {
    let app = App::start("hostile", &[]).unwrap();
    app.get("/chain/again/10/2").await.unwrap().expect(202).unwrap();
    app.running.log_line(&["0 calls were left: 200 the bottom"]).unwrap();
    // What it waits for is a chain as any other.
    app.get("/chain/again/0/9").await.unwrap().expect(202).unwrap();
    app.running.log_line(&["0 calls were left: 508"]).unwrap();
    let log = app.running.log();
    assert_eq!(log.matches("calls were left").count(), 2, "{log}");
}

#[tokio::test]
async fn bodies_stream_both_ways() {
    use bytes::Bytes;
    use futures::channel::mpsc;
    use futures::{SinkExt as _, StreamExt as _};

    let app = App::start("hostile", &[]).unwrap();
    let (mut sender, receiver) = mpsc::channel::<Bytes>(1);
    let body = reqwest::Body::wrap_stream(receiver.map(Ok::<_, std::io::Error>));
    sender.send("first".into()).await.unwrap();
    let mut answer = app.client.post("/echo/echo").body(body).send().await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "first");
    // The second part is sent only after the first has come back.
    sender.send("second".into()).await.unwrap();
    assert_eq!(answer.chunk().await.unwrap().unwrap(), "second");
    drop(sender);
    assert_eq!(answer.chunk().await.unwrap(), None);

    let large = Bytes::from(vec![7; 20 << 20]);
    let answer = app.client.post("/echo/echo").body(large.clone()).fetch().await.unwrap().expect(200).unwrap();
    assert!(answer.body == large, "{} bytes came back", answer.body.len());
}
