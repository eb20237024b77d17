//! What many entries have in common, kept once.

use std::hash::Hash;
use std::sync::Arc;

use crate::quick_map::QuickMap;

/// Values by a small number, for as long as an entry has it.
pub(super) struct Shared<T> {
    numbers: QuickMap<T, u32>,
    values: Vec<(Option<T>, u32)>,
    free: Vec<u32>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Self { numbers: QuickMap::default(), values: Vec::new(), free: Vec::new() }
    }
}

impl<T: Hash + Eq + Clone> Shared<T> {
    /// The number of a value, one entry more having it.
    pub(super) fn take(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            self.values[*number as usize].1 += 1;
            return *number;
        }
        let number = self.free.pop().unwrap_or_else(|| {
            self.values.push((None, 0));
            u32::try_from(self.values.len() - 1).unwrap_or(u32::MAX)
        });
        self.values[number as usize] = (Some(value.clone()), 1);
        self.numbers.insert(value.clone(), number);
        number
    }

    /// Says that one entry less has the value; the last one forgets it.
    pub(super) fn leave(&mut self, number: u32) {
        let Some((value, count)) = self.values.get_mut(number as usize) else { return };
        *count = count.saturating_sub(1);
        if *count == 0
            && let Some(value) = value.take()
        {
            self.numbers.remove(&value);
            self.free.push(number);
        }
    }

    pub(super) fn get(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)?.0.as_ref()
    }
}

/// A model of a provider.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Served {
    pub(super) model: Arc<str>,
    pub(super) provider: Arc<str>,
}
