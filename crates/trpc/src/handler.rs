//! Handlers: async functions whose arguments are taken from the call.

use crate::{Call, FromCall, Media, TrpcError, error::refusal};
use axum::extract::FromRequestParts;

/// An async function that answers calls. All arguments but the last implement `FromRequestParts` of axum (state, callers,
/// headers); the last one may be the input instead: [`FromCall`]. `M` only tells functions apart.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no handler of calls",
    note = "a handler is an async function of at most six arguments; all but the last implement FromRequestParts, the last FromCall"
)]
pub trait Handler<M, S>: Clone + Send + Sync + 'static {
    /// What the function returns.
    type Output;
    /// The media types of its input.
    const MEDIA: &'static [Media];

    /// Takes the arguments from the call and runs the function.
    fn call(self, call: Call, state: S) -> impl Future<Output = Result<Self::Output, TrpcError>> + Send;
}

#[diagnostic::do_not_recommend]
impl<F, Fut, S> Handler<((),), S> for F
where
    F: FnOnce() -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output: Send> + Send,
    S: Send + Sync + 'static,
{
    type Output = Fut::Output;
    const MEDIA: &'static [Media] = &[Media::Json];

    async fn call(self, _: Call, _: S) -> Result<Fut::Output, TrpcError> {
        Ok(self().await)
    }
}

macro_rules! handler {
    ([$($part:ident),*], $last:ident) => {
        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, unused_mut, reason = "arguments have the names of their types")]
        impl<F, Fut, S, M, $($part,)* $last> Handler<(M, $($part,)* $last,), S> for F
        where
            F: FnOnce($($part,)* $last) -> Fut + Clone + Send + Sync + 'static,
            Fut: Future<Output: Send> + Send,
            S: Send + Sync + 'static,
            $($part: FromRequestParts<S> + Send,)*
            $last: FromCall<S, M> + Send,
        {
            type Output = Fut::Output;
            const MEDIA: &'static [Media] = $last::MEDIA;

            async fn call(self, mut call: Call, state: S) -> Result<Fut::Output, TrpcError> {
                $(
                    let $part = $part::from_request_parts(&mut call.parts, &state).await.map_err(refusal)?;
                )*
                let $last = $last::from_call(call, &state).await?;
                Ok(self($($part,)* $last).await)
            }
        }
    };
}

handler!([], T1);
handler!([T1], T2);
handler!([T1, T2], T3);
handler!([T1, T2, T3], T4);
handler!([T1, T2, T3, T4], T5);
handler!([T1, T2, T3, T4, T5], T6);
