//! A table of bounded size, in which what was hard to come by is hard to push out.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

/// Classes of worth.
const CLASSES: usize = 8;

/// How much a row matters; `None`: it says no more than no row.
pub(super) type Worth = Option<u32>;

struct Row<V> {
    value: V,
    class: usize,
    turn: u64,
}

/// Rows are classed by the logarithm of their worth and each class has an equal share of the table. When a share is full,
/// the row of it that was changed longest ago goes.
///
/// So to push out a row that is worth `n` takes others worth about `n` times an eighth of the table altogether: neither a
/// flood of rows worth 1, nor a table full of such as matter more, keeps a row from growing.
pub(super) struct Table<K, V> {
    rows: HashMap<K, Row<V>>,
    classes: [BTreeMap<u64, K>; CLASSES],
    turn: u64,
    share: usize,
}

fn class_of(worth: u32) -> usize {
    let class = worth.checked_ilog2().map_or(0, |log| log + 1);
    usize::try_from(class).unwrap_or(CLASSES).min(CLASSES - 1)
}

impl<K: Copy + Eq + Hash, V: Default> Table<K, V> {
    pub(super) fn new(rows_max: usize) -> Self {
        let share = (rows_max / CLASSES).max(1);
        Self { rows: HashMap::new(), classes: Default::default(), turn: 0, share }
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let classed: usize = self.classes.iter().map(BTreeMap::len).sum();
        assert_eq!(self.rows.len(), classed, "every row stands in one class");
        classed
    }

    /// A row, without counting it as changed.
    pub(super) fn look(&mut self, key: &K) -> Option<&mut V> {
        self.rows.get_mut(key).map(|row| &mut row.value)
    }

    /// Changes a row, a new one when there is none; `change` answers and says what it is worth now.
    pub(super) fn change<T>(&mut self, key: K, change: impl FnOnce(&mut V) -> (T, Worth)) -> T {
        let mut value = self.take(&key);
        let (answer, worth) = change(&mut value);
        let Some(class) = worth.map(class_of) else { return answer };
        self.turn += 1;
        let order = &mut self.classes[class];
        order.insert(self.turn, key);
        let oldest = if order.len() > self.share { order.pop_first() } else { None };
        self.rows.insert(key, Row { value, class, turn: self.turn });
        if let Some((_, oldest)) = oldest {
            self.rows.remove(&oldest);
        }
        answer
    }

    fn take(&mut self, key: &K) -> V {
        let Some(row) = self.rows.remove(key) else { return V::default() };
        self.classes[row.class].remove(&row.turn);
        row.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One more failure, say.
    fn add(table: &mut Table<u32, u32>, key: u32) {
        table.change(key, |value| {
            *value += 1;
            ((), Some(*value))
        });
    }

    fn worth(table: &mut Table<u32, u32>, key: u32) -> u32 {
        table.look(&key).copied().unwrap_or(0)
    }

    #[test]
    fn a_flood_of_rows_pushes_out_none_that_is_worth_more_and_grows_no_memory_a5() {
        let mut table = Table::new(80);
        for _ in 0..20 {
            add(&mut table, 0);
        }
        for key in 1..10_000 {
            for _ in 0..15 {
                add(&mut table, key);
            }
            assert!(table.len() <= 80);
        }
        assert_eq!(worth(&mut table, 0), 20);
        assert_eq!((worth(&mut table, 9_989), worth(&mut table, 9_990)), (0, 15), "ten of this worth stay");
    }

    #[test]
    fn a_row_grows_though_the_table_is_full_of_rows_that_are_worth_more_a5() {
        let mut table = Table::new(80);
        for key in 0..100 {
            for _ in 0..100 {
                add(&mut table, key);
            }
        }
        for step in 1..=20 {
            add(&mut table, 1000);
            add(&mut table, 1001);
            assert_eq!((worth(&mut table, 1000), worth(&mut table, 1001)), (step, step));
        }
    }

    #[test]
    fn what_is_worth_nothing_is_not_kept() {
        let mut table = Table::new(80);
        add(&mut table, 1);
        table.change(1, |_| ((), None));
        assert_eq!(table.len(), 0);
    }

    #[test]
    fn classes_are_powers_of_two() {
        assert_eq!([0, 1, 2, 3, 4, 20, 63, 64, u32::MAX].map(class_of), [0, 1, 2, 2, 3, 5, 6, 7, 7]);
    }
}
