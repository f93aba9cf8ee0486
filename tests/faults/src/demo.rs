//! The demo pair in one process.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use vitrine_scenarios::harness::{Deployment, Running, Runtime, repository};
use vitrine_servers::hex;

use crate::{Account, Binding, Client, Tables, Verdict};

const RUNTIME_CONFIG: &str = r#"
[sqlite_database.demo-ledger]
type = "spin"
path = "demo-ledger.db"

[sqlite_database.demo-orders]
type = "spin"
path = "demo-orders.db"
"#;

/// How often somebody who waits looks.
const LOOK: Duration = Duration::from_millis(100);

/// The manifest of the product's sweeper.
const SWEEPER: &str = "spin.cron.toml";

/// The secrets of an app.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Of operators.
    pub admin: String,
    /// Of who rings from outside.
    pub ring: String,
    ledger: String,
    orders: String,
    relay: String,
}

impl Tokens {
    /// Fresh ones.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub fn fresh() -> Result<Self> {
        Ok(Self { admin: hex(32)?, ring: hex(32)?, ledger: hex(32)?, orders: hex(32)?, relay: hex(32)? })
    }

    /// A deployment of the manifest of this name, with these secrets.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn deployment(&self, manifest: &str) -> Result<Deployment> {
        let manifest = repository().join("tests/faults/manifests").join(format!("{manifest}.toml"));
        let mut deployment = Deployment::of(Runtime::Host, &manifest, RUNTIME_CONFIG)?;
        for (name, value) in [
            ("admin_token", &self.admin),
            ("demo_ledger_service_token", &self.ledger),
            ("demo_orders_service_token", &self.orders),
            ("relay_service_token", &self.relay),
            ("ring_token", &self.ring),
        ] {
            deployment.set(name, value);
        }
        Ok(deployment)
    }

    /// The product's sweeper in a process of its own, as it rings whatever answers at `base`. It sweeps until it is dropped.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn sweeper(&self, base: &str) -> Result<Running> {
        let mut deployment = Deployment::of(Runtime::Host, &repository().join(SWEEPER), "")?;
        deployment.set("public_url", base);
        deployment.set("ring_token", &self.ring);
        Ok(deployment.start()?.keeping(deployment))
    }
}

/// The databases of a deployment that keeps its files in `state`.
pub(crate) fn tables(deployment: &Deployment, state: &Path) -> Tables {
    match (deployment.database("demo_orders"), deployment.database("demo_ledger")) {
        (Some(orders), Some(ledger)) => Tables::Postgres(orders.to_owned(), ledger.to_owned()),
        _ => Tables::Folder(state.to_path_buf()),
    }
}

/// The demo pair with its relay, in one process.
pub struct Demo {
    /// How it is started; what is set here takes effect at the next start.
    pub deployment: Deployment,
    /// Its secrets.
    pub tokens: Tokens,
    /// What it keeps.
    pub tables: Tables,
    /// Asks it.
    pub client: Client,
}

impl Demo {
    /// The app, not yet started. Nobody sweeps it.
    ///
    /// # Errors
    /// When its folder or its databases cannot be made.
    pub fn new(binding: &Binding) -> Result<Self> {
        Self::with(binding, |_| {})
    }

    /// The app together with the product's sweeper: it recovers by itself.
    ///
    /// # Errors
    /// When its folder or its databases cannot be made.
    pub fn swept(binding: &Binding) -> Result<Self> {
        Self::with(binding, |deployment| deployment.also(&repository().join(SWEEPER)))
    }

    /// The same, which keeps its SQLite files in another folder.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn swept_in(state: &Path) -> Result<Self> {
        let mut demo = Self::swept(&Binding::Embedded)?;
        demo.deployment.keep_state_in(state);
        demo.tables = Tables::Folder(state.to_path_buf());
        Ok(demo)
    }

    /// The app, prepared further before it is bound.
    ///
    /// # Errors
    /// When its folder or its databases cannot be made.
    pub fn with(binding: &Binding, prepare: impl FnOnce(&mut Deployment)) -> Result<Self> {
        let tokens = Tokens::fresh()?;
        let mut deployment = tokens.deployment("demo")?;
        prepare(&mut deployment);
        if let Binding::Servers(given) = binding {
            deployment.bind(given)?;
        }
        let tables = tables(&deployment, deployment.data());
        Ok(Self { deployment, tokens, tables, client: Client::new()? })
    }

    /// Starts a process of it. Several may run at once.
    ///
    /// # Errors
    /// When it does not get ready.
    pub fn start(&self) -> Result<Running> {
        self.deployment.start()
    }

    /// Waits until all that was acknowledged has taken effect and nothing is left to be delivered. Rings nobody.
    ///
    /// # Errors
    /// When it is not so within that time, or something took effect twice.
    pub async fn settled(&self, running: &Running, account: &Account, within: Duration) -> Result<Verdict> {
        settled(&self.tables, account, within).await.with_context(|| last_lines(&running.log()))
    }
}

/// The end of a log, for messages.
pub(crate) fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
}

pub(crate) async fn settled(tables: &Tables, account: &Account, within: Duration) -> Result<Verdict> {
    let start = Instant::now();
    loop {
        // An effect can come twice only by a delivery that is made again, maybe when its lease has run out. So what is judged in
        // the end was read after nothing was left to be delivered.
        let left = tables.undelivered();
        // The ledger is read first: what takes effect between the two is not taken for an effect without its order.
        let entries = tables.entries();
        let found = tables.orders().and_then(|orders| Ok((account.judge(&orders, &entries?), left?)));
        match found {
            Ok((verdict, 0)) if verdict.is_good() => return Ok(verdict),
            Ok((verdict, _)) if !verdict.doubled.is_empty() || !verdict.strange.is_empty() => bail!("{verdict}"),
            Ok((verdict, left)) if start.elapsed() > within => {
                bail!("not settled after {within:?}, {left} deliveries are left: {verdict}")
            }
            Err(error) if start.elapsed() > within => return Err(error),
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}
