//! Commands as guests write them, and what comes back.

use super::{RedisParameter, RedisResult};
use ::redis::{Arg, Cmd, FromRedisValue, ParsingError, Value};

/// Commands that change the state of their connection, or keep it waiting: they must not run on one that others use.
const STATEFUL: &[&str] = &[
    "ASKING",
    "AUTH",
    "BLMOVE",
    "BLMPOP",
    "BLPOP",
    "BRPOP",
    "BRPOPLPUSH",
    "BZMPOP",
    "BZPOPMAX",
    "BZPOPMIN",
    "CLIENT",
    "DISCARD",
    "EXEC",
    "HELLO",
    "MONITOR",
    "MULTI",
    "PSUBSCRIBE",
    "PSYNC",
    "PUNSUBSCRIBE",
    "QUIT",
    "READONLY",
    "READWRITE",
    "RESET",
    "SELECT",
    "SSUBSCRIBE",
    "SUBSCRIBE",
    "SUNSUBSCRIBE",
    "SYNC",
    "UNSUBSCRIBE",
    "UNWATCH",
    "WAIT",
    "WAITAOF",
    "WATCH",
    "XREAD",
    "XREADGROUP",
];

/// A command with its arguments.
pub(super) fn command(name: &str, arguments: Vec<RedisParameter>) -> Cmd {
    let mut command = ::redis::cmd(name);
    for argument in arguments {
        match argument {
            RedisParameter::Int64(number) => command.arg(number),
            RedisParameter::Binary(bytes) => command.arg(bytes),
        };
    }
    command
}

/// Whether a command needs a connection of its own.
pub(super) fn is_stateful(command: &Cmd) -> bool {
    let Some(Arg::Simple(name)) = command.args_iter().next() else { return true };
    let name = name.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
    STATEFUL.iter().any(|stateful| name.eq_ignore_ascii_case(stateful.as_bytes()))
}

/// An answer as guests know it: a list of simple values.
pub(super) struct Results(pub(super) Vec<RedisResult>);

impl FromRedisValue for Results {
    fn from_redis_value(value: Value) -> Result<Self, ParsingError> {
        let mut results = Vec::new();
        flatten(value, &mut results)?;
        Ok(Self(results))
    }
}

fn flatten(value: Value, results: &mut Vec<RedisResult>) -> Result<(), ParsingError> {
    let result = match value {
        Value::Nil => RedisResult::Nil,
        Value::Int(number) => RedisResult::Int64(number),
        Value::BulkString(bytes) | Value::BigNumber(bytes) => RedisResult::Binary(bytes),
        Value::SimpleString(text) => RedisResult::Status(text),
        Value::Okay => RedisResult::Status("OK".to_owned()),
        Value::Double(number) => RedisResult::Binary(number.to_string().into_bytes()),
        Value::Boolean(truth) => RedisResult::Int64(i64::from(truth)),
        Value::Array(values) | Value::Set(values) => {
            return values.into_iter().try_for_each(|value| flatten(value, results));
        }
        Value::ServerError(error) => return Err(format!("{error:?}").into()),
        _ => return Err("the answer has a type that components do not know".into()),
    };
    results.push(result);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_a_connection_is_told_from_what_does_not() {
        for name in ["multi", "SELECT", "BLPOP", "client setname"] {
            assert!(is_stateful(&command(name, Vec::new())), "{name}");
        }
        for name in ["GET", "set", "EVAL", "SELECTED"] {
            assert!(!is_stateful(&command(name, vec![RedisParameter::Int64(1)])), "{name}");
        }
        assert!(is_stateful(&Cmd::new()));
    }

    #[test]
    fn nested_answers_become_a_list() {
        let nested = Value::Array(vec![Value::Okay, Value::Array(vec![Value::Int(1), Value::Nil])]);
        let Results(results) = Results::from_redis_value(nested).unwrap();
        assert!(matches!(
            results.as_slice(),
            [RedisResult::Status(ok), RedisResult::Int64(1), RedisResult::Nil] if ok == "OK"
        ));
    }
}
