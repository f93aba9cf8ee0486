//! Requests that take long.

use crate::support::{App, app};
use axum::extract::FromRequestParts as _;
use axum::http::{Method, StatusCode, Uri};
use futures::stream;
use std::time::Duration;
use vitrine_db::DbError;
use vitrine_idempotency::{
    Answer, Attempt, Claim, Error, Fingerprint, Held, IdempotencyKey, Slot, Target, Unreadable, sha256_of,
};

async fn request() -> (Slot, Target) {
    let (mut parts, ()) = axum::http::Request::post("/photos").body(()).unwrap().into_parts();
    let target = Target::from_request_parts(&mut parts, &()).await.unwrap();
    (Slot::new("ada", &target, IdempotencyKey::parse("k1").unwrap()), target)
}

async fn claim(app: &App) -> Result<Claim, Error> {
    let (slot, target) = request().await;
    app.keys.claim(slot, target).await
}

fn answer() -> Answer {
    Answer::empty(StatusCode::ACCEPTED)
}

async fn held(app: &App) -> Held {
    match claim(app).await.unwrap() {
        Claim::Held(held) => held,
        Claim::Recorded(_) => panic!("the slot has an answer"),
    }
}

async fn complete(app: &App, held: &Held) -> Result<(), Error> {
    app.db
        .transaction(|tx| {
            let held = held.clone();
            async move {
                tx.execute("INSERT INTO orders (id, amount) VALUES ('photo', 1)", []).await?;
                held.complete(&tx, "00", &answer()).await
            }
        })
        .await
}

#[tokio::test]
async fn while_the_first_is_at_work_others_are_told() {
    let app = app().await;
    let first = held(&app).await;
    assert_eq!(claim(&app).await.unwrap_err(), Error::InProgress);
    complete(&app, &first).await.unwrap();
    let Claim::Recorded(recorded) = claim(&app).await.unwrap() else { panic!("it has an answer") };
    assert_eq!(recorded.clone().replay("01"), Err(Error::KeyReused));
    let again = recorded.replay("00").unwrap();
    assert_eq!((again.answer, again.replayed), (answer(), true));
    first.release().await;
    assert!(matches!(claim(&app).await, Ok(Claim::Recorded(_))), "an answer is not given back");
}

#[tokio::test]
async fn a_request_that_failed_gives_the_slot_back() {
    let app = app().await;
    held(&app).await.release().await;
    let second = held(&app).await;
    complete(&app, &second).await.unwrap();
}

#[tokio::test]
async fn a_holder_that_died_is_replaced_and_cannot_come_back() {
    let app = app().await;
    let dead = held(&app).await;
    app.clock.advance(Duration::from_secs(59));
    assert_eq!(claim(&app).await.unwrap_err(), Error::InProgress);
    app.clock.advance(Duration::from_secs(1));
    let second = held(&app).await;
    assert_eq!(complete(&app, &dead).await, Err(Error::InProgress));
    assert_eq!(app.count("orders").await, 0, "its effect is undone with its answer");
    dead.release().await;
    complete(&app, &second).await.unwrap();
    assert_eq!(app.count("orders").await, 1);
}

#[tokio::test]
async fn a_slow_holder_whom_nobody_replaced_ends_well() {
    let app = app().await;
    let slow = held(&app).await;
    app.clock.advance(Duration::from_secs(3000));
    app.db.execute("DELETE FROM idempotency_keys", []).await.unwrap();
    complete(&app, &slow).await.unwrap();
    assert!(matches!(claim(&app).await, Ok(Claim::Recorded(_))));
}

#[tokio::test]
async fn a_small_request_respects_a_slot_that_is_held() {
    let app = app().await;
    let _held = held(&app).await;
    let attempt = Attempt {
        slot: Some(request().await.0),
        fingerprint: Fingerprint::new(&Method::POST, &Uri::from_static("/photos"), "00"),
    };
    let work = |_| async { Ok::<_, Wrong>(answer()) };
    assert_eq!(app.keys.once(&attempt, work).await.unwrap_err(), Wrong::Key(Error::InProgress));
}

#[derive(Debug, PartialEq)]
enum Wrong {
    Key(Error),
    Db(DbError),
}

impl From<Error> for Wrong {
    fn from(error: Error) -> Self {
        Self::Key(error)
    }
}

impl From<DbError> for Wrong {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

#[tokio::test]
async fn a_body_is_read_to_its_end_or_its_limit() {
    let parts = || stream::iter(["ab", "c"].map(|part| Ok::<_, String>(part.into())));
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(sha256_of(parts(), 3).await, Ok((3, abc.to_owned())));
    assert_eq!(sha256_of(parts(), 2).await, Err(Unreadable::TooLarge(2)));
    let broken = stream::iter([Ok("ab".into()), Err("reset".to_owned())]);
    assert_eq!(sha256_of(broken, 9).await, Err(Unreadable::Source("reset".to_owned())));
}
