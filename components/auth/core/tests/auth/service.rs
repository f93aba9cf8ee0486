//! The use cases, without HTTP.

use crate::support::{Fixture, PASSWORD, fixture, hashing, settings};
use auth_core::{Client, Credentials, Error, Field, Registration, Settings};
use futures::future::join_all;

/// Registers all of these at once. Gives back how many were, and what the others were told.
async fn register_all(fixture: &Fixture, all: impl Iterator<Item = (String, String)>) -> (usize, Vec<Error>) {
    let tries = all.map(|(email, handle)| {
        let auth = fixture.auth.clone();
        tokio::spawn(async move {
            let registration =
                Registration { email: &email, handle: &handle, password: "a good password", display_name: None };
            auth.register(registration, &Client::default()).await
        })
    });
    let results = join_all(tries.collect::<Vec<_>>()).await.into_iter().map(Result::unwrap);
    let (won, lost): (Vec<_>, Vec<_>) = results.partition(Result::is_ok);
    (won.len(), lost.into_iter().filter_map(Result::err).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_who_register_one_handle_at_once_one_gets_it() {
    let fixture = fixture().await;
    let handles = ["same", "SAME", "Same"].into_iter().cycle().map(str::to_owned);
    let (won, lost) = register_all(&fixture, (0..1000).map(|n| format!("{n}@example.org")).zip(handles)).await;
    assert_eq!((won, lost.len()), (1, 999));
    assert!(lost.iter().all(|error| *error == Error::Taken(Field::Handle)), "{lost:?}");
    assert_eq!(fixture.count("SELECT COUNT(*) AS n FROM sessions").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_a_thousand_who_register_one_address_at_once_one_gets_it() {
    let fixture = fixture().await;
    let alike = [
        "stra\u{df}e@example.org",
        "STRASSE@example.org",
        "\u{ff33}trasse@EXAMPLE.org",
        "Stra\u{17f}\u{17f}e@example.org",
    ];
    let emails = alike.into_iter().cycle().map(str::to_owned);
    let (won, lost) = register_all(&fixture, emails.zip((0..1000).map(|n| format!("user_{n}")))).await;
    assert_eq!((won, lost.len()), (1, 999));
    assert!(lost.iter().all(|error| *error == Error::Taken(Field::Email)), "{lost:?}");
}

#[tokio::test]
async fn the_password_is_stored_as_a_hash_only() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let row = fixture.db.query_one("SELECT * FROM accounts", []).await.unwrap().unwrap();
    assert!(row.get::<String>("password_hash").unwrap().starts_with("$argon2id$"));
    assert!(!format!("{row:?}").contains(PASSWORD));
}

#[tokio::test]
async fn no_token_is_stored_as_it_is() {
    let fixture = fixture().await;
    let signed_in = fixture.register("ada").await;
    let mut stored = String::new();
    for table in ["SELECT * FROM sessions", "SELECT * FROM refresh_tokens", "SELECT * FROM devices"] {
        let rows = fixture.db.query(table, []).await.unwrap();
        assert_eq!(rows.len(), 1, "{table}");
        stored += &format!("{rows:?}");
    }
    for secret in [&signed_in.tokens.refresh_token, &signed_in.tokens.access_token, &signed_in.device_token] {
        assert!(!stored.contains(secret.as_str()));
        assert!(!format!("{signed_in:?} {:?}", signed_in.tokens).contains(secret.as_str()));
    }
}

#[tokio::test]
async fn a_hash_of_another_cost_is_made_anew_at_the_next_login() {
    let old = fixture().await;
    old.register("ada").await;
    let hash = |fixture: &Fixture| {
        let db = fixture.db.clone();
        async move {
            let row = db.query_one("SELECT password_hash FROM accounts", []).await.unwrap().unwrap();
            row.get::<String>("password_hash").unwrap()
        }
    };
    let before = hash(&old).await;
    assert!(before.contains("m=1024"), "{before}");
    let new = old.restarted(Settings { hashing: hashing(2048), ..settings() });
    let credentials = Credentials { login: "ada", password: PASSWORD, totp: None };
    for _ in 0..2 {
        new.auth.login(credentials, &Client::default()).await.unwrap();
        assert!(hash(&new).await.contains("m=2048"));
    }
}

#[tokio::test]
async fn a_stored_account_that_is_not_valid_is_an_error_and_no_crash() {
    let fixture = fixture().await;
    fixture.register("ada").await;
    let client = Client::default();
    let login = || fixture.auth.login(Credentials { login: "ada", password: PASSWORD, totp: None }, &client);
    login().await.unwrap();
    fixture.db.execute("UPDATE accounts SET roles = 'not json'", []).await.map(drop).unwrap();
    let error = login().await.map(drop).unwrap_err();
    assert!(error.to_string().contains("`roles`"), "{error}");
    fixture.db.execute("UPDATE accounts SET roles = '[]', password_hash = 'plain'", []).await.map(drop).unwrap();
    assert!(matches!(login().await, Err(Error::Hashing(_))));
}

#[tokio::test]
async fn an_address_that_was_good_once_is_read_still() {
    let fixture = fixture().await;
    let token = fixture.register("ada").await.tokens.access_token;
    let old = "a\u{200b} da@example.org";
    fixture.db.execute("UPDATE accounts SET email = $1", [old.into()]).await.unwrap();
    assert_eq!(fixture.me(Some(&format!("Bearer {token}"))).await.body["email"], old);
    assert_eq!(fixture.login("ada", PASSWORD).await.status, axum::http::StatusCode::OK);
}
