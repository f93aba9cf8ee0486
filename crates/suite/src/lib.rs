//! What the behaviour suites of the ports share.
//!
//! A suite is a list of named cases, each a function of the thing under test, so that the same cases run natively, as
//! tests of one adapter, and inside a component, one request a case.
#![forbid(unsafe_code)]

use futures::future::BoxFuture;

/// Why a case failed.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure(pub String);

// `Failure` is no `std::error::Error` itself, so that every error becomes one with `?`.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// What a case comes to.
pub type Outcome = Result<(), Failure>;

/// One thing that an adapter must do right. `S` is what it is shown on: empty, and nobody else's.
#[derive(Debug, Clone, Copy)]
pub struct Case<S: 'static> {
    /// What it is about, as the name of a test.
    pub name: &'static str,
    /// Runs it.
    pub run: fn(S) -> BoxFuture<'static, Outcome>,
}

/// Runs the case `name` of `cases` on `subject`.
///
/// # Errors
/// What the case found wrong, or that there is no such case.
pub async fn run<S>(cases: &[Case<S>], name: &str, subject: S) -> Outcome {
    match cases.iter().find(|case| case.name == name) {
        Some(case) => (case.run)(subject).await,
        None => Err(Failure(format!("there is no case {name}"))),
    }
}

/// The head of a suite, in the module `suite` of the crate of its port: a list of cases, a function that runs one by its
/// name, and a macro that makes a `#[tokio::test]` of each case on what an expression gives each time.
///
/// `cases! { CASES, run, db_suite, vitrine_db, Db; kinds: one_case, another; schema: a_third; }`: the names of the three,
/// the crate, the type that the cases are shown on, and the cases by the module that holds them.
#[macro_export]
macro_rules! cases {
    ($cases:ident, $run:ident, $tests:ident, $port:ident, $subject:ty; $($module:ident: $($name:ident),+;)+) => {
        /// Every case.
        pub const $cases: &[$crate::Case<$subject>] = &[$($(
            $crate::Case { name: stringify!($name), run: |subject| Box::pin($module::$name(subject)) },
        )+)+];

        /// Runs the case of that name.
        ///
        /// # Errors
        /// What the case found wrong, or that there is no such case.
        pub async fn $run(name: &str, subject: $subject) -> $crate::Outcome {
            $crate::run($cases, name, subject).await
        }

        /// Makes a `#[tokio::test]` of each case, on what the expression gives each time: empty, and of its own.
        #[macro_export]
        macro_rules! $tests {
            ($make:expr) => {$($(
                #[tokio::test]
                async fn $name() {
                    $port::suite::$run(stringify!($name), $make).await.unwrap();
                }
            )+)+};
        }
    };
}

/// Fails the case unless both sides are equal.
#[macro_export]
macro_rules! check_eq {
    ($left:expr, $right:expr) => {
        match (&$left, &$right) {
            (left, right) if left == right => {}
            (left, right) => {
                let reason = format!("{}, line {}: {left:?} is not {right:?}", file!(), line!());
                return Err($crate::Failure(reason).into());
            }
        }
    };
}

/// Fails the case unless the value is of the pattern.
#[macro_export]
macro_rules! check_is {
    ($value:expr, $pattern:pat) => {
        match &$value {
            $pattern => {}
            value => {
                let reason = format!("{}, line {}: {value:?} is not {}", file!(), line!(), stringify!($pattern));
                return Err($crate::Failure(reason).into());
            }
        }
    };
}
