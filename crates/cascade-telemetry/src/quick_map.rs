//! Maps whose keys are hashed quickly.

use std::collections::HashMap;

/// A map for the path of every call. Its hash is seeded at random for each process, so that keys that
/// people choose cannot be made to collide.
pub(crate) type QuickMap<K, V> = HashMap<K, V, foldhash::quality::RandomState>;
