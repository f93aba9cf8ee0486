//! Which generations of a key may have chunks, beside the one that its record names.

use bytes::Bytes;

/// How far a generation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A put writes its chunks, or died while it did.
    Writing,
    /// It has been the blob of its key. If the record names another one, its chunks are to be erased.
    Published,
    /// The key was erased: its chunks are to be erased, and no record may name it any more.
    Revoked,
}

/// The list that stands under [`pending_key`](super::record::pending_key): a generation a line, after the sign of its state.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Pending(Vec<(State, String)>);

impl Pending {
    pub(crate) fn parse(text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let lines = text.lines().filter(|line| !line.is_empty());
        Self(
            lines
                .map(|line| match (line.strip_prefix('+'), line.strip_prefix('-')) {
                    (Some(generation), _) => (State::Published, generation.to_owned()),
                    (_, Some(generation)) => (State::Revoked, generation.to_owned()),
                    (None, None) => (State::Writing, line.to_owned()),
                })
                .collect(),
        )
    }

    pub(crate) fn to_bytes(&self) -> Bytes {
        let line = |(state, generation): &(State, String)| match state {
            State::Writing => generation.clone(),
            State::Published => format!("+{generation}"),
            State::Revoked => format!("-{generation}"),
        };
        self.0.iter().map(line).collect::<Vec<_>>().join("\n").into()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn state(&self, generation: &str) -> Option<State> {
        self.0.iter().find(|(_, listed)| listed == generation).map(|(state, _)| *state)
    }

    /// The generations that have come so far.
    pub(crate) fn of(&self, state: State) -> Vec<String> {
        self.0.iter().filter(|(listed, _)| *listed == state).map(|(_, generation)| generation.clone()).collect()
    }

    /// Lists `generation`, or changes its state.
    pub(crate) fn set(&mut self, generation: &str, state: State) {
        self.remove(generation);
        self.0.push((state, generation.to_owned()));
    }

    pub(crate) fn remove(&mut self, generation: &str) {
        self.0.retain(|(_, listed)| listed != generation);
    }

    pub(crate) fn revoke_all(&mut self) {
        self.0.iter_mut().for_each(|(state, _)| *state = State::Revoked);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut list = Pending::default();
        assert_eq!(Pending::parse(&list.to_bytes()), list);
        for (generation, state) in [("a", State::Writing), ("b", State::Published), ("c", State::Revoked)] {
            list.set(generation, state);
            assert_eq!((list.state(generation), Pending::parse(&list.to_bytes())), (Some(state), list.clone()));
        }
        assert_eq!(list.of(State::Published), ["b"]);
        list.revoke_all();
        assert_eq!(list.of(State::Revoked), ["a", "b", "c"]);
        list.remove("a");
        list.remove("c");
        list.remove("b");
        assert!(list.is_empty());
    }
}
