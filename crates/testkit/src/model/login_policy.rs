//! `multiLogin.policy`: which sessions of one user a new login ends.

/// The kind of device of a platform.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DeviceClass {
    Mobile,
    Pc,
    Pad,
    /// Each of the others is alone in its class.
    Own(i32),
}

const WEB: i32 = 5;

fn class(platform_id: i32) -> DeviceClass {
    match platform_id {
        1 | 2 => DeviceClass::Mobile,
        3 | 4 | 7 => DeviceClass::Pc,
        8 | 9 => DeviceClass::Pad,
        other => DeviceClass::Own(other),
    }
}

/// Whether a login on platform `new` ends a session on platform `old`: 0 never, 1 on the same platform, 2 always, 3 one on the Web and one
/// elsewhere, 4 one of each class, 5 any number of PCs and one other.
pub(crate) fn replaces(policy: u8, new: i32, old: i32) -> bool {
    match policy {
        1 => new == old,
        2 => true,
        3 => (new == WEB) == (old == WEB),
        4 => class(new) == class(old),
        5 => class(new) != DeviceClass::Pc && class(old) != DeviceClass::Pc,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_policy_ends_its_sessions() {
        let ended = |policy, new| (1..=9).filter(|old| replaces(policy, new, *old)).collect::<Vec<_>>();
        assert!(ended(0, 5).is_empty());
        assert_eq!(ended(1, 5), [5]);
        assert_eq!(ended(2, 5), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!((ended(3, 5), ended(3, 1)), (vec![5], vec![1, 2, 3, 4, 6, 7, 8, 9]));
        assert_eq!((ended(4, 3), ended(4, 1), ended(4, 5)), (vec![3, 4, 7], vec![1, 2], vec![5]));
        assert_eq!((ended(5, 3), ended(5, 1)), (vec![], vec![1, 2, 5, 6, 8, 9]));
    }
}
