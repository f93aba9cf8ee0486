//! Working through what is due, after whoever rang has been answered.

use crate::{
    Peer, Topology,
    lane::{Drained, Lane},
};
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};
use vitrine_clock::{Clock, Timer, Timestamp};
use vitrine_events::{Ring, Spawn, Turn};

/// How long the work of one ring begins further deliveries. A runtime may cut work off that goes on after a response, and
/// what is cut off counts as a try; so it ends by itself, and rings once more if there may be more to do.
const LONGEST: Duration = Duration::from_secs(25);

/// What the relay is made of.
pub struct Settings {
    /// Who emits what, and who consumes it.
    pub topology: Topology,
    /// How each name of the topology is reached.
    pub peers: BTreeMap<&'static str, Peer>,
    /// Of what is due.
    pub clock: Arc<dyn Clock>,
    /// Starts work that goes on after a response.
    pub spawn: Spawn,
    /// Waits.
    pub timer: Arc<dyn Timer>,
    /// Rings this relay, as a service would.
    pub again: Arc<dyn Ring>,
}

/// The relay. Clones are the same one.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    settings: Settings,
    lanes: Vec<Lane>,
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("lanes", &self.0.lanes).finish_non_exhaustive()
    }
}

impl Relay {
    /// A relay that has not been rung. Names of the topology that are not among the peers are left out.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let (topology, peers) = (&settings.topology, &settings.peers);
        let mut lanes = Vec::new();
        for source in topology.sources {
            for consumer in topology.consumers_of(source) {
                if let (Some(from), Some(to)) = (peers.get(source.name), peers.get(consumer.name)) {
                    lanes.push(Lane::new(from.clone(), to.clone(), *consumer, topology.table(source)));
                }
            }
        }
        Self(Arc::new(Inner { settings, lanes }))
    }

    /// Has everything that is due delivered, after this returns: in an instance one drain for each source and consumer,
    /// which delivers also what is rung for while it runs.
    pub fn ring(&self) {
        for lane in &self.0.lanes {
            if let Some(turn) = lane.bell().ring() {
                (self.0.settings.spawn)(Box::pin(self.clone().work(lane.clone(), turn)));
            }
        }
    }

    /// Drains a lane, and waits for what is due soon: so a failed delivery is tried again in time also where nothing
    /// sweeps. What is due later the next ring finds, or the sweep.
    async fn work(self, lane: Lane, mut turn: Turn) {
        let until = self.now() + LONGEST;
        loop {
            let ended = loop {
                match lane.drain(&*self.0.settings.clock, until).await {
                    Drained::Empty(_) if turn.once_more() => {}
                    ended => break ended,
                }
            };
            drop(turn);
            match ended {
                Drained::OutOfTime => return self.0.settings.again.ring(),
                Drained::Empty(Some(wait)) if self.now() + wait <= until => {
                    let at = self.now() + wait;
                    if !lane.set_alarm(at) {
                        return;
                    }
                    self.0.settings.timer.sleep(wait).await;
                    lane.clear_alarm(at);
                    match lane.bell().ring() {
                        Some(next) => turn = next,
                        None => return,
                    }
                }
                Drained::Empty(_) | Drained::Failed => return,
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.0.settings.clock.now()
    }

    /// The sources that this relay asks, by name.
    pub(crate) fn sources(&self) -> impl Iterator<Item = &Peer> {
        let Settings { topology, peers, .. } = &self.0.settings;
        topology.sources.iter().filter_map(|source| peers.get(source.name))
    }
}
