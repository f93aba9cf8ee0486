//! The use cases, without HTTP.

use crate::support::fixture;
use auth_core::{Error, Field};
use uuid::Uuid;

#[tokio::test]
async fn of_many_who_register_one_handle_at_once_one_gets_it() {
    let fixture = fixture().await;
    let mut results = Vec::new();
    let tasks: Vec<_> = (0..8)
        .map(|n| {
            let auth = fixture.auth.clone();
            tokio::spawn(async move { auth.register(&format!("{n}@example.org"), "same", "a good password").await })
        })
        .collect();
    for task in tasks {
        results.push(task.await.unwrap().map(|session| session.account.handle));
    }
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let refused = results.into_iter().filter_map(Result::err);
    assert!(refused.into_iter().all(|error| error == Error::Taken(Field::Handle)));
}

#[tokio::test]
async fn the_password_is_stored_as_a_hash_only() {
    let fixture = fixture().await;
    fixture.auth.register("ada@example.org", "ada", "a good password").await.unwrap();
    let row = fixture.db.query_one("SELECT * FROM accounts", []).await.unwrap().unwrap();
    assert!(row.get::<String>("password_hash").unwrap().starts_with("$argon2id$"));
    assert!(!format!("{row:?}").contains("a good password"));
}

#[tokio::test]
async fn an_account_is_found_by_its_id() {
    let fixture = fixture().await;
    let session = fixture.auth.register("ada@example.org", "ada", "a good password").await.unwrap();
    assert_eq!(fixture.auth.account(session.account.id).await, Ok(session.account));
    assert_eq!(fixture.auth.account(Uuid::nil()).await, Err(Error::NoAccount));
}

#[tokio::test]
async fn a_stored_account_that_is_not_valid_is_an_error_and_no_crash() {
    let fixture = fixture().await;
    let session = fixture.auth.register("ada@example.org", "ada", "a good password").await.unwrap();
    fixture.db.execute("UPDATE accounts SET roles = 'not json'", []).await.unwrap();
    let error = fixture.auth.account(session.account.id).await.unwrap_err();
    assert!(error.to_string().contains("`roles`"), "{error}");
    fixture.db.execute("UPDATE accounts SET roles = '[]', password_hash = 'plain'", []).await.unwrap();
    assert!(matches!(fixture.auth.login("ada", "a good password").await, Err(Error::Hashing(_))));
}
