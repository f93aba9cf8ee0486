//! Servers of a test's own: started, used, killed, started again, and gone afterwards. Where one is not installed, the test is not run.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use vitrine_servers::{Postgres, Redis, S3, Scratch, Url, answers, redis, sql};

#[test]
fn what_postgres_has_committed_survives_its_crash() {
    let Some(server) = Postgres::alone().unwrap() else { return };
    let scratch = Scratch::make(&server.url(), "crash").unwrap();
    sql(scratch.url(), "CREATE TABLE kept (n BIGINT); INSERT INTO kept VALUES (1);").unwrap();
    server.kill().unwrap();
    assert!(!server.is_up());
    assert!(answers(scratch.url()).is_err());
    server.start().unwrap();
    server.start().unwrap();
    assert_eq!(sql(scratch.url(), "SELECT n FROM kept").unwrap().trim(), "1");
    server.stop().unwrap();
    assert_eq!(server.pid(), None);
    server.start().unwrap();
    answers(scratch.url()).unwrap();
}

#[test]
fn a_database_lets_in_its_own_user_only() {
    let Some(server) = Postgres::alone().unwrap() else { return };
    let (one, other) = (Scratch::make(&server.url(), "one").unwrap(), Scratch::make(&server.url(), "other").unwrap());
    let crossed = one.url().replace(&Url::parse(one.url()).unwrap().path, &Url::parse(other.url()).unwrap().user);
    assert!(sql(&crossed, "SELECT 1").is_err());
    let (user, database) = (Url::parse(one.url()).unwrap(), Url::parse(other.url()).unwrap().path);
    let foreign = format!("postgres://{}:{}@127.0.0.1:{}/{database}", user.user, user.password, user.port);
    let error = sql(&foreign, "SELECT 1").unwrap_err().to_string();
    assert!(error.contains("permission denied"), "{error}");
    let name = user.path.clone();
    drop(one);
    let left = sql(&server.url(), &format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")).unwrap();
    assert_eq!(left.trim(), "0");
}

#[test]
fn what_redis_has_answered_survives_its_crash() {
    let Some(server) = Redis::alone().unwrap() else { return };
    let url = format!("{}/7", server.url());
    redis(&url, &["SET", "a", "b c"]).unwrap();
    server.kill().unwrap();
    assert!(answers(&url).is_err());
    server.start().unwrap();
    assert_eq!(redis(&url, &["INCRBY", "n", "2"]).unwrap(), "2");
    assert_eq!(redis(&url, &["EXISTS", "a"]).unwrap(), "1");
    assert_eq!(redis(&server.url(), &["EXISTS", "a"]).unwrap(), "0");
    let stranger = server.url().replace("redis://:", "redis://:x");
    assert!(redis(&stranger, &["PING"]).is_err());
    server.stop().unwrap();
    assert_eq!(server.pid(), None);
}

#[test]
fn an_s3_server_is_started_and_stopped() {
    let Some(server) = S3::alone().unwrap() else { return };
    server.bucket("originals").unwrap();
    answers(&server.url()).unwrap();
    server.stop().unwrap();
    assert!(answers(&server.url()).is_err());
    server.start().unwrap();
    answers(&server.url()).unwrap();
    server.bucket("test-originals").unwrap();
    server.forget("test-").unwrap();
    server.forget("nothing").unwrap();
}
