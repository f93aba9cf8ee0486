//! Bytes, and what is made of them.

use super::{Outcome, check_eq};
use crate::{Ids, Random, bytes};
use std::{collections::BTreeSet, sync::Arc};
use vitrine_clock::SystemClock;

pub(super) async fn every_byte_is_filled(random: Arc<dyn Random>) -> Outcome {
    for length in [0, 1, 7, 8, 9, 33, 1000] {
        // A byte that stays zero in 64 draws was not filled: by chance that is one in 2^512.
        let mut seen = vec![0_u8; length];
        for _ in 0..64 {
            let mut buffer = vec![0; length];
            random.fill(&mut buffer);
            seen.iter_mut().zip(buffer).for_each(|(seen, byte)| *seen |= byte);
        }
        check_eq!(seen.iter().filter(|seen| **seen == 0).count(), 0);
    }
    Ok(())
}

pub(super) async fn no_draw_is_like_another(random: Arc<dyn Random>) -> Outcome {
    let draws: BTreeSet<[u8; 16]> = (0..1000).map(|_| bytes(&random)).collect();
    check_eq!(draws.len(), 1000);
    Ok(())
}

pub(super) async fn ids_are_different(random: Arc<dyn Random>) -> Outcome {
    let ids = Ids::new(Arc::new(SystemClock), random);
    let made: BTreeSet<_> = (0..1000).map(|_| ids.next()).collect();
    check_eq!(made.len(), 1000);
    check_eq!(made.iter().all(|id| id.get_version_num() == 7), true);
    Ok(())
}
