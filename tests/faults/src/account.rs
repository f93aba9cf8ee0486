//! What a client was promised, and whether it was kept.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// One row of a table of the app: an order, or an entry of the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// The order.
    pub order: String,
    /// What it is about.
    pub amount: i64,
}

#[derive(Debug, Clone, Copy)]
struct Promise {
    amount: i64,
    acknowledged: bool,
}

/// Every order that was sent, and whether the app acknowledged it: a ledger that the app cannot write.
#[derive(Debug, Default)]
pub struct Account(Mutex<BTreeMap<String, Promise>>);

/// Whether the app kept its promises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Orders that were acknowledged.
    pub acknowledged: usize,
    /// Orders that were sent and never acknowledged: they may have taken effect, once.
    pub doubtful: usize,
    /// How many of those took effect.
    pub doubtful_kept: usize,
    /// Acknowledged orders that are not there, or orders without their effect.
    pub lost: Vec<String>,
    /// Orders that are there, or took effect, more than once.
    pub doubled: Vec<String>,
    /// Rows that nobody sent like this, and effects without their order.
    pub strange: Vec<String>,
}

impl Account {
    /// An order is about to be sent.
    pub fn sending(&self, order: &str, amount: i64) {
        self.change(|promises| {
            promises.entry(order.to_owned()).or_insert(Promise { amount, acknowledged: false }).amount
        });
    }

    /// An order was answered 2xx.
    pub fn acknowledged(&self, order: &str) {
        self.change(|promises| {
            if let Some(promise) = promises.get_mut(order) {
                promise.acknowledged = true;
            }
        });
    }

    /// How many orders were acknowledged so far.
    #[must_use]
    pub fn count(&self) -> usize {
        self.change(|promises| promises.values().filter(|promise| promise.acknowledged).count())
    }

    fn change<T>(&self, change: impl FnOnce(&mut BTreeMap<String, Promise>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Compares all that was sent with all rows of the app: its orders, and their effects.
    #[must_use]
    pub fn judge(&self, orders: &[Row], effects: &[Row]) -> Verdict {
        let (orders, effects) = (counted(orders), counted(effects));
        self.change(|promises| {
            let mut verdict = Verdict::default();
            for (id, promise) in promises.iter() {
                let row = Row { order: id.clone(), amount: promise.amount };
                let there = orders.get(&row).copied().unwrap_or(0);
                let effected = effects.get(&row).copied().unwrap_or(0);
                if promise.acknowledged {
                    verdict.acknowledged += 1;
                } else {
                    verdict.doubtful += 1;
                    verdict.doubtful_kept += there.min(1);
                }
                if (promise.acknowledged && there == 0) || effected < there {
                    verdict.lost.push(id.clone());
                }
                if there > 1 || effected > 1 {
                    verdict.doubled.push(id.clone());
                }
            }
            for row in orders.keys().chain(effects.keys()) {
                let sent = promises.get(&row.order).is_some_and(|promise| promise.amount == row.amount);
                if !sent || !orders.contains_key(row) {
                    verdict.strange.push(row.order.clone());
                }
            }
            verdict
        })
    }
}

fn counted(rows: &[Row]) -> BTreeMap<Row, usize> {
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.clone()).or_default() += 1;
    }
    counts
}

impl Verdict {
    /// Whether nothing was lost, doubled or made up.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.strange.is_empty()
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { acknowledged, doubtful, doubtful_kept, lost, doubled, strange } = self;
        write!(f, "{} lost, {} doubled", lost.len(), doubled.len())?;
        write!(
            f,
            " ({acknowledged} orders acknowledged; of {doubtful} that were not, {doubtful_kept} took effect once)"
        )?;
        for (what, which) in [("lost", lost), ("doubled", doubled), ("never sent", strange)] {
            if !which.is_empty() {
                write!(f, "\n{what}: {}", which.join(" "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(order: &str, amount: i64) -> Row {
        Row { order: order.to_owned(), amount }
    }

    fn account() -> Account {
        let account = Account::default();
        for (order, amount) in [("a", 1), ("b", 2), ("c", 3)] {
            account.sending(order, amount);
        }
        account.acknowledged("a");
        account.acknowledged("b");
        account
    }

    #[test]
    fn what_was_kept_once_is_good_and_what_was_not_acknowledged_may_be_there_or_not() {
        let all = [row("a", 1), row("b", 2), row("c", 3)];
        let verdict = account().judge(&all, &all);
        assert!(verdict.is_good(), "{verdict}");
        assert_eq!((verdict.acknowledged, verdict.doubtful, verdict.doubtful_kept), (2, 1, 1));
        let two = [row("a", 1), row("b", 2)];
        assert!(account().judge(&two, &two).is_good());
    }

    #[test]
    fn what_is_lost_is_seen_in_orders_and_in_effects() {
        let (one, two) = ([row("a", 1)], [row("a", 1), row("b", 2)]);
        assert_eq!(account().judge(&one, &one).lost, ["b"]);
        assert_eq!(account().judge(&two, &one).lost, ["b"]);
        // Not acknowledged, but there: then its effect must be there too.
        assert_eq!(account().judge(&[row("a", 1), row("b", 2), row("c", 3)], &two).lost, ["c"]);
    }

    #[test]
    fn what_is_doubled_or_made_up_is_seen() {
        let two = [row("a", 1), row("b", 2)];
        assert_eq!(account().judge(&two, &[row("a", 1), row("a", 1), row("b", 2)]).doubled, ["a"]);
        assert_eq!(account().judge(&two, &[row("a", 1), row("b", 2), row("c", 3)]).strange, ["c"]);
        assert_eq!(account().judge(&[row("a", 1), row("b", 2), row("b", 5)], &two).strange, ["b"]);
    }
}
