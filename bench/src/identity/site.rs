//! The servers, each with a user of its own.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use vitrine_scenarios::World;
use vitrine_scenarios::client::Client;
use vitrine_scenarios::harness::{Deployment, Runtime, repository};
use vitrine_scenarios::user::User;

use crate::load::Target;
use crate::native::{ARGON2, Core};
use crate::server::{Server, cpu_time};

/// Who one is: reads an account by the token.
pub(super) const ME: &str = "/api/v1/auth/me";

/// How the manifest of the product says which door a component has.
const AUTH_INSIDE: &str = "route = { private = true }\ncomponent = \"auth\"";
const AUTH_OUTSIDE: &str = "route = \"/...\"\ncomponent = \"auth\"";
const GATEWAY_OUTSIDE: &str = "route = \"/...\"\ncomponent = \"gateway\"";
const GATEWAY_INSIDE: &str = "route = { private = true }\ncomponent = \"gateway\"";

/// A server that answers auth's routes, and somebody who is logged in there.
pub(super) struct Site {
    pub(super) server: Server,
    pub(super) user: User,
}

impl Site {
    /// Auth natively.
    pub(super) fn native() -> Result<Self> {
        Self::of(Server::native(Core::Auth)?)
    }

    /// The product, whose gateway leads to auth.
    pub(super) fn product() -> Result<Self> {
        Self::of(Server::started("gateway", at_full_cost(Deployment::product(Runtime::Host)?))?)
    }

    /// The product, but that requests come to auth without the gateway.
    pub(super) fn without_gateway() -> Result<Self> {
        let mut text = fs::read_to_string(repository().join("spin.toml")).context("spin.toml")?;
        let built = repository().join("target/components").display().to_string();
        for (old, new) in
            [(GATEWAY_OUTSIDE, GATEWAY_INSIDE), (AUTH_INSIDE, AUTH_OUTSIDE), ("target/components", &built)]
        {
            ensure!(text.contains(old), "spin.toml says no longer {old:?}");
            text = text.replace(old, new);
        }
        let folder = tempfile::tempdir()?;
        let manifest = folder.path().join("spin.toml");
        fs::write(&manifest, text)?;
        let deployment = Deployment::product_of(Runtime::Host, &manifest)?;
        Self::of(Server::started("no gateway", at_full_cost(deployment))?)
    }

    fn of(server: Server) -> Result<Self> {
        let user = register(&server)?;
        Ok(Self { server, user })
    }

    /// Somebody new.
    pub(super) fn register(&self) -> Result<User> {
        register(&self.server)
    }

    /// A read by a token.
    pub(super) fn read<'a>(&self, token: &'a str) -> Target<'a> {
        Target { address: self.server.address, path: ME, token: Some(token) }
    }

    /// The processor time that its process has used.
    pub(super) fn cpu_time(&self) -> Result<Duration> {
        cpu_time(self.server.id())
    }
}

/// With what hashing costs in production, which the tests lower. How often one may ask is counted, by quotas that nobody
/// uses up.
fn at_full_cost(mut deployment: Deployment) -> Deployment {
    deployment.set("argon2_memory_kib", &ARGON2.0.to_string());
    deployment.set("argon2_iterations", &ARGON2.1.to_string());
    for limit in ["limit_account", "limit_address", "limit_login", "limit_registration"] {
        deployment.set(limit, "4000000000/60");
    }
    deployment
}

fn register(server: &Server) -> Result<User> {
    let client = Client::new(&format!("http://{}", server.address))?;
    let world = World { client, runtime: Runtime::Host, secrets: None };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(world.register("bench")).with_context(|| server.name)
}
