//! Making ordered maps.

use std::collections::BTreeMap;

/// Puts pairs into a map one by one. Collecting them would sort them first, and a sort is large code: there would be one
/// for every type of pair.
pub fn ordered<K: Ord, V>(pairs: impl IntoIterator<Item = (K, V)>) -> BTreeMap<K, V> {
    let mut map = BTreeMap::new();
    for (key, value) in pairs {
        map.insert(key, value);
    }
    map
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_of_two_pairs_with_one_key_stays_as_when_collected() {
        let pairs = [(2, 'a'), (1, 'b'), (2, 'c')];
        assert_eq!(ordered(pairs), pairs.into_iter().collect());
    }
}
