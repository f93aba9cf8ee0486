//! The key-value port on Redis.

mod connection;

use crate::StartError;
use bytes::Bytes;
pub(crate) use connection::{Connection, Redis};
use futures::{FutureExt, future::BoxFuture};
use send_wrapper::SendWrapper;
use spin_sdk::redis::{RedisParameter, RedisResult};
use std::{fmt, time::Duration};
use vitrine_kv::{Backend, KvError};

/// One step, whoever else counts: the expiry is set only where the counter is made. The sum is read as text, since numbers of
/// scripts have 53 bits.
const INCREMENT: &str = "local made = redis.call('EXISTS', KEYS[1]) == 0
redis.call('INCRBY', KEYS[1], ARGV[1])
if made and ARGV[2] then redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return redis.call('GET', KEYS[1])";

/// A keyspace on a Redis server: the keys that begin with its purpose and a colon.
pub struct RedisKv {
    redis: Redis,
    prefix: String,
}

impl RedisKv {
    /// The keyspace of `purpose` on the server at `url`: `redis://[[user]:password@]host:port[/database]`.
    ///
    /// # Errors
    /// If `purpose` is not made of `a` to `z` and `-`: with a colon in it, it could reach into another one's keys.
    pub fn new(url: &str, purpose: &str) -> Result<Self, StartError> {
        if purpose.is_empty() || !purpose.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') {
            return Err(StartError::new(format_args!("the purpose `{purpose}` of a keyspace is not of a-z and -")));
        }
        Ok(Self { redis: Redis::new(url), prefix: format!("{purpose}:") })
    }

    /// Whether the server lets this component in.
    ///
    /// # Errors
    /// [`KvError::Unavailable`] if it does not answer or refuses.
    pub async fn ping(&self) -> Result<(), KvError> {
        self.redis.idempotent(|redis| async move { redis.execute("PING", []).await.map(drop) }).await
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }
}

impl fmt::Debug for RedisKv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisKv({})", self.prefix)
    }
}

impl Backend for RedisKv {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Bytes>, KvError>> {
        SendWrapper::new(async move {
            let key = self.key(key);
            let get = |redis: Connection| {
                let key = key.clone();
                async move { redis.get(key).await }
            };
            Ok(self.redis.idempotent(get).await?.map(Bytes::from))
        })
        .boxed()
    }

    fn set<'a>(&'a self, key: &'a str, value: Bytes, expiry: Option<Duration>) -> BoxFuture<'a, Result<(), KvError>> {
        SendWrapper::new(async move {
            let mut arguments = vec![text(&self.key(key)), RedisParameter::Binary(value.to_vec())];
            if let Some(expiry) = expiry {
                arguments.extend([text("PX"), text(&expiry.as_millis().to_string())]);
            }
            let set = |redis: Connection| {
                let arguments = arguments.clone();
                async move { redis.execute("SET", arguments).await.map(drop) }
            };
            self.redis.idempotent(set).await
        })
        .boxed()
    }

    fn delete<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), KvError>> {
        SendWrapper::new(async move {
            let key = self.key(key);
            let delete = |redis: Connection| {
                let key = key.clone();
                async move { redis.del([key]).await.map(drop) }
            };
            self.redis.idempotent(delete).await
        })
        .boxed()
    }

    fn increment<'a>(&'a self, key: &'a str, by: i64, expiry: Option<Duration>) -> BoxFuture<'a, Result<i64, KvError>> {
        SendWrapper::new(async move {
            let mut arguments = vec![text(INCREMENT), text("1"), text(&self.key(key)), text(&by.to_string())];
            arguments.extend(expiry.map(|expiry| text(&expiry.as_millis().to_string())));
            let increment = |redis: Connection| {
                let arguments = arguments.clone();
                async move { redis.execute("EVAL", arguments).await }
            };
            let answer = self.redis.once(increment).await?;
            number(&answer).ok_or_else(|| KvError::Failed("Redis counted, and answered with no number".to_owned()))
        })
        .boxed()
    }
}

fn text(text: &str) -> RedisParameter {
    RedisParameter::Binary(text.as_bytes().to_vec())
}

fn number(answer: &[RedisResult]) -> Option<i64> {
    match answer {
        [RedisResult::Int64(number)] => Some(*number),
        [RedisResult::Binary(bytes)] => std::str::from_utf8(bytes).ok()?.parse().ok(),
        [RedisResult::Status(text)] => text.parse().ok(),
        _ => None,
    }
}
