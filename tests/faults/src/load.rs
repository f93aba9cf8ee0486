//! Buyers that order without a pause, and ask again when they were not answered.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use tokio::task::JoinHandle;

use crate::{Account, Client, Dice, Reply};

/// How long a buyer waits before he asks again.
const AGAIN: Duration = Duration::from_millis(10);
/// How long he waits before he looks whether there is an app again.
const LOOK: Duration = Duration::from_millis(2);
/// He gives up once in so many failures: what he sent may have taken effect or not, but not twice.
const GIVES_UP: u64 = 4;

/// How often orders were not kept, by status; 0 stands for no answer.
pub type Refusals = BTreeMap<u16, u64>;

struct Shared {
    client: Client,
    account: Arc<Account>,
    base: Mutex<String>,
    over: AtomicBool,
    refusals: Mutex<Refusals>,
}

/// Some buyers at work. They go on until they are told to stop.
pub struct Load {
    shared: Arc<Shared>,
    buyers: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many buyers, who order at `base` and write down what they are promised.
    ///
    /// # Errors
    /// When HTTP cannot be set up.
    pub fn start(account: &Arc<Account>, base: &str, buyers: usize, dice: &Dice) -> Result<Self> {
        let shared = Arc::new(Shared {
            client: Client::new()?,
            account: Arc::clone(account),
            base: Mutex::new(base.to_owned()),
            over: AtomicBool::new(false),
            refusals: Mutex::default(),
        });
        let buyers = (0..buyers).map(|buyer| tokio::spawn(buy(Arc::clone(&shared), buyer, dice.clone()))).collect();
        Ok(Self { shared, buyers })
    }

    /// Orders are sent there from now on; nowhere, while `base` is empty.
    pub fn lead_to(&self, base: &str) {
        base.clone_into(&mut self.shared.base.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// How often orders were not kept so far.
    #[must_use]
    pub fn refusals(&self) -> Refusals {
        self.shared.refusals.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Stops when the orders that are under way are answered or given up.
    pub async fn stop(self) -> Refusals {
        self.shared.over.store(true, Ordering::SeqCst);
        for buyer in self.buyers {
            if let Err(error) = buyer.await {
                eprintln!("a buyer: {error}");
            }
        }
        std::mem::take(&mut *self.shared.refusals.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn buy(shared: Arc<Shared>, buyer: usize, dice: Dice) {
    for number in 0_i64.. {
        let id = format!("b{buyer}-{number}");
        shared.account.sending(&id, number);
        loop {
            if shared.over.load(Ordering::SeqCst) {
                return;
            }
            let base = shared.base.lock().unwrap_or_else(PoisonError::into_inner).clone();
            if base.is_empty() {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            let status = match shared.client.order(&base, &id, number).await {
                Reply::Kept => {
                    shared.account.acknowledged(&id);
                    break;
                }
                Reply::Refused(status) => status,
                Reply::Lost => 0,
            };
            *shared.refusals.lock().unwrap_or_else(PoisonError::into_inner).entry(status).or_default() += 1;
            tokio::time::sleep(AGAIN).await;
            if dice.once_in(GIVES_UP) {
                break;
            }
        }
    }
}
