//! A share of the users, so that several machines can divide the work.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

/// Share `index` (from 1) of `count`. Every user is in exactly one of them, whatever the order and
/// the source of the users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shard {
    index: u64,
    count: u64,
}

impl Shard {
    /// Whether a user is in this share. `key` is the id in lower case.
    pub(crate) fn has(self, key: &str) -> bool {
        if self.count == 1 {
            return true;
        }
        let digest = Sha256::digest(key.as_bytes());
        let number = digest
            .iter()
            .take(8)
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        number % self.count == self.index - 1
    }

    /// Whether this is the share that does what has to be done once.
    pub(crate) fn is_first(self) -> bool {
        self.index == 1
    }

    /// The name of this share's state file, without an extension.
    pub(crate) fn name(self) -> String {
        if self.count == 1 {
            "state".to_owned()
        } else {
            format!("shard-{}-of-{}", self.index, self.count)
        }
    }
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Shard, &'static str> {
        const WRONG: &str = "write it as I/N, with I from 1 to N, such as 1/4";
        let (index, count) = text.split_once('/').ok_or(WRONG)?;
        let index = index.parse().map_err(|_| WRONG)?;
        let count = count.parse().map_err(|_| WRONG)?;
        if index == 0 || index > count {
            return Err(WRONG);
        }
        Ok(Shard { index, count })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_user_is_in_exactly_one_share() {
        let shards: Vec<Shard> = (1..=3).map(|i| format!("{i}/3").parse().unwrap()).collect();
        let mut sizes = [0; 3];
        for user in 0..3000 {
            let key = format!("user{user}@contoso.com");
            let holders: Vec<usize> = (0..3).filter(|i| shards[*i].has(&key)).collect();
            assert_eq!(holders.len(), 1, "{key}");
            sizes[holders[0]] += 1;
        }
        assert!(
            sizes.iter().all(|size| (900..1100).contains(size)),
            "{sizes:?}"
        );
    }

    #[test]
    fn only_shares_are_read() {
        assert_eq!("1/1".parse(), Ok(Shard { index: 1, count: 1 }));
        assert_eq!(
            "2/4".parse::<Shard>().map(Shard::name),
            Ok("shard-2-of-4".to_owned())
        );
        for text in ["", "1", "0/4", "5/4", "a/b", "1/0", "-1/2", "1/2/3"] {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }
}
