//! The demo pair over two processes, with a proxy in each call between its components.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use vitrine_scenarios::harness::{Deployment, Running};

use crate::demo::{last_lines, settled, tables};
use crate::{Account, Binding, Client, Proxy, Reply, Tables, Tokens, Verdict};

/// Where nobody listens, until a process is started.
const NOWHERE: &str = "http://127.0.0.1:1";

/// Orders and ledger in one process, the relay in another.
pub struct Split {
    /// Starts the services.
    pub services: Deployment,
    /// Starts a relay. Several may run at once.
    pub relay: Deployment,
    /// From the orders to the relay: the rings.
    pub rings: Proxy,
    /// From the relay to the orders: claims and acknowledgements.
    pub claims: Proxy,
    /// From the relay to the ledger: deliveries.
    pub deliveries: Proxy,
    /// The secrets.
    pub tokens: Tokens,
    /// What both services keep.
    pub tables: Tables,
    /// Asks them.
    pub client: Client,
}

impl Split {
    /// Both apps, not yet started, with proxies that pass everything on.
    ///
    /// # Errors
    /// When folders, databases or ports cannot be had.
    pub async fn new(binding: &Binding) -> Result<Self> {
        let tokens = Tokens::fresh()?;
        let (rings, claims) = (Proxy::before(NOWHERE).await?, Proxy::before(NOWHERE).await?);
        let deliveries = Proxy::before(NOWHERE).await?;
        let mut services = tokens.deployment("services")?;
        services.set("relay_url", rings.base());
        if let Binding::Servers(given) = binding {
            services.bind(given)?;
        }
        let mut relay = tokens.deployment("relay")?;
        relay.set("demo_orders_url", claims.base());
        relay.set("demo_ledger_url", deliveries.base());
        let tables = tables(&services, Path::new(services.data()));
        Ok(Self { services, relay, rings, claims, deliveries, tokens, tables, client: Client::new()? })
    }

    /// Starts the services, and leads the relay's calls to them.
    ///
    /// # Errors
    /// When they do not get ready.
    pub fn start_services(&self) -> Result<Running> {
        let running = self.services.start()?;
        self.claims.lead_to(&running.base());
        self.deliveries.lead_to(&running.base());
        Ok(running)
    }

    /// Starts a relay, and leads the rings to it.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start_relay(&self) -> Result<Running> {
        let running = self.relay.start()?;
        self.rings.lead_to(&running.base());
        Ok(running)
    }

    /// Sends orders of these numbers, each of which must be kept.
    ///
    /// # Errors
    /// When one is not.
    pub async fn place(
        &self,
        services: &Running,
        account: &Account,
        prefix: &str,
        numbers: std::ops::Range<u32>,
    ) -> Result<()> {
        for number in numbers {
            let id = format!("{prefix}-{number}");
            account.sending(&id, number.into());
            let reply = self.client.order(&services.base(), &id, number.into()).await;
            anyhow::ensure!(reply == Reply::Kept, "{id}: {reply:?}\n{}", last_lines(&services.log()));
            account.acknowledged(&id);
        }
        Ok(())
    }

    /// Waits until all that was acknowledged has taken effect and nothing is left to be delivered; the product's sweeper rings the
    /// relay meanwhile, where one is given.
    ///
    /// # Errors
    /// When it is not so within that time, or something took effect twice.
    pub async fn settled(&self, relay: Option<&Running>, account: &Account, within: Duration) -> Result<Verdict> {
        let _sweeper = relay.map(|relay| self.tokens.sweeper(&relay.base())).transpose()?;
        let log = || relay.map(|relay| last_lines(&relay.log())).unwrap_or_default();
        settled(&self.tables, account, within).await.with_context(log)
    }
}
