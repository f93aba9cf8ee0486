//! A component as the host runs it: its code, what it was granted, and its limits.

use crate::capability::Grants;
use crate::dispatch::Dispatcher;
use crate::instance::{InstanceState, Meter};
use crate::manifest::{AppTool, Limits};
use crate::metrics::ComponentMetrics;
use std::sync::{Arc, OnceLock, Weak};
use wasmtime::component::{ComponentExportIndex, InstancePre};
use wasmtime_wasi_http::handler::ProxyPre;

/// A component of the app, ready to be instantiated.
pub struct Guest {
    /// Its id in the manifest.
    pub name: String,
    /// Its code, linked; nothing before [`Guest::code`] was set.
    code: OnceLock<Code>,
    /// What the manifest grants it, bound to what the runtime config says.
    pub grants: Grants,
    /// What it may use up.
    pub limits: Limits,
    /// How often and how long an instance is used again.
    pub tool: AppTool,
    /// Its series.
    pub metrics: ComponentMetrics,
    dispatcher: OnceLock<Weak<Dispatcher>>,
}

/// The code of a component, by what triggers can call of it. It may export several of these.
pub struct Code {
    /// A WASI HTTP handler (0.2 or 0.3).
    pub http: Option<ProxyPre<InstanceState>>,
    /// The cron trigger's function.
    pub cron: Option<ComponentExportIndex>,
    /// The Redis trigger's function.
    pub redis: Option<ComponentExportIndex>,
    /// What instances for those functions are made of.
    pub plain: InstancePre<InstanceState>,
}

impl Guest {
    /// A component without its code.
    #[must_use]
    pub fn new(name: String, grants: Grants, limits: Limits, tool: AppTool, metrics: ComponentMetrics) -> Self {
        Self { name, code: OnceLock::new(), grants, limits, tool, metrics, dispatcher: OnceLock::new() }
    }

    /// Gives it its code, once.
    pub fn set_code(&self, code: Code) {
        _ = self.code.set(code);
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Option<&Code> {
        self.code.get()
    }

    /// Tells it who carries its chained calls, once.
    pub fn set_dispatcher(&self, dispatcher: &Arc<Dispatcher>) {
        _ = self.dispatcher.set(Arc::downgrade(dispatcher));
    }

    /// Who carries its chained calls; nothing while the app starts or ends.
    #[must_use]
    pub fn dispatcher(&self) -> Option<Arc<Dispatcher>> {
        self.dispatcher.get()?.upgrade()
    }

    /// A meter for a new instance.
    #[must_use]
    pub fn meter(&self) -> Meter {
        let memory = self.limits.memory_bytes();
        Meter::new(memory, self.limits.cpu, self.metrics.memory.clone())
    }
}
