//! Connections by their source, oldest first, and which source holds the most.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::admission::Member;
use crate::source::Source;

/// All operations are logarithmic in the number of connections, except those that walk one source.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    members: BTreeMap<(Source, u64), Arc<Member>>,
    ranks: HashMap<Source, Rank>,
    by_rank: BTreeSet<(Rank, Source)>,
}

/// How many a source holds; of equals, the one with the older oldest ranks higher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    count: usize,
    oldest: Reverse<u64>,
}

impl Roster {
    pub(crate) fn insert(&mut self, member: &Arc<Member>) {
        if self.members.insert(member.key(), Arc::clone(member)).is_none() {
            self.rank(member.key().0, |count| count + 1);
        }
    }

    /// Whether it was there.
    pub(crate) fn remove(&mut self, member: &Member) -> bool {
        let was_there = self.members.remove(&member.key()).is_some();
        if was_there {
            self.rank(member.key().0, |count| count - 1);
        }
        was_there
    }

    pub(crate) fn len(&self) -> usize {
        self.members.len()
    }

    /// How many come from `source`.
    pub(crate) fn of(&self, source: Source) -> usize {
        self.ranks.get(&source).map_or(0, |rank| rank.count)
    }

    /// The connection that makes room for one of `newcomer`: of the source that holds the most, the oldest one that does
    /// nothing, else the oldest. `None` when no other source holds more than the newcomer's.
    pub(crate) fn dispensable(&self, newcomer: Source) -> Option<Arc<Member>> {
        let (rank, busiest) = *self.by_rank.last()?;
        if rank.count <= self.of(newcomer) {
            return None;
        }
        let of_busiest = || self.members.range((busiest, 0)..=(busiest, u64::MAX)).map(|(_, member)| member);
        of_busiest().find(|member| member.is_idle()).or_else(|| of_busiest().next()).cloned()
    }

    fn rank(&mut self, source: Source, change: impl FnOnce(usize) -> usize) {
        let count = change(self.of(source));
        if let Some(before) = self.ranks.remove(&source) {
            self.by_rank.remove(&(before, source));
        }
        if let Some(((_, oldest), _)) = self.members.range((source, 0)..=(source, u64::MAX)).next() {
            let rank = Rank { count, oldest: Reverse(*oldest) };
            self.ranks.insert(source, rank);
            self.by_rank.insert((rank, source));
        }
    }
}
