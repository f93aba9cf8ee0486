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

/// How often somebody who waits looks, and how often he rings.
const LOOK: Duration = Duration::from_millis(100);
const SWEEP: Duration = Duration::from_secs(1);

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
    /// The app, not yet started.
    ///
    /// # Errors
    /// When its folder or its databases cannot be made.
    pub fn new(binding: &Binding) -> Result<Self> {
        Self::with(binding, |_| {})
    }

    /// The app, which keeps its SQLite files in another folder.
    ///
    /// # Errors
    /// When its folder cannot be made.
    pub fn in_folder(state: &Path) -> Result<Self> {
        let mut demo = Self::new(&Binding::Embedded)?;
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

    /// Waits until all that was acknowledged has taken effect, and rings meanwhile as a sweep does.
    ///
    /// # Errors
    /// When it has not within that time, or something took effect twice.
    pub async fn settled(&self, running: &Running, account: &Account, within: Duration) -> Result<Verdict> {
        let sweep = Some((running.base(), &self.tokens));
        settled(&self.client, &self.tables, sweep, account, within).await.with_context(|| last_lines(&running.log()))
    }

    /// Waits likewise, but rings nobody.
    ///
    /// # Errors
    /// When it has not within that time, or something took effect twice.
    pub async fn settled_alone(&self, running: &Running, account: &Account, within: Duration) -> Result<Verdict> {
        settled(&self.client, &self.tables, None, account, within).await.with_context(|| last_lines(&running.log()))
    }
}

/// The end of a log, for messages.
pub(crate) fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().filter(|line| line.contains("WARN") || line.contains("ERROR")).collect();
    lines.get(lines.len().saturating_sub(30)..).unwrap_or_default().join("\n")
}

pub(crate) async fn settled(
    client: &Client,
    tables: &Tables,
    sweep: Option<(String, &Tokens)>,
    account: &Account,
    within: Duration,
) -> Result<Verdict> {
    let (start, mut swept) = (Instant::now(), None::<Instant>);
    loop {
        if let Some((base, tokens)) = &sweep
            && swept.is_none_or(|at| at.elapsed() >= SWEEP)
        {
            swept = Some(Instant::now());
            // A sweep that is lost is made again.
            let _lost = client.sweep(base, tokens).await;
        }
        // The ledger is read first: what takes effect between the two is not taken for an effect without its order.
        let entries = tables.entries();
        let verdict = tables.orders().and_then(|orders| Ok(account.judge(&orders, &entries?)));
        match verdict {
            Ok(verdict) if verdict.is_good() => return Ok(verdict),
            Ok(verdict) if !verdict.doubled.is_empty() || !verdict.strange.is_empty() => bail!("{verdict}"),
            Ok(verdict) if start.elapsed() > within => bail!("not settled after {within:?}: {verdict}"),
            Err(error) if start.elapsed() > within => return Err(error),
            _ => tokio::time::sleep(LOOK).await,
        }
    }
}
